"""What training changes in a network, and where gradients have to go for it."""

import math
from collections.abc import Mapping

from costmodel.graphs.network import Network
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.synapses import SynapseNode


def trained_parameters(network: Network) -> dict[str, int]:
    """Nodes that are trained → how many numbers of them: weights and biases, delays, parameters of neurons, scale and shift of
    a normalisation."""
    found = {name: _of(network, name) for name in network.nodes}
    return {name: count for name, count in found.items() if count}


def _of(network: Network, name: str) -> int:
    node, (before, after) = network.nodes[name], network.shapes[name]
    if isinstance(node, SynapseNode) and node.trained:
        geometry = node.geometry(before)
        return geometry.weights + geometry.biases
    if isinstance(node, Delay) and node.trained:
        return delays(network, name)
    if isinstance(node, Population):
        each = {"layer": 1, "channel": after[0], "neuron": math.prod(after)}
        return sum(each[shared] for shared in node.trained_parameters().values())
    return node.learned(before)


def delays(network: Network, name: str) -> int:
    """How many delays a node has: one per element, or, if synaptic, one per weight of the node that follows."""
    node = network.nodes[name]
    if not isinstance(node, Delay) or node.kind != "synaptic":
        return math.prod(network.shapes[name][1])
    following = network.nodes[next(iter(network.graph.succ[name]))]
    return following.geometry(network.shapes[following.id][0]).weights if isinstance(following, SynapseNode) else 0


def learning_nodes(network: Network, trained: Mapping[str, int]) -> frozenset[str]:
    """Nodes whose output depends on something that is trained, so that the backward pass goes through them."""
    found, waiting = set(), list(trained)
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting.extend(network.graph.succ[here])
    return frozenset(found)
