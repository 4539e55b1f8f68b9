"""Any network as a torch module: all time steps of a layer at once where nothing comes back, step by step inside loops.

In a loop a neuron receives what the loop's other nodes made of its output at the step before.
"""

import math
from collections.abc import Mapping

import networkx as nx
import numpy as np
import torch
from torch import nn

from graphs.errors import InputError
from graphs.network import Network
from graphs.nodes import Node
from graphs.nodes.boundary import Input
from graphs.nodes.delay import Delay
from graphs.nodes.population import Population
from validation.neurons.layer import NeuronLayer
from validation.stateless import Held, stateless


class NetworkModel(nn.Module):
    """A network file in torch.

    Args:
        network: the network; weights that it does not hold are drawn (torch's own initial ones, under ``seed``).
        dt: length of a time step, s; None: the network's.
        seed: of the weights that are drawn.
        backend: of the neurons: "numba" or "torch".

    Attributes:
        drawn: nodes whose weights were drawn.
    """

    def __init__(self, network: Network, dt: float | None = None, seed: int = 0, backend: str = "numba") -> None:
        super().__init__()
        self.network, self.dt = network, network.dt if dt is None else dt
        self.drawn: list[str] = []
        self.parts = nn.ModuleDict()
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            for name, node in network.nodes.items():
                self.parts[_key(name)] = self._part(name, node, backend)
        condensed = nx.condensation(network.graph)
        self.groups = [
            sorted(condensed.nodes[part]["members"], key=list(network.shapes).index) for part in nx.topological_sort(condensed)
        ]

    def _part(self, name: str, node: Node, backend: str) -> nn.Module:
        shape, arrays = self.network.shapes[name][0], self.network.arrays.get(name, {})
        if isinstance(node, Population):
            values = {
                key: torch.as_tensor(np.asarray(arrays.get(key, value)).ravel().squeeze())
                for key, value in node.parameters().items()
            }
            values = {key: value.to(torch.get_default_dtype()) for key, value in values.items()}
            chosen = "torch" if backend == "torch" else "numba"
            return NeuronLayer(node.neuron, values, self.dt, reset=node.reset_name(), backend=chosen)
        module, drawn = stateless(node, shape, arrays, self.dt)
        self.drawn += [name] if drawn else []
        return module

    def forward(self, inputs: Mapping[str, torch.Tensor] | torch.Tensor) -> dict[str, torch.Tensor]:
        """What every node sends over all time steps, (T, batch, *shape).

        Args:
            inputs: (T, batch, *shape), or one such tensor for each input node.

        Raises:
            InputError: an input is missing, or of the wrong shape.
        """
        return self._run(inputs, None)

    @torch.no_grad()
    def trace(self, inputs: Mapping[str, torch.Tensor] | torch.Tensor) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
        """What every node sends, and every population's states after each step, (S, T, batch, neurons); without a way back.

        Raises:
            InputError: as `forward`.
        """
        states: dict[str, torch.Tensor] = {}
        return self._run(inputs, states), states

    def _run(
        self, inputs: Mapping[str, torch.Tensor] | torch.Tensor, states: dict[str, torch.Tensor] | None
    ) -> dict[str, torch.Tensor]:
        """Runs group after group; fills ``states`` where they are wanted."""
        given = {self.network.inputs[0]: inputs} if isinstance(inputs, torch.Tensor) else dict(inputs)
        sent = {name: self._checked(name, given) for name in self.network.inputs}
        for group in self.groups:
            if len(group) == 1 and not self.network.graph.has_edge(group[0], group[0]):
                self._whole(group[0], sent, states)
            else:
                self._stepwise(group, sent, states)
        return sent

    def _checked(self, name: str, given: Mapping[str, torch.Tensor]) -> torch.Tensor:
        shape = self.network.shapes[name][1]
        if name not in given:
            raise InputError(f"no input for node '{name}'", mend=f"give an array (T, batch, {', '.join(map(str, shape))})")
        if tuple(given[name].shape[2:]) != shape:
            what = f"the input of '{name}' has shape {tuple(given[name].shape)}"
            raise InputError(what, mend=f"(T, batch, {', '.join(map(str, shape))}) is needed")
        return given[name]

    def _received(self, name: str, sent: Mapping[str, torch.Tensor]) -> torch.Tensor:
        parts = [sent[before] for before in self.network.graph.pred[name] if before in sent]
        return parts[0] if len(parts) == 1 else torch.stack(parts).sum(dim=0)

    def _whole(self, name: str, sent: dict[str, torch.Tensor], states: dict[str, torch.Tensor] | None) -> None:
        """All time steps of a node at once."""
        if isinstance(self.network.nodes[name], Input):
            return
        part = self.parts[_key(name)]
        received = self._received(name, sent)
        if not isinstance(part, NeuronLayer):
            sent[name] = part(received)
        elif states is None:
            sent[name], _ = part(received)
        else:
            sent[name], states[name] = part.trace(received)

    def _opened(self, group: list[str]) -> tuple[set[str], list[str]]:
        """The nodes of a loop that receive what was sent at the step before, and the order within a step.

        Those are its populations; where a loop of delays holds none, its delays.
        """
        graph, inside = self.network.graph, set(group)
        held: set[str] = set()
        for kind in (Population, Delay):
            held |= {name for name in group if isinstance(self.network.nodes[name], kind)}
            within = [(a, b) for a, b in graph.edges if a in inside and b in inside and b not in held]
            open_loop = nx.DiGraph(within)
            open_loop.add_nodes_from(group)
            if nx.is_directed_acyclic_graph(open_loop):
                break
        return held, list(nx.topological_sort(open_loop))

    def _stepwise(self, group: list[str], sent: dict[str, torch.Tensor], states: dict[str, torch.Tensor] | None) -> None:
        """The nodes of a loop, one time step after another."""
        graph, inside = self.network.graph, set(group)
        held, order = self._opened(group)
        outside = {before for name in group for before in graph.pred[name]} - inside
        steps, batch = next(sent[name] for name in outside).shape[:2]
        dtype = next(sent[name] for name in outside).dtype
        now = {name: torch.zeros((1, batch, *self.network.shapes[name][1]), dtype=dtype) for name in group}
        memory: dict[str, torch.Tensor] = {}
        collected: dict[str, list[torch.Tensor]] = {name: [] for name in group}
        traced: dict[str, list[torch.Tensor]] = {name: [] for name in group}
        for t in range(steps):
            before = dict(now)
            for name in order:
                known = {source: sent[source][t : t + 1] for source in graph.pred[name] if source not in inside}
                known |= {s: (before if name in held else now)[s] for s in graph.pred[name] if s in inside}
                received = self._received(name, known)
                part = self.parts[_key(name)]
                if isinstance(part, NeuronLayer):
                    now[name], memory[name] = part(received, memory.get(name))
                    traced[name].append(memory[name].unsqueeze(1))
                elif isinstance(part, Held):
                    past = [memory[name], received] if name in memory else [received]
                    memory[name] = torch.cat(past)[-part.longest() - 1 :]
                    now[name] = part(memory[name])[-1:]
                else:
                    now[name] = part(received)
                collected[name].append(now[name])
        for name in group:
            sent[name] = torch.cat(collected[name])
            if traced[name] and states is not None:
                states[name] = torch.cat(traced[name], dim=1)


def _key(name: str) -> str:
    """A node's id as torch wants it: dots are for nesting there."""
    return name.replace(".", "/")


def spikes_by_rate(network: Network, steps: int, batch: int, seed: int = 0) -> dict[str, torch.Tensor]:
    """Inputs where nobody gives any: ones at the rate of each input node, or values below 1 where it sends values."""
    from graphs.activity import Activity

    activity, dice = Activity(network), torch.Generator().manual_seed(seed)
    drawn = {}
    for name in network.inputs:
        shape = (steps, batch, *network.shapes[name][1])
        signal = activity.sent[name]
        active = (torch.rand(shape, generator=dice) < float(signal.rate)).to(torch.get_default_dtype())
        drawn[name] = active if signal.binary else active * torch.rand(shape, generator=dice, dtype=active.dtype)
    return drawn


def membrane(network: Network, name: str, states: torch.Tensor) -> torch.Tensor:
    """The membrane of a population, (T, batch, neurons): its state ``v``, or its first where none is called so."""
    node = network.nodes[name]
    names = list(node.neuron.states) if isinstance(node, Population) else []
    if not names:
        return states.new_zeros((*states.shape[1:3], math.prod(network.shapes[name][1])))
    return states[names.index("v") if "v" in names else 0]
