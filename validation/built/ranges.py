"""What the states of a network's neurons span on given samples: what hardware for it is made for."""

from collections.abc import Iterator

import networkx as nx
import numpy as np
import torch
from numpy.typing import ArrayLike

from costmodel.graphs.network import Network
from costmodel.graphs.nodes.population import Population
from costmodel.rtl.datapath.compiling.ranges import observed_ranges
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.parts import Sent

Ranges = dict[str, dict[str, tuple[float, float]]]
"""Population → state → its lowest and highest value."""

TOGETHER = 2_000_000
"""Inputs of a population, over all steps and neurons, that are looked at together."""


@torch.no_grad()
def measured_ranges(network: Network, inputs: torch.Tensor) -> Ranges:
    """Ranges of every population's states, before and after resets, with the margin of `observed_ranges`.

    Args:
        network: with weights in all its weighted nodes.
        inputs: encoded samples, (T, batch, *shape).

    Raises:
        InputError: inputs of another shape; a state grows without bound.
    """
    model, found = NetworkModel(network), {}
    populations = {name: node for name, node in network.nodes.items() if isinstance(node, Population) and node.neuron.states}
    wanted = {before for name in populations for before in network.graph.pred[name]}
    largest = max((int(np.prod(network.shapes[name][1])) for name in network.nodes), default=1)
    for part in inputs.split(max(1, TOGETHER // (len(inputs) * largest)), dim=1):
        sent = model(part, wanted)
        for name, node in populations.items():
            currents = _received(network, name, sent).flatten(1).double().numpy()
            parameters = dict(_each(network, name, node, part.shape[1]))
            seen = observed_ranges(node.neuron, node.reset_name(), parameters, network.dt, currents)
            known = found.setdefault(name, seen)
            found[name] = {s: (min(low, known[s][0]), max(high, known[s][1])) for s, (low, high) in seen.items()}
    return found


def _received(network: Network, name: str, sent: Sent) -> torch.Tensor:
    """A population's input, (T, batch, *shape): what comes from its own loop is a step late."""
    loop = next(part for part in nx.strongly_connected_components(network.graph) if name in part)
    parts = [
        torch.cat([torch.zeros_like(sent[before][:1]), sent[before][:-1]]) if before in loop else sent[before]
        for before in network.graph.pred[name]
    ]
    return torch.stack(parts).sum(dim=0)


def _each(network: Network, name: str, node: Population, batch: int) -> Iterator[tuple[str, ArrayLike]]:
    """The population's parameters: numbers, or one for every sample and neuron."""
    for parameter, value in {**node.parameters(), **network.arrays.get(name, {})}.items():
        if parameter in node.neuron.params:
            yield parameter, np.tile(np.ravel(value), batch) if np.ndim(value) else float(value)
