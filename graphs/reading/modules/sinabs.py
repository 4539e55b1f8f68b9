"""Sinabs' neurons as nodes: IF, LIF and ALIF whose exact step of 1 ms is Sinabs' own, to the last bit of a float32.

Sinabs counts time in steps: v ← α v + g x, α = exp(−1/τ), g = 1 − α where the input is normalised, else 1; then a spike where
v ≥ θ, and the reset, in that step. With a tau_syn x is a current, i ← α_syn (i + I); a min_v_mem cuts the membrane after the reset.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules.layer import Layer, put
from costmodel.graphs.reading.modules.recurrence import recurrent

if TYPE_CHECKING:
    import torch

_SINGLE = "spike_fn=sinabs.activation.SingleSpike"
_KINDS = ("IAF", "LIF", "ALIF", "ExpLeak")
_FORMS = ("", "Squeeze", "Recurrent")

NEURONS = frozenset(kind + form for kind in _KINDS for form in _FORMS)
STATEFUL = frozenset(["StatefulLayer"])


def step(part: "torch.nn.Module") -> None:
    """Sinabs counts steps."""


def reset(part: Any) -> None:
    """Forgets its states."""
    part.reset_states()


def layer(part: Any, shape: tuple[int, ...], dt: float, where: str) -> Layer:
    """A layer as nodes: the neurons, as "w_rec" what brings spikes back, as "gain" what normalises a current.

    Args:
        part: one of `NEURONS`.
        shape: of a sample's neurons.
        dt: length of a step, s.
        where: what errors call it.

    Raises:
        InputError: it does something that the nodes would not.
    """
    del shape
    _check(part, where)
    name = type(part).__name__
    kind = name.removesuffix("Squeeze").removesuffix("Recurrent")
    node, arrays = _neurons(part, kind, dt, where)
    if part.spike_fn is not None:
        threshold = part.b0 if kind == "ALIF" else part.spike_threshold
        put(node, arrays, "v_threshold", np.asarray(threshold.detach().cpu() if hasattr(threshold, "detach") else threshold, "f"))
        node["reset"] = _reset(part, node["type"])
    nodes, held, edges, enters = {"": node}, {"": arrays}, [], ""
    if name.endswith("Recurrent"):
        nodes["w_rec"], held["w_rec"] = _recurrence(part, where)
        edges.append(("", "w_rec"))
    ways = {"gain": None, "gain_rec": "w_rec"} if "w_rec" in nodes else {"gain": None}
    if part.alpha_syn_calculated is not None and part.norm_input:
        enters = "gain"
        for gain, before in ways.items():
            nodes[gain], held[gain] = {"type": "scale"}, {}
            put(nodes[gain], held[gain], "scale", (1 - part.alpha_mem_calculated).detach().cpu().numpy())
            edges += [(gain, "")] + ([(before, gain)] if before else [])
    elif "w_rec" in nodes:
        edges.append(("w_rec", ""))
    if not name.endswith("Squeeze"):
        return Layer(nodes, held, tuple(edges), enters, time="second")
    samples, steps = (size if size and size > 0 else None for size in (part.batch_size, part.num_timesteps))
    return Layer(nodes, held, tuple(edges), enters, time="joined", samples=samples, steps=steps)


def _neurons(part: Any, kind: str, dt: float, where: str) -> tuple[dict, dict[str, np.ndarray]]:
    """The neurons without threshold and reset."""
    node, arrays = {"type": {"IAF": "if", "LIF": "lif", "ALIF": "alif", "ExpLeak": "li"}[kind]}, {}
    if part.spike_fn is None:
        node["type"] = "i" if kind == "IAF" else "li"
    found: dict[str, np.ndarray] = {}
    alpha = part.alpha_mem_calculated.detach().cpu().numpy()
    if part.alpha_syn_calculated is not None:
        node["type"] = "cubalif-decays"
        found = {"alpha": alpha, "beta": part.alpha_syn_calculated.detach().cpu().numpy()}
    elif part.min_v_mem is not None:
        node["type"] = f"{node['type']}-bounded"
        found = {"v_min": _numbers(part.min_v_mem)}
        if kind == "LIF":
            found |= {"left": alpha, "gain": 1 - alpha if part.norm_input else alpha * 0 + 1}
    elif kind == "IAF":
        found["r"] = np.array(1 / dt)
    else:
        found["tau"], found["r"] = _exact(part, dt, where)
    if kind == "ALIF":
        rho = part.alpha_adapt_calculated.detach().cpu()
        if ((rho <= 0) | (rho >= 1)).any():
            raise InputError("its threshold's decay is not between 0 and 1", mend="give it a tau_adapt above 0", where=where)
        kept = rho.numpy().astype(np.float64)
        found["tau_a"], found["beta"] = -dt / np.log(kept), _numbers(part.adapt_scale) * (1 - kept) / kept
    for name, values in found.items():
        put(node, arrays, name, values)
    return node, arrays


def _numbers(value: Any) -> np.ndarray:
    return value.detach().cpu().numpy() if hasattr(value, "detach") else np.array(value, dtype=np.float32)


def _reset(part: Any, kind: str) -> str:
    """The name that a type has for what a spike does."""
    if type(part.reset_fn).__name__ == "MembraneReset":
        return "value" if kind in ("if", "lif", "alif") else "zero"
    return "subtract-raised" if kind == "alif" else "subtract"


def _recurrence(part: Any, where: str) -> tuple[dict, dict[str, np.ndarray]]:
    """What brings spikes back.

    Raises:
        InputError: it has a bias, which the library has not in the first step.
    """
    fields, arrays = recurrent(part.rec_connect, where)
    if "bias" in arrays:
        what = "its recurrence has a bias, which is not there in the first step"
        raise InputError(what, mend="give the layer before it the bias, and rec_connect none (bias=False)", where=where)
    return fields, arrays


def _exact(layer: Any, dt: float, where: str) -> tuple[np.ndarray, np.ndarray]:
    """(time constant, gain) whose step has the decay and the gain that Sinabs computes in single precision."""
    alpha = layer.alpha_mem_calculated.detach().cpu()
    gain = (1 - alpha if layer.norm_input else alpha * 0 + 1).numpy().astype(np.float64)
    decay = alpha.numpy()
    if ((decay <= 0) | (decay >= 1)).any():
        raise InputError("its decay is not between 0 and 1", mend="use an IAF where nothing leaks", where=where)
    tau = -dt / np.log(decay.astype(np.float64))
    given = -1 / alpha.log() if layer.train_alphas else layer.tau_mem.detach().cpu()
    steps = np.vectorize(lambda x: float(str(x)), otypes=[np.float64])(given.numpy())
    tau = np.where(np.exp(-1 / steps).astype(np.float32) == decay, steps * dt, tau)  # 0.02, not 0.019999987
    return tau, gain / -np.expm1(-dt / tau)


def _check(layer: Any, where: str) -> None:
    """Refuses what a node would drop."""
    spike, reset = layer.spike_fn, getattr(layer, "reset_fn", None)
    kind, how = getattr(spike, "__name__", type(spike).__name__), type(reset).__name__
    once = spike is None or kind == "SingleSpike" or getattr(spike, "max_num_spikes_per_bin", None) == 1
    subtracted, adapts = getattr(reset, "subtract_value", None), hasattr(layer, "adapt_scale")
    threshold = None if adapts else getattr(layer, "spike_threshold", None)
    known = how in ("MembraneReset", "MembraneSubtract")
    current, bound = layer.alpha_syn_calculated is not None, layer.min_v_mem is not None
    lost = {
        "a tau_syn, behind which nothing spikes or a threshold rises": (
            current and (spike is None or adapts),
            "leave tau_syn at None",
        ),
        "a min_v_mem beside a tau_syn, a threshold that rises, or none": (
            bound and (current or adapts or spike is None),
            "leave min_v_mem at None",
        ),
        "a min_v_mem above 0, where its membrane starts": (
            bound and bool((_numbers(layer.min_v_mem) > 0).any()),
            "give it one of 0 or less",
        ),
        f"{kind}, which sends several spikes in a step": (not once, f"give it {_SINGLE} and look at the accuracy again"),
        f"the reset {how}, which is not known here": (spike is not None and not known, "take MembraneSubtract or MembraneReset"),
        "a reset_value, which Sinabs adds at every step": (getattr(reset, "reset_value", 0) != 0, "take MembraneReset()"),
        "a subtract_value other than its threshold": (
            spike is not None and subtracted is not None and (adapts or bool((threshold != subtracted).any())),
            "take MembraneSubtract()",
        ),
    }
    for what, (found, mend) in lost.items():
        if found:
            raise InputError(f"the layer has {what}", mend=mend, where=where)
