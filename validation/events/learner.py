"""A network in spike times under a rule."""

import torch
from torch.nn.utils import parametrize

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.validation.events.model import TimedModel
from costmodel.validation.events.response import TimedResponse, output_population
from costmodel.validation.learning.learner import Learner
from costmodel.validation.runner.response import Response

MAY_BE_SILENT = 0.3
"""Share of a batch in which a hidden neuron may stay silent; the output's may never (Göltz et al. 2021)."""

BUMP = 5e-4
"""What the weights of a neuron grow by that is silent too often; twice as much each batch in a row (same source), and as much less
as the learning rate is."""

MOST_DOUBLINGS = 10


class TimedLearner(Learner):
    """As `Learner`, with inputs as spike times. Neurons that fall silent, for which there is no gradient, get larger weights."""

    doublings: torch.Tensor

    def __init__(self, network: Network, model: TimedModel) -> None:
        super().__init__(network, model)
        self.register_buffer("doublings", torch.zeros(len(model.sections()), dtype=torch.long))

    @property
    def timed(self) -> TimedModel:
        """What runs the network."""
        if not isinstance(self.model, TimedModel):
            raise TypeError("a timed learner runs a timed model")
        return self.model

    def on(self, device: str) -> "TimedLearner":
        """This learner, which runs on the CPU.

        Raises:
            InputError: the device is another.
        """
        if torch.device(device).type != "cpu":
            what = f"{self.timed.rule} follows spikes one by one, on the cpu alone, not on '{device}'"
            raise InputError(what, mend="run it on cpu, or train with bptt", where=self.network.where)
        return self

    def encode(self, values: torch.Tensor, dice: torch.Generator) -> torch.Tensor:
        """Spike times, (batch, *shape), s."""
        return self.input.encoder.times(self.disturbed(values), self.network.timesteps, self.network.dt)

    def forward(self, encoded: torch.Tensor) -> TimedResponse:
        """The response to spike times."""
        with parametrize.cached():  # weights of one pass are drawn once
            return self.timed(encoded)

    @torch.no_grad()
    def after_batch(self, response: Response, pace: float) -> None:
        """Raises the weights of the neurons that were silent too often, of the first such layer only."""
        if not isinstance(response, TimedResponse):
            raise TypeError("a timed network gives a timed response")
        last = output_population(self.network)
        for i, (name, parts) in enumerate(self.timed.sections().items()):
            silent = response.first[name] > response.duration
            dead = silent.double().mean(dim=0) > (0.0 if name == last else MAY_BE_SILENT)
            if not dead.any():
                self.doublings[i] = 0
                continue
            bump = BUMP * pace * 2.0 ** float(self.doublings[i])
            for section in parts:
                self.timed.raise_weights(section, dead, bump)
            self.doublings[i] = min(int(self.doublings[i]) + 1, MOST_DOUBLINGS)
            return
