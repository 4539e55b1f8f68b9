"""Weights that no file gives are drawn."""

import math

import numpy as np
import torch

from costmodel.graphs.nodes.linear import Sparse
from costmodel.graphs.nodes.node import Shape
from costmodel.graphs.nodes.synapses import SynapseNode
from costmodel.validation.neurons.layer import NeuronLayer

PULSE = 1e-3
"""Height of the pulse that a neuron's response is measured with, in thresholds: small, so that it is the linear one."""

STEPS = 400
"""Time steps in which the response is looked for."""


def draw_weights(node: SynapseNode, shape: Shape, weight: torch.Tensor, reach: float) -> torch.Tensor:
    """Weights of a node, of the shape of ``weight``: as its ``initial`` says, else uniform in ± reach / √fan-in.

    Args:
        node: the node.
        shape: of its input.
        weight: any tensor of the weights' shape.
        reach: input by which a neuron behind the node would just reach its threshold.
    """
    drawn = torch.empty_like(weight)
    if node.initial is None:
        torch.nn.init.uniform_(drawn, -1, 1).mul_(reach / math.sqrt(node.geometry(shape).rows))
    else:
        torch.nn.init.normal_(drawn, node.initial.mean, node.initial.deviation)
    if isinstance(node, Sparse):
        kept = node.geometry(shape).weights
        mask = torch.zeros(drawn.numel())
        mask[torch.randperm(drawn.numel())[:kept]] = 1
        drawn *= mask.reshape(drawn.shape) * (math.sqrt(drawn.numel() / kept) if node.initial is None else 1.0)
    if node.initial is not None and node.initial.spectral_radius is not None:
        radius = float(np.abs(np.linalg.eigvals(drawn.numpy())).max())
        drawn *= node.initial.spectral_radius / radius if radius > 0 else 0.0
    return drawn


def reach(layer: NeuronLayer) -> float:
    """The input of one step by which neurons at rest would just reach their threshold, were they linear; always above 0.

    Measured: the peak of the membrane's response to a small pulse. Of a neuron that never spikes, or whose threshold is where its
    membrane starts: the input that moves it by 1.
    """
    far, names = _threshold(layer), list(layer.neuron.states)
    distance = abs(far) or 1.0
    if not names:
        return distance
    different = max((getattr(layer, name).numel() for name in layer.neuron.params), default=1)
    pulses = torch.zeros((STEPS, 2, different), dtype=torch.float64)
    # away from spikes, whose reset would take the response back: down, where neurons at rest are at their threshold
    pulses[0, 1] = PULSE * distance if far > 0 else -PULSE * distance
    _, states = layer.trace(pulses)
    membrane = states[names.index("v") if "v" in names else 0]
    response = float((membrane[:, 1] - membrane[:, 0]).abs().amax(dim=0).mean()) / (PULSE * distance)
    return distance / response if response > 0 else distance


def _threshold(layer: NeuronLayer) -> float:
    """How far the threshold lies above where the membrane starts; below it where this is negative."""
    for name in ("v_threshold", "threshold"):
        if name in layer.neuron.params:
            start = float(layer.start[list(layer.neuron.states).index("v")]) if "v" in layer.neuron.states else 0.0
            return float(getattr(layer, name).detach().mean()) - start
    return 1.0
