"""The arrays of a trained model under the names that a network file gives them."""

import torch
from torch import nn

from costmodel.graphs.network import Network
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.elementwise import BatchNorm
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.synapses import SynapseNode
from costmodel.validation.neurons.layer import NeuronLayer
from costmodel.validation.runner.delays import DelayedLinear, DelayLine
from costmodel.validation.runner.parts import NetworkParts, key, weighted

Tensors = dict[str, dict[str, torch.Tensor]]


def arrays(network: Network, model: NetworkParts) -> Tensors:
    """Node → array → tensor: weights and biases, delays, constants of normalisations, trained parameters of neurons."""
    with model.noise.silenced():
        found = _found(network, model)
    return {name: {k: v.detach().cpu() for k, v in own.items()} for name, own in found.items()}


def _found(network: Network, model: NetworkParts) -> Tensors:
    found: Tensors = {}
    for name, node in network.nodes.items():
        part = model.parts[key(name)]
        if isinstance(node, SynapseNode):
            found[name] = _weights(part)
            if isinstance(part, DelayedLinear):
                found[network.delayed[name]] = {"delay": part.delays.delay}
        elif isinstance(node, Delay) and isinstance(part, DelayLine):
            found[name] = {"delay": part.delays.delay.reshape(network.shapes[name][0])}
        elif isinstance(node, BatchNorm):
            found[name] = {k: v for k, v in weighted(part).state_dict().items() if k != "num_batches_tracked"}
        elif isinstance(node, Population) and isinstance(part, NeuronLayer) and part.trained:
            shape = network.shapes[name][1]
            found[name] = {parameter: part.each(parameter, shape) for parameter in part.trained}
    return found


def _weights(part: nn.Module) -> dict[str, torch.Tensor]:
    inner = weighted(part)
    found = {name: getattr(inner, name, None) for name in ("weight", "bias")}
    return {name: value for name, value in found.items() if isinstance(value, torch.Tensor)}
