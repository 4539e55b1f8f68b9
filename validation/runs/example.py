"""One test sample through a trained network, for its figures."""

import numpy as np
import torch

from costmodel.graphs.lowering.activity import is_spiking
from costmodel.graphs.nodes.population import Population
from costmodel.validation.events.response import TimedResponse
from costmodel.validation.learning.training import Trainer
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.simulate import membrane

Spikes = dict[str, tuple[np.ndarray, np.ndarray]]


@torch.no_grad()
def example(trainer: Trainer) -> tuple[Spikes, dict[str, np.ndarray]]:
    """The first test sample: every spiking population's spikes (times, s; neurons), and every membrane (T, neurons), V.

    Of a network in spike times the first spikes, and no membranes: it computes none.
    """
    learner, network = trainer.learner.eval(), trainer.network
    values = trainer.benchmark.test.batch(torch.tensor([0]), network.timesteps, network.dt).to(trainer.device)
    encoded = learner.encode(values, torch.Generator().manual_seed(0))
    populations = [name for name, node in network.nodes.items() if isinstance(node, Population) and is_spiking(node)]
    if not isinstance(learner.model, NetworkModel):
        response = learner(encoded)
        if not isinstance(response, TimedResponse):
            raise TypeError("a network in spike times gives a timed response")
        first = {name: response.first[name][0].cpu().numpy() for name in populations}
        return {name: (times[np.isfinite(times)], np.flatnonzero(np.isfinite(times))) for name, times in first.items()}, {}
    sent, states = learner.model.trace(encoded)
    spikes = {}
    for name in populations:
        steps, neurons = sent[name][:, 0].flatten(1).nonzero(as_tuple=True)
        spikes[name] = ((steps.cpu().numpy() + 0.5) * network.dt, neurons.cpu().numpy())
    return spikes, {name: membrane(network, name, after)[:, 0].cpu().numpy() for name, after in states.items()}
