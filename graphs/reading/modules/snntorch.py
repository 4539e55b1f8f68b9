"""snnTorch's neurons as nodes: from step to step they are `leaky`, `leaky-undelayed` and `synaptic`, to the last bit.

Read off snnTorch 1.0: `reset_mechanism` names what a spike does, `reset_delay` whether in its own step or the next. In `Leaky` a
delayed reset to zero empties the membrane that the next step starts from; in `RLeaky`, `Synaptic` and `RSynaptic` it empties that
step's own, so that what arrives then is lost. (Of those three nothing but that differs where the reset is not delayed.)
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    import torch

Fields = tuple[dict, dict[str, np.ndarray]]


def neuron(part: "torch.nn.Module", where: str) -> Fields:
    """The node of a neuron layer, without its id, and its arrays: parameters that differ between neurons.

    Args:
        part: a Leaky, RLeaky, Synaptic or RSynaptic.
        where: what errors call it.

    Raises:
        InputError: it does something that the node would not.
    """
    layer: Any = part
    _check(layer, where)
    kind = type(layer).__name__
    node, arrays = {"type": "synaptic" if "Synaptic" in kind else "leaky"}, {}
    if layer.reset_mechanism == "subtract" and not layer.reset_delay:
        if node["type"] == "synaptic":
            what = f"a {kind} that subtracts its threshold without delay has no counterpart here"
            raise InputError(what, mend="leave reset_delay at True, or take reset_mechanism='zero'", where=where)
        node["type"] = "leaky-undelayed"
    else:
        late = layer.reset_delay and kind != "Leaky"
        node["reset"] = "refractory" if layer.reset_mechanism == "zero" and late else layer.reset_mechanism
    for name, value in _decays(layer).items():
        put(node, arrays, name, value)
    put(node, arrays, "v_threshold", layer.threshold.detach().cpu().numpy())
    return node, arrays


def put(node: dict, arrays: dict[str, np.ndarray], name: str, values: np.ndarray) -> None:
    """Sets a parameter in its one place: a number where all neurons share it, else their mean and, among the arrays, their values.

    A float32 becomes its shortest decimal, which is the same float32 again: 0.9, not 0.8999999761581421.
    """
    arrays.pop(name, None)
    if (values == values.flat[0]).all():
        node[name] = float(str(values.flat[0]))
    else:
        node[name], arrays[name] = float(values.mean(dtype=np.float64)), values


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
