"""Norse's neurons as nodes, read off its release 1.1: Euler's steps of ``dt``, spikes above (not at) the threshold.

A cell takes a step a call, the modules without "Cell" in their name take time first. Recurrent ones hold their weights.
"""

from typing import Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules.layer import Layer, put

_TYPES = {
    "LIF": "cubalif-euler",
    "LIFBox": "lif-euler",
    "IAF": "leaky",
    "LI": "cubali-euler",
    "LILinear": "cubali-euler",
    "LIBox": "li-euler",
    "LSNN": "lsnn",
    "LIFEx": "cubaeif-euler",
    "LIFAdEx": "cubaadex-euler",
    "LIFRefrac": "cubalif-refractory",
}
_CELLS = (
    "LIFCell",
    "LIFRecurrentCell",
    "LIFBoxCell",
    "IAFCell",
    "LICell",
    "LILinearCell",
    "LIBoxCell",
    "LSNNCell",
    "LSNNRecurrentCell",
    "LIFExCell",
    "LIFExRecurrentCell",
    "LIFAdExCell",
    "LIFAdExRecurrentCell",
    "LIFRefracCell",
    "LIFRefracRecurrentCell",
)
_WHOLE = ("LIF", "LIFRecurrent", "IAF", "LI", "LSNN", "LSNNRecurrent", "LIFRefracRecurrent")
_WHOLE += ("LIFEx", "LIFExRecurrent", "LIFAdEx", "LIFAdExRecurrent")
NEURONS = frozenset([*_CELLS, *_WHOLE])
STATEFUL = frozenset(["SNN", "SNNCell", "SNNRecurrent", "SNNRecurrentCell", "LConv2d", "CobaLIFCell", "LIFCorrelation"])
KEEPS_STATES = False
"""Between calls; the tracer sees that they are given back."""
_SHARES = (
    ("share_syn", "tau_syn_inv"),
    ("share_mem", "tau_mem_inv"),
    ("share_adapt", "tau_adapt_inv"),
    ("share_adapt", "tau_ada_inv"),
)
_OTHERS = {"delta": "delta_T", "coupling": "adaptation_current", "rise": "adaptation_spike"}


def step(part: Any) -> float:
    """Its dt, s."""
    return float(part.dt)


def reset(part: Any) -> None:
    """Norse's layers keep no states between calls."""


def layer(part: Any, shape: tuple[int, ...], dt: float, where: str) -> Layer:
    """A layer as nodes: the neurons, and of one that holds weights "w_in" before them and "w_rec" back to them.

    Args:
        part: one of `NEURONS`.
        shape: of a sample's neurons.
        dt: no use: the layer has its own.
        where: what errors call it.

    Raises:
        InputError: another integration or reset than the node's.
    """
    del dt
    name = type(part).__name__
    kind = name.removesuffix("Cell").removesuffix("Recurrent")
    fields, arrays = {"type": _TYPES[kind]}, {}
    for parameter, values in _parameters(part, kind).items():
        held = np.broadcast_to(values, shape) if values.ndim else values
        put(fields, arrays, parameter, np.array(held))
    if kind == "IAF":
        fields["reset"] = "zero"
    if kind == "LIFBox" and getattr(part.p, "reset_method", None) is not None:
        method = part.p.reset_method.__name__
        known = {"reset_value": "value", "reset_subtract": "subtract"}
        if method not in known:
            raise InputError(f"its reset is {method}", mend="take reset_value or reset_subtract", where=where)
        fields["reset"] = known[method]
    if kind == "LIFRefrac" and bool((_numbers(part.p.lif.v_reset) > _numbers(part.p.lif.v_th)).any()):
        raise InputError("its v_reset lies above its v_th", mend="let it be reset below its threshold", where=where)
    nodes: dict[str, dict[str, Any]] = {"": fields}
    held, edges, enters = {"": arrays}, [], ""
    for part_name, weights in (("w_in", "input_weights"), ("w_rec", "recurrent_weights")):
        if hasattr(part, weights):
            matrix = getattr(part, weights).detach().cpu().numpy().copy()
            nodes[part_name] = {"type": "linear", "features": int(matrix.shape[0]), "bias": False}
            held[part_name] = {"weight": matrix}
            edges += [(part_name, "")] + [("", part_name)] * (part_name == "w_rec")
            enters = "w_in"
    time = "step" if name.endswith("Cell") else "first"
    return Layer(nodes, held, tuple(edges), enters, time)


def _parameters(part: Any, kind: str) -> dict[str, np.ndarray]:
    """Parameters of the node, in single precision as the library computes them."""
    p, dt = part.p, part.dt
    found: dict[str, Any] = {}
    if kind == "LIFRefrac":
        found["pause"], p = p.rho_reset, p.lif
    if kind == "IAF":  # counted from v_reset, where it starts
        return {"beta": np.array(1.0, dtype=np.float32), "v_threshold": _numbers(p.v_th - p.v_reset)}
    if kind in ("LIFBox", "LIBox"):
        found["share"] = dt * p.tau_mem_inv
    else:
        found |= {share: dt * getattr(p, rate) for share, rate in _SHARES if hasattr(p, rate)}
    found |= {name: getattr(p, name) for name in ("v_leak", "v_reset", "beta") if hasattr(p, name)}
    found |= {name: getattr(p, there) for name, there in _OTHERS.items() if hasattr(p, there)}
    if kind not in ("LI", "LILinear", "LIBox"):
        found["v_threshold"] = p.v_th
    return {name: _numbers(value) for name, value in found.items()}


def _numbers(value: Any) -> np.ndarray:
    found = value.detach().cpu().numpy() if hasattr(value, "detach") else np.array(value)
    return found.astype(np.float32)
