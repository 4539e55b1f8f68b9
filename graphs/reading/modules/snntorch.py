"""snnTorch's neurons as nodes, to the last bit: `leaky`, `synaptic`, their undelayed kinds, `lapicque` and `alpha`, all in steps.

Read off snnTorch 1.0: `reset_mechanism` names what a spike does, `reset_delay` whether in its own step or the next. In `Leaky` a
delayed reset to zero empties the membrane that the next step starts from; in `RLeaky`, `Synaptic` and `RSynaptic` it empties that
step's own, so that what arrives then is lost. (Of those three nothing but that differs where the reset is not delayed.) `RSynaptic`
drops the membrane that it resets without delay: its resets are delayed whatever it is told.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules.layer import Layer, put
from costmodel.graphs.reading.modules.recurrence import recurrent

if TYPE_CHECKING:
    import torch

NEURONS = frozenset(["Leaky", "RLeaky", "Synaptic", "RSynaptic", "Lapicque", "Alpha"])
STATEFUL = frozenset(["SpikingNeuron"])
_ITSELF = (("", "w_rec"), ("w_rec", ""))


def step(part: "torch.nn.Module") -> None:
    """snnTorch counts steps."""


def reset(part: Any) -> None:
    """Forgets its states."""
    if hasattr(part, "reset_mem"):
        part.reset_mem()


def layer(part: Any, shape: tuple[int, ...], dt: float, where: str) -> Layer:
    """A neuron layer as nodes: the neurons, and as "w_rec" what brings their spikes back to them in the next step.

    Args:
        part: one of `NEURONS`. The bias of its recurrence acts from the first step on: the tracer sees to that.
        shape: of a sample's neurons.
        dt: no use: decays are those of a step.
        where: what errors call it.

    Raises:
        InputError: it does something that the nodes would not.
    """
    del dt
    fields, arrays = neuron(part, where)
    if not type(part).__name__.startswith("R"):
        return Layer({"": fields}, {"": arrays}, told=_rounded(part))
    if not part.all_to_all:  # each neuron feeds back to itself alone
        own = np.broadcast_to(part.recurrent.V.detach().cpu().numpy(), shape)
        back, held = {"type": "scale", "scale": float(own.mean())}, {"scale": np.array(own)}
    else:
        back, held = recurrent(part.recurrent, where)
    return Layer({"": fields, "w_rec": back}, {"": arrays, "w_rec": held}, _ITSELF)


def neuron(part: "torch.nn.Module", where: str) -> tuple[dict, dict[str, np.ndarray]]:
    """The node of the neurons alone, without its id, and its arrays: parameters that differ between neurons.

    Raises:
        InputError: it does something that the node would not.
    """
    layer: Any = part
    _check(layer, where)
    kind = type(layer).__name__
    if kind == "Lapicque":
        return _lapicque(layer)
    if kind == "Alpha":
        return _alpha(layer, where)
    node, arrays = {"type": "synaptic" if "Synaptic" in kind else "leaky"}, {}
    delayed = layer.reset_delay or kind == "RSynaptic"
    if layer.reset_mechanism == "subtract" and not delayed:
        node["type"] = {"leaky": "leaky-undelayed", "synaptic": "synaptic-raised"}[node["type"]]
    else:
        late = delayed and kind != "Leaky"
        node["reset"] = "refractory" if layer.reset_mechanism == "zero" and late else layer.reset_mechanism
    for name, value in _decays(layer).items():
        put(node, arrays, name, value)
    put(node, arrays, "v_threshold", layer.threshold.detach().cpu().numpy())
    return node, arrays


def _lapicque(layer: Any) -> tuple[dict, dict[str, np.ndarray]]:
    """An RC circuit; its three factors of the input are one here, equal bits where all but one of them are powers of two."""
    late = {"subtract": "subtract", "zero": "refractory", "none": "none"}
    node, arrays = {"type": "lapicque", "reset": late[layer.reset_mechanism]}, {}
    rate = 1 / (layer.R * layer.C)
    values = {
        "gain": layer.R * rate * layer.time_step,
        "left": 1 - layer.time_step / (layer.R * layer.C),
        "v_threshold": layer.threshold,
    }
    for name, value in values.items():
        put(node, arrays, name, value.detach().cpu().numpy())
    return node, arrays


def _alpha(layer: Any, where: str) -> tuple[dict, dict[str, np.ndarray]]:
    """A membrane that follows two currents; its gain is computed as snnTorch does, in single precision."""
    if layer.reset_mechanism == "subtract":
        what = "an Alpha that subtracts its threshold takes it off one of its currents, and adds the other to its membrane"
        raise InputError(what, mend="take reset_mechanism='zero', its default", where=where)
    node, arrays = {"type": "alpha", "reset": {"zero": "refractory", "none": "none"}[layer.reset_mechanism]}, {}
    alpha, beta = (value.detach().clamp(0, 1) for value in (layer.alpha, layer.beta))
    gain = alpha.log() / (beta.log() - alpha.log()) + 1
    if not gain.isfinite().all():
        raise InputError("its alpha is its beta, where its gain is no number", mend="give it a larger alpha", where=where)
    for name, value in {"alpha": alpha, "beta": beta, "gain": gain, "v_threshold": layer.threshold.detach()}.items():
        put(node, arrays, name, value.cpu().numpy())
    return node, arrays


def _rounded(layer: Any) -> tuple[str, ...]:
    """What an RC circuit loses where multiplying the input by its three factors rounds more than once."""
    if type(layer).__name__ != "Lapicque":
        return ()
    factors = (layer.R, 1 / (layer.R * layer.C), layer.time_step)
    uneven = [factor for factor in factors if (np.abs(np.frexp(factor.detach().cpu().numpy())[0]) != 0.5).any()]
    what = "its R, C and time_step are one gain here: a membrane may differ in its last bit, unless two of R, 1/(RC), time_step are"
    return (f"{what} powers of two",) if len(uneven) > 1 else ()


def _decays(layer: Any) -> dict[str, np.ndarray]:
    """What a step leaves, as snnTorch clamps it."""
    names = ("alpha", "beta") if hasattr(layer, "alpha") else ("beta",)
    return {name: getattr(layer, name).detach().clamp(0, 1).cpu().numpy() for name in names}


def _check(layer: Any, where: str) -> None:
    """Refuses what a node would drop."""
    factor = layer.graded_spikes_factor.detach()
    steps = layer.threshold.new_tensor([-1.0, -1e-6, 0.0, 1e-6, 1.0])
    lost = {
        "inhibition lets one neuron of the layer spike": (layer.inhibition, "leave inhibition at False"),
        "graded_spikes_factor scales its spikes": ((factor != 1).any(), "put the factor into the weights of the layer behind it"),
        "state_quant rounds its membrane": (layer.state_quant, "leave state_quant at False; bits are the network file's"),
        "its threshold is below 0, so that it starts with a reset": ((layer.threshold < 0).any(), "give it one of 0 or more"),
        "spike_grad does not spike where, and only where, the threshold is passed": (
            not (layer.spike_grad(steps) == (steps > 0)).all(),
            "take one whose forward pass is a step",
        ),
    }
    for what, (found, mend) in lost.items():
        if found:
            raise InputError(what, mend=mend, where=where)
