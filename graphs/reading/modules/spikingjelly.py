"""SpikingJelly's neurons as nodes, read off its release 2.0.

A neuron charges, fires where its potential reaches the threshold, and is reset in that step: to ``v_reset``, where it also starts,
or by the threshold where that is None. Time constants are in steps; ``step_mode`` "m" takes time first.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules.layer import Layer, put

if TYPE_CHECKING:
    import torch

_LEAKY = ("IFNode", "SimpleIFNode", "LIFNode", "SimpleLIFNode", "ParametricLIFNode")
NEURONS = frozenset([*_LEAKY, "QIFNode", "EIFNode", "IzhikevichNode", "CUBALIFNode", "KLIFNode"])
STATEFUL = frozenset(["BaseNode", "SimpleBaseNode", "NonSpikingBaseNode", "GatedLIFNode", "RNNCellBase", "ActivationAwareIFNode"])
_SILENT = 2.0**-40
"""What an exact step leaves of a membrane of which this library leaves nothing."""


def step(part: "torch.nn.Module") -> None:
    """SpikingJelly counts steps."""


def reset(part: Any) -> None:
    """Forgets its states."""
    part.reset()


def layer(part: Any, shape: tuple[int, ...], dt: float, where: str) -> Layer:
    """A neuron layer as a node.

    Args:
        part: one of `NEURONS`.
        shape: of a sample's neurons.
        dt: length of a step, s.
        where: what errors call it.

    Raises:
        InputError: its surrogate does not step, or it leaves its membrane as it is.
    """
    del shape
    _check(part, where)
    kind = type(part).__name__
    if kind in _LEAKY:
        fields = _from_reset(part, _leaky(part, dt, where))
    else:
        fields = {"type": _TYPES[kind], **{here: float(getattr(part, there)) for here, there in _PARAMETERS[kind].items()}}
        if kind == "KLIFNode":
            fields |= _sloped(part, where)
        fields["v_threshold"] = float(part.v_threshold)
        fields |= _resets_alone(part, where) if kind == "CUBALIFNode" else _resets(part)
    return Layer({"": fields}, time="first" if part.step_mode == "m" else "step")


def _resets(part: Any) -> dict:
    """What a spike does, and where the membrane starts."""
    if part.v_reset is None:
        return {"reset": "subtract", "v_reset": 0.0}
    return {"reset": "value", "v_reset": float(part.v_reset)}


def _resets_alone(part: Any, where: str) -> dict:
    """What a spike does to a membrane that is reset to nothing but 0."""
    if part.v_reset is None:
        return {"reset": "subtract", "v_drop": float(part.v_threshold)}
    if float(part.v_reset) != 0:
        raise InputError(f"it is reset to {float(part.v_reset):g}", mend="give it a v_reset of 0, or None", where=where)
    return {"reset": "zero"}


_QUADRATIC = {"tau": "tau", "a_0": "a0", "v_rest": "v_rest", "v_c": "v_c"}
_TYPES = {
    "QIFNode": "qif-euler",
    "EIFNode": "eif-euler",
    "IzhikevichNode": "izhikevich-euler",
    "CUBALIFNode": "synaptic-undelayed",
    "KLIFNode": "klif",
}
_PARAMETERS = {
    "QIFNode": _QUADRATIC,
    "EIFNode": {"tau": "tau", "delta": "delta_T", "theta_rh": "theta_rh", "v_rest": "v_rest"},
    "IzhikevichNode": {**_QUADRATIC, "tau_w": "tau_w", "a": "a", "b": "b"},
    "CUBALIFNode": {"alpha": "c_decay", "beta": "v_decay"},
    "KLIFNode": {"tau": "tau"},
}


def _sloped(part: Any, where: str) -> dict:
    """What a KLIF has beside its time constant, threshold and reset; with ``v_reset`` None it leaks to 0."""
    if part.scale_reset:
        what = "its scale_reset divides the membrane by k before the reset"
        raise InputError(what, mend="leave scale_reset at False", where=where)
    fields = {"k": float(str(part.k.detach().cpu().numpy())), "v_leak": 0.0 if part.v_reset is None else float(part.v_reset)}
    return fields if part.decay_input else {**fields, "type": "klif-whole"}


def _leaky(part: Any, dt: float, where: str) -> dict:
    """An integrate-and-fire neuron, or a leaky one whose exact step leaves what the library's does."""
    if type(part).__name__ in ("IFNode", "SimpleIFNode"):
        return {"type": "if", "r": 1 / dt}
    taken = float(part.w.detach().sigmoid()) if type(part).__name__ == "ParametricLIFNode" else 1 / float(part.tau)
    left = 1 - taken
    if not 0 <= left < 1:
        raise InputError(f"its step leaves {left:g} of the membrane", mend="give it a tau of 1 or more", where=where)
    tau = -dt / math.log(max(left, _SILENT))
    return {"type": "lif", "tau": tau, "r": 1.0 if part.decay_input else 1 / taken}


def _from_reset(part: Any, fields: dict) -> dict:
    """Threshold and reset, potentials counted from ``v_reset``: the membrane starts and rests there."""
    start = 0.0 if part.v_reset is None else float(part.v_reset)
    arrays: dict[str, np.ndarray] = {}
    put(fields, arrays, "v_threshold", np.array(float(part.v_threshold) - start))
    return fields | ({"reset": "subtract"} if part.v_reset is None else {"reset": "value", "v_reset": 0.0})


def _check(part: Any, where: str) -> None:
    """Refuses what a node would drop."""
    import torch

    steps = torch.tensor([-1.0, -1e-6, 0.0, 1e-6, 1.0])
    if not (part.surrogate_function(steps) == (steps >= 0)).all():
        what = "its surrogate does not spike where, and only where, the threshold is reached"
        raise InputError(what, mend="take one whose forward pass is a step (spiking=True)", where=where)
