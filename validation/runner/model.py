"""Any network as a torch module: all time steps of a layer at once where nothing comes back, step by step inside loops."""

from collections.abc import Collection, Mapping
from functools import cached_property

import networkx as nx
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.activity import sends_spikes
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.linear import Linear, Sparse
from costmodel.graphs.nodes.population import Population
from costmodel.validation.neurons.layer import NeuronLayer
from costmodel.validation.runner.parts import NetworkParts, Sent, at_every_step, key, received, total
from costmodel.validation.runner.stepping import Stepper


class NetworkModel(NetworkParts):
    """A network file in torch, in evaluation mode until it is told to train.

    Args:
        network: the network; weights that it does not hold are drawn, under ``seed``.
        dt: length of a time step, s; None: the network's.
        seed: of the weights that are drawn.
        how: how spikes are differentiated.
    """

    def forward(self, inputs: Mapping[str, torch.Tensor] | torch.Tensor, keep: Collection[str] | None = None) -> Sent:
        """What nodes send over all time steps, (T, batch, *shape).

        Args:
            inputs: (T, batch, *shape), or one such tensor for each input node.
            keep: the nodes that are wanted; others are forgotten once they have been received. None: all.

        Raises:
            InputError: an input is missing, or of the wrong shape.
        """
        return self._run(inputs, None, keep)

    @torch.no_grad()
    def trace(self, inputs: Mapping[str, torch.Tensor] | torch.Tensor) -> tuple[Sent, Sent]:
        """What every node sends, and every population's states after each step, (S, T, batch, neurons); without a way back.

        Raises:
            InputError: as `forward`.
        """
        states: Sent = {}
        return self._run(inputs, states), states

    def checked(self, inputs: Mapping[str, torch.Tensor] | torch.Tensor) -> Sent:
        """The inputs by node.

        Raises:
            InputError: one is missing, or of the wrong shape.
        """
        given = {self.network.inputs[0]: inputs} if isinstance(inputs, torch.Tensor) else dict(inputs)
        for name in self.network.inputs:
            shape = self.network.shapes[name][1]
            wanted = f"(T, batch, {', '.join(map(str, shape))})"
            if name not in given:
                raise InputError(f"no input for node '{name}'", mend=f"give an array {wanted}")
            if tuple(given[name].shape[2:]) != shape:
                what = f"the input of '{name}' has shape {tuple(given[name].shape)}"
                raise InputError(what, mend=f"{wanted} is needed")
        return {name: given[name] for name in self.network.inputs}

    def _run(
        self, inputs: Mapping[str, torch.Tensor] | torch.Tensor, states: Sent | None, keep: Collection[str] | None = None
    ) -> Sent:
        """Runs group after group; fills ``states`` where they are wanted."""
        sent = {name: self._passed(name, x) for name, x in self.checked(inputs).items()}
        for group, spent in zip(self.groups, self._spent, strict=True):
            if len(group) == 1 and not self.network.graph.has_edge(group[0], group[0]):
                self._whole(group[0], sent, states)
            elif states is None and (pair := self._self_exciting(group)) is not None:
                self._recurrent(*pair, sent, wanted=keep is None or pair[1] in keep)
            else:
                Stepper(self.network, self.parts, group).run(sent, states)
            for name in () if keep is None else spent - set(keep):
                sent.pop(name, None)
        return sent

    @cached_property
    def _spent(self) -> list[set[str]]:
        """For every group the nodes that nobody receives from after it."""
        place = {name: i for i, group in enumerate(self.groups) for name in group}
        last = {name: max([place[name], *(place[after] for after in self.network.graph.succ[name])]) for name in place}
        return [{name for name in place if last[name] == i} for i in range(len(self.groups))]

    @cached_property
    def groups(self) -> list[list[str]]:
        """The nodes in an order in which they can be run; those of a loop together."""
        condensed, order = nx.condensation(self.network.graph), list(self.network.shapes)
        return [sorted(condensed.nodes[part]["members"], key=order.index) for part in nx.topological_sort(condensed)]

    def _whole(self, name: str, sent: Sent, states: Sent | None) -> None:
        """All time steps of a node at once."""
        if isinstance(self.network.nodes[name], Input):
            return
        part = self.parts[key(name)]
        if not isinstance(part, NeuronLayer):
            sent[name] = at_every_step(part, received(self.network, name, sent.__getitem__))
            return
        given = total(sent[before] for before in self.network.graph.pred[name])
        if states is None:
            sent[name] = self._passed(name, part(given)[0])
        else:
            out, states[name] = part.trace(given)
            sent[name] = self._passed(name, out)

    def _passed(self, name: str, sent: torch.Tensor) -> torch.Tensor:
        """What an input or a population sends, as it arrives elsewhere: spikes may be disturbed on their way."""
        if not self.noise.noises or not sends_spikes(self.network.nodes[name], receives_spikes=False):
            return sent
        return self.noise.spikes(sent, self.dt, training=self.training)

    def _self_exciting(self, group: list[str]) -> tuple[str, str] | None:
        """A population and its linear node, where a loop is made of these two alone."""
        network = self.network
        neurons = [n for n in group if isinstance(network.nodes[n], Population) and len(network.shapes[n][1]) == 1]
        linear = [n for n in group if isinstance(network.nodes[n], Linear | Sparse)]
        if len(group) != 2 or len(neurons) != 1 or len(linear) != 1:
            return None
        alone = list(network.graph.pred[linear[0]]) == neurons == list(network.graph.succ[linear[0]])
        return (neurons[0], linear[0]) if alone and not network.graph.has_edge(neurons[0], neurons[0]) else None

    def _recurrent(self, population: str, linear: str, sent: Sent, *, wanted: bool) -> None:
        """All time steps of a population that excites itself through one linear node.

        What that node sends nobody else receives; it is left out in training, and where it is not ``wanted``.
        """
        layer, across = self.parts[key(population)], self.parts[key(linear)]
        outside = total(sent[before] for before in self.network.graph.pred[population] if before != linear)
        if isinstance(across.bias, torch.Tensor):
            outside = torch.cat([outside[:1], outside[1:] + across.bias])
        sent[population], _ = layer(outside, None, across.weight)
        if wanted and not torch.is_grad_enabled():
            sent[linear] = across(sent[population])
