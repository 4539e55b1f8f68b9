"""What a network answered on a batch, and how active it was."""

from collections.abc import Mapping
from typing import Protocol

import torch

from costmodel.graphs.lowering.activity import is_spiking
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.population import Population


class Response(Protocol):
    """The response to a batch of B samples."""

    def scores(self) -> torch.Tensor:
        """As the network's readout gives them, (B, K), or (T, B, K) where it reads at every step; differentiable."""
        ...

    def activity(self) -> Mapping[str, torch.Tensor]:
        """Input or population → mean events per element and time step of every sample, (B,); differentiable."""
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
            sent = self.sent[name]
            plain = is_spiking(self.network.nodes[name]) and not _graded(self.network, name)
            events = sent.abs() if plain else (sent != 0).to(sent.dtype)
            found[name] = events.flatten(2).mean(dim=(0, 2)) if sent.stride(0) else events[0].flatten(1).mean(dim=1)
        return found


def counted(network: Network) -> list[str]:
    """The nodes whose activity is measured: inputs, and populations that send spikes."""
    return [
        name
        for name, node in network.nodes.items()
        if isinstance(node, Input) or (isinstance(node, Population) and is_spiking(node))
    ]


def _graded(network: Network, name: str) -> bool:
    node = network.nodes[name]
    return isinstance(node, Population) and node.neuron.graded()
