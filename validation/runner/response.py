"""What a network answered on a batch, and how active it was."""

from collections.abc import Iterator, Mapping
from typing import Protocol

import torch

from costmodel.graphs.elements import RECEIVED
from costmodel.graphs.lowering.activity import is_spiking
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.boundary import Input, Output
from costmodel.graphs.nodes.elementwise import Activation, Relu
from costmodel.graphs.nodes.operands import MatMul, Operands, Product
from costmodel.graphs.nodes.pool import Pool
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.reducing import Reduce
from costmodel.graphs.nodes.upsampling import Upsample
from costmodel.validation.runner.parts import total


class Response(Protocol):
    """The response to a batch of B samples."""

    def scores(self) -> torch.Tensor:
        """As the network's readout gives them, (B, K), or (T, B, K) where it reads at every step; differentiable."""
        ...

    def activity(self) -> Mapping[str, torch.Tensor]:
        """Input or population → mean events per element and time step of every sample, (B,); differentiable."""
        ...

    def events(self) -> Mapping[str, torch.Tensor]:
        """Events of each element over all steps and samples, by node, (*shape): of inputs and populations, and where time steps
        were run of the others in `costmodel.graphs.lowering.activity.Activity`'s ``elements``, under its keys."""
        ...

    def profile(self) -> Mapping[str, torch.Tensor]:
        """Events per element at each step, all samples together, by node, (T,); none where no time steps were run."""
        ...


class SteppedResponse:
    """Of a network that was run in time steps.

    Args:
        network: the network.
        sent: node → what it sent, (T, B, *shape).
        dt: length of a step, s.
    """

    def __init__(self, network: Network, sent: Mapping[str, torch.Tensor], dt: float) -> None:
        self.network, self.sent, self.dt = network, sent, dt

    def scores(self) -> torch.Tensor:
        """As `Response.scores`."""
        return self.network.readout.scores(self.sent[self.network.output].flatten(2), self.dt)

    def activity(self) -> dict[str, torch.Tensor]:
        """As `Response.activity`. A value that is not zero is an event."""
        found = {}
        for name in counted(self.network):
            events, sent = self._events(name), self.sent[name]
            found[name] = events.flatten(2).mean(dim=(0, 2)) if sent.stride(0) else events[0].flatten(1).mean(dim=1)
        return found

    def events(self) -> dict[str, torch.Tensor]:
        """As `Response.events`."""
        found = {name: _over((0, 1), events) for name, events in self._sent()}
        for name, before in meeting(self.network).items():
            found[RECEIVED + name] = _over((0, 1), total(self.sent[source] for source in before) != 0)
        for name, node in self.network.nodes.items():
            if isinstance(node, MatMul):
                one, other = ((self.sent[source] != 0).double() for source in node.inputs)
                found[RECEIVED + name] = _over((0, 1), one * other.mean(-1).unsqueeze(-2))
        return found

    def profile(self) -> dict[str, torch.Tensor]:
        """As `Response.profile`."""
        return {name: _over((1, 2), events.flatten(2)) / events[0, 0].numel() for name, events in self._sent()}

    def _sent(self) -> Iterator[tuple[str, torch.Tensor]]:
        """What is sent by the nodes whose activity does not follow from others', as events, one at a time."""
        yield from ((name, self._events(name)) for name in counted(self.network))
        yield from ((name, self.sent[name] != 0) for name in combining(self.network))

    def _events(self, name: str) -> torch.Tensor:
        """What an input or a population sends, as events: spikes, or values that are not zero."""
        sent = self.sent[name]
        plain = is_spiking(self.network.nodes[name]) and not _graded(self.network, name)
        return sent.abs() if plain else (sent != 0).to(sent.dtype)


def _over(axes: tuple[int, ...], events: torch.Tensor) -> torch.Tensor:
    """Exact sums: single precision counts to 16 million."""
    return events.sum(dim=axes, dtype=torch.float64)


def counted(network: Network) -> list[str]:
    """The nodes whose activity is measured: inputs, and populations that send spikes."""
    return [
        name
        for name, node in network.nodes.items()
        if isinstance(node, Input) or (isinstance(node, Population) and is_spiking(node))
    ]


def combining(network: Network) -> list[str]:
    """The nodes whose activity does not follow from that of their inputs: windows, products, and rectifiers and their like."""
    kinds = (Pool, Relu, Reduce, MatMul, Product)
    smooth = (Upsample, Activation)  # whether a blend or a function of values is 0 does not follow either
    return [name for name, node in network.nodes.items() if isinstance(node, kinds + smooth)]


def meeting(network: Network) -> dict[str, list[str]]:
    """The nodes on the way to synapses that several others send to, and these others."""
    ends = (Population, Relu, Output, Operands)
    return {
        name: list(before)
        for name, node in network.nodes.items()
        if len(before := network.graph.pred[name]) > 1 and not isinstance(node, ends)
    }


def measured(network: Network) -> set[str]:
    """The nodes that must be kept of a run for its `Response.events`."""
    operands = (source for node in network.nodes.values() if isinstance(node, MatMul) for source in node.inputs)
    return {
        *counted(network),
        *combining(network),
        *operands,
        *(source for before in meeting(network).values() for source in before),
    }


def _graded(network: Network, name: str) -> bool:
    node = network.nodes[name]
    return isinstance(node, Population) and node.neuron.graded()
