"""The response of a network in spike times."""

import torch

from costmodel.graphs.network import Network
from costmodel.validation.runner.response import counted


class TimedResponse:
    """Spike times of a batch.

    Args:
        network: the network.
        first: input or population → first spikes (B, N), s; infinite where there are none.
        counts: input or population → spikes of every neuron within the sample (B, N).
    """

    def __init__(self, network: Network, first: dict[str, torch.Tensor], counts: dict[str, torch.Tensor]) -> None:
        self.network, self.first, self.counts = network, first, counts

    def scores(self) -> torch.Tensor:
        """The readout's scores of the output's first spikes, (B, K)."""
        return self.network.readout.scores_of_times(self.first[output_population(self.network)], self.duration)

    @property
    def duration(self) -> float:
        """Length of a sample, s."""
        return self.network.timesteps * self.network.dt

    def activity(self) -> dict[str, torch.Tensor]:
        """Events per element and time step of every sample, (B,)."""
        share = {name: 1 / (self.first[name].shape[1] * self.network.timesteps) for name in self.first}
        return {name: self.counts[name].sum(dim=1) * share[name] for name in counted(self.network)}

    def events(self) -> dict[str, torch.Tensor]:
        """Spikes of every neuron over all samples, by input and population, (*shape)."""
        shapes = self.network.shapes
        return {name: self.counts[name].sum(dim=0, dtype=torch.float64).reshape(shapes[name][1]) for name in counted(self.network)}

    def profile(self) -> dict[str, torch.Tensor]:
        """As `Response.profile`: there are no time steps."""
        return {}


def output_population(network: Network) -> str:
    """The population whose spikes are the answer."""
    here = network.output
    return next(iter(network.graph.pred[here])) if network.nodes[here].type == "output" else here
