"""Nodes one time step after another: what loops need, and forward-mode learning.

In a loop a population receives what the loop's other nodes made of its output at the step before.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import networkx as nx
import torch
from torch import nn

from costmodel.graphs.network import Network
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.population import Population
from costmodel.validation.neurons.layer import NeuronLayer
from costmodel.validation.runner.delays import DELAYING
from costmodel.validation.runner.parts import Sent, key, received


class Stepper:
    """Some nodes of a network, a time step at a time.

    Args:
        network: the network.
        parts: modules of its nodes, by `key`.
        names: the nodes; inputs are none of them.

    Attributes:
        outside: nodes that they receive from and that are not among them.
    """

    def __init__(self, network: Network, parts: Mapping[str, nn.Module] | nn.ModuleDict, names: Iterable[str]) -> None:
        self.network, self.parts = network, parts
        self.names = list(names)
        self.outside = {before for name in self.names for before in network.graph.pred[name]} - set(self.names)
        within = network.graph.subgraph(self.names)
        loops = [loop for loop in nx.strongly_connected_components(within) if _comes_back(within, loop)]
        self._loop_of = {name: i for i, loop in enumerate(loops) for name in loop}
        self._late = {name for loop in loops for name in _late(network, within.subgraph(loop))}
        opened = nx.DiGraph()
        opened.add_nodes_from(self.names)
        opened.add_edges_from(edge for edge in within.edges if not self.waits(*edge))
        self.order = list(nx.topological_sort(opened))

    def waits(self, before: str, name: str) -> bool:
        """Whether what ``before`` sends reaches ``name`` one step later."""
        loop = self._loop_of.get(name)
        return name in self._late and loop is not None and loop == self._loop_of.get(before)

    def start(self, like: torch.Tensor) -> tuple[Sent, Sent]:
        """What the nodes have sent before the first step (nothing), and their memory: (1, batch, *shape) and as in `step`.

        Args:
            like: inputs (T, batch, …).
        """
        batch, now, memory = like.shape[1], {}, {}
        for name in self.names:
            part, (before, after) = self.parts[key(name)], self.network.shapes[name]
            now[name] = like.new_zeros((1, batch, *after))
            if isinstance(part, NeuronLayer):
                memory[name] = part.initial_state(now[name].flatten(2))
            elif isinstance(part, DELAYING):
                memory[name] = like.new_zeros((part.longest(), batch, *before))
        return now, memory

    def step(self, known: Sent, now: Sent, memory: Sent) -> tuple[Sent, Sent]:
        """One time step.

        Args:
            known: what the nodes outside send in this step, (1, batch, *shape).
            now: what the nodes sent at the step before.
            memory: states of populations, (S, batch, neurons), and past inputs of delays, (longest, batch, *shape).

        Returns:
            What the nodes send, and the memory after the step.
        """
        after, kept = dict(known), dict(memory)
        for name in self.order:

            def passed(before: str, name: str = name) -> torch.Tensor:
                return (now if self.waits(before, name) else after)[before]

            given: Any = received(self.network, name, passed)
            part = self.parts[key(name)]
            if isinstance(part, NeuronLayer):
                after[name], kept[name] = part(given, memory[name])
            elif isinstance(part, DELAYING):
                past = torch.cat([memory[name], given])
                after[name], kept[name] = part(past)[-1:], past[1:]
            else:
                after[name] = part(given)
        return {name: after[name] for name in self.names}, kept

    def run(self, sent: Sent, states: Sent | None) -> None:
        """All time steps: adds to ``sent`` (T, batch, *shape) what the nodes send, and fills ``states`` where they are wanted."""
        example = next(sent[name] for name in self.outside)
        now, memory = self.start(example)
        collected: dict[str, list[torch.Tensor]] = {name: [] for name in self.names}
        traced: dict[str, list[torch.Tensor]] = {name: [] for name in self.names}
        for t in range(len(example)):
            now, memory = self.step({name: sent[name][t : t + 1] for name in self.outside}, now, memory)
            for name in self.names:
                collected[name].append(now[name])
                if isinstance(self.parts[key(name)], NeuronLayer):
                    traced[name].append(memory[name].unsqueeze(1))
        for name in self.names:
            sent[name] = torch.cat(collected[name])
            if traced[name] and states is not None:
                states[name] = torch.cat(traced[name], dim=1)


def _comes_back(graph: nx.DiGraph, loop: set[str]) -> bool:
    return len(loop) > 1 or any(graph.has_edge(name, name) for name in loop)


def _late(network: Network, loop: nx.DiGraph) -> set[str]:
    """The nodes of a loop that receive what it sent at the step before: its populations; where they do not open every way around,
    its delays as well."""
    late: set[str] = set()
    for kind in (Population, Delay):
        late |= {name for name in loop if isinstance(network.nodes[name], kind)}
        rest = nx.DiGraph([edge for edge in loop.edges if edge[1] not in late])
        if nx.is_directed_acyclic_graph(rest):
            break
    return late
