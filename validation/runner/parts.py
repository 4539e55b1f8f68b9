"""The torch modules of a network's nodes."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import networkx as nx
import numpy as np
import torch
from torch import nn

from costmodel.graphs.network import Network
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.operands import Operands
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.synapses import SynapseNode
from costmodel.validation.disturbances.disturbance import Disturbance
from costmodel.validation.neurons.layer import Backend, NeuronLayer
from costmodel.validation.runner.delays import DELAYING, DelayedLinear
from costmodel.validation.runner.initial import reach
from costmodel.validation.runner.stateless import PerStep, delayed, stateless, synapses

Sent = dict[str, torch.Tensor]
"""Node → what it sends, (T, batch, *shape)."""


@dataclass(frozen=True)
class Differentiation:
    """How spikes are differentiated.

    Attributes:
        surrogate: derivative put in place of the spike's step.
        steepness: its steepness, where it should differ from the usual.
        apart: neuron type → states whose reset is not differentiated.
        backend: of the neurons.
    """

    surrogate: str = "fast-sigmoid"
    steepness: float | None = None
    apart: Mapping[str, frozenset[str]] = field(default_factory=dict)
    backend: Backend = "fused"


PLAIN = Differentiation()
"""The fast sigmoid, resets differentiated."""


def key(name: str) -> str:
    """A node's id as torch wants it: dots are for nesting there."""
    return name.replace(".", "/")


def total(parts: Iterable[torch.Tensor]) -> torch.Tensor:
    """The sum of what a node's predecessors send."""
    several = list(parts)
    return several[0] if len(several) == 1 else torch.stack(several).sum(dim=0)


def received(network: Network, name: str, sent: Callable[[str], torch.Tensor]) -> torch.Tensor | list[torch.Tensor]:
    """What a node receives: the sum of what its predecessors send, or its inputs in their order.

    Args:
        network: the network.
        name: the node.
        sent: what a node sends.
    """
    node = network.nodes[name]
    return [sent(n) for n in node.inputs] if isinstance(node, Operands) else total(sent(n) for n in network.graph.pred[name])


def build_parts(network: Network, dt: float, seed: int, how: Differentiation, noise: Disturbance) -> nn.ModuleDict:
    """The module of every node, by `key`; weights that no file gives are drawn under ``seed``."""
    parts = nn.ModuleDict()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for name, node in network.nodes.items():
            if isinstance(node, Population):
                parts[key(name)] = population(network, name, node, dt, how, noise)
        for name, node in network.nodes.items():
            shape, arrays = network.shapes[name][0], network.arrays.get(name, {})
            if isinstance(node, SynapseNode):
                parts[key(name)] = _synapses(network, name, node, parts, dt)
                noise.attach(weighted(parts[key(name)]), network.settings.bits if node.bits is None else node.bits)
            elif not isinstance(node, Population):
                parts[key(name)] = stateless(node, shape, arrays, dt, how.backend)
    return parts


def _synapses(network: Network, name: str, node: SynapseNode, parts: nn.ModuleDict, dt: float) -> nn.Module:
    behind = (n for n in nx.bfs_tree(network.graph, name) if isinstance(network.nodes[n], Population))
    layer = parts[key(nearest)] if (nearest := next(behind, None)) is not None else None
    far = reach(layer) if isinstance(layer, NeuronLayer) else 1.0
    part = synapses(node, network.shapes[name][0], network.arrays.get(name, {}), far)
    before = network.nodes.get(network.delayed.get(name, ""))
    return delayed(part, before, network.arrays.get(before.id, {}), dt) if isinstance(before, Delay) else part


def population(network: Network, name: str, node: Population, dt: float, how: Differentiation, noise: Disturbance) -> NeuronLayer:
    """The layer of a population; trained parameters have one value for the layer, a channel or a neuron, as its node says."""
    shape, arrays, values = network.shapes[name][1], network.arrays.get(name, {}), {}
    sharing = {"layer": 1, "channel": shape[0], "neuron": math.prod(shape)}
    for parameter, common in node.parameters().items():
        value = torch.as_tensor(np.asarray(arrays.get(parameter, common), dtype=np.float64))
        if parameter in node.trained_parameters():
            groups = sharing[node.trained_parameters()[parameter]]
            value = value.expand(shape).reshape(groups, -1).mean(dim=1)
        elif noise.noises:
            value = noise.parameter(parameter, value.to(torch.get_default_dtype()).ravel().squeeze(), math.prod(shape))
        values[parameter] = value.ravel().squeeze()
    return NeuronLayer(
        node.neuron,
        values,
        dt,
        reset=node.reset_name(),
        surrogate=how.surrogate,
        steepness={} if how.steepness is None else {"k_surrogate": how.steepness},
        apart=how.apart.get(node.neuron.type, frozenset()),
        trained=frozenset(node.trained_parameters()),
        backend=how.backend,
    )


def weighted(part: nn.Module) -> nn.Module:
    """The module, in that of a weighted node, that holds the weights."""
    if isinstance(part, DelayedLinear):
        return part.linear
    inner = part.module if isinstance(part, PerStep) else part
    return inner[-1] if isinstance(inner, nn.Sequential) else inner


def at_every_step(part: nn.Module, received: torch.Tensor | list[torch.Tensor]) -> torch.Tensor:
    """What a node without neurons sends: computed once where it receives the same at every step and delays nothing."""
    if isinstance(received, torch.Tensor) and len(received) > 1 and received.stride(0) == 0 and not isinstance(part, DELAYING):
        once = part(received[:1])
        return once.expand(len(received), *once.shape[1:])
    return part(received)


class NetworkParts(nn.Module):
    """The modules of a network, and what runs them: a subclass says how.

    Args:
        network: the network; weights that it does not hold are drawn, under ``seed``.
        dt: length of a time step, s; None: the network's.
        seed: of the weights that are drawn.
        how: how spikes are differentiated.

    Attributes:
        drawn: nodes whose weights were drawn.
        noise: what disturbs it.
    """

    def __init__(self, network: Network, dt: float | None = None, seed: int = 0, how: Differentiation = PLAIN) -> None:
        super().__init__()
        self.network, self.dt = network, network.dt if dt is None else dt
        self.drawn = [name for name, _ in network.synapse_nodes() if "weight" not in network.arrays.get(name, {})]
        self.noise = Disturbance(network.settings.noise, seed)
        self.parts = build_parts(network, self.dt, seed, how, self.noise)
        self.eval()
