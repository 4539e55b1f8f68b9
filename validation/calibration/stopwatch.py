"""Seconds and bytes that the reference runner takes for a batch, and for a training step."""

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from costmodel.graphs.network import Network
from costmodel.validation.events.gathering import rates
from costmodel.validation.events.learner import TimedLearner
from costmodel.validation.events.model import TimedModel
from costmodel.validation.learning.loss import cost
from costmodel.validation.learning.teaching import learner
from costmodel.validation.learning.training import optimizer, settings

os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # torch's profiler reports its own start and end on standard error

REPEATS = 3
"""Least number of calls that are timed."""

RATE = 0.1
"""Share of the inputs that spike at a step, where the file says nothing."""


@dataclass(frozen=True)
class Timing:
    """Of one thing.

    Attributes:
        fastest: of all calls, s: what it takes where nothing else runs.
        spread: how far the median lies above it, relative: the machine's noise.
    """

    fastest: float
    spread: float


def timed(call: Callable[[], object], budget: float, repeats: int = REPEATS) -> Timing:
    """Calls again and again for ``budget`` seconds, ``repeats`` times at least; the first call, which compiles and allocates, is
    not counted."""
    call()
    taken: list[float] = []
    end = time.perf_counter() + budget
    while len(taken) < repeats or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return Timing(min(taken), statistics.median(taken) / min(taken) - 1)


class Subject:
    """A network with random weights, a batch of spikes and random targets, ready to be run.

    Args:
        network: the network; its last population's elements are the classes.
        batch: samples together.
        device: torch device.

    Raises:
        InputError: the network's rule does not run there.
    """

    def __init__(self, network: Network, batch: int, device: str = "cpu") -> None:
        self.network, self.device = network, device
        self.settings = settings(network)
        self.learner = learner(network, self.settings.rule).on(device)
        dice = torch.Generator().manual_seed(0)
        shape, classes = network.shapes[network.inputs[0]][1], network.shapes[network.output][1][0]
        known = network.nodes[network.inputs[0]].rate
        rate = RATE if known is None else known.mean
        if isinstance(self.learner, TimedLearner):
            when = torch.rand((batch, *shape), generator=dice, dtype=torch.float64) * network.timesteps * network.dt
            self.inputs = when.masked_fill(torch.rand(when.shape, generator=dice) >= rate * network.timesteps, torch.inf)
        else:
            self.inputs = (torch.rand((network.timesteps, batch, *shape), generator=dice) < rate).float().to(device)
        self.targets = torch.randint(0, classes, (batch,), generator=dice).to(device)
        self.optimizer = optimizer(self.learner, self.settings)

    def rates(self) -> dict[str, float]:
        """The activity of a run, where its time depends on that; an input of a prediction as the network's sizes are."""
        model = self.learner.eval().model
        return rates(model, self.inputs) if isinstance(model, TimedModel) else {}

    @property
    def nbytes(self) -> int:
        """Bytes held between calls: inputs, and parameters with their gradients and two moments."""
        return self.inputs.nbytes + 4 * sum(p.nbytes for p in self.learner.parameters())

    def infer(self) -> None:
        """One batch, to its scores."""
        self.inference()
        self.wait()

    def train(self) -> None:
        """One step: forward, loss, backward, update."""
        self.step()
        self.wait()

    @torch.no_grad()
    def inference(self) -> None:
        """As `infer`, without waiting for the device."""
        self.learner.eval()
        self.learner(self.inputs).scores()

    def step(self) -> None:
        """As `train`, without waiting for the device."""
        self.learner.train()
        response = self.learner(self.inputs)
        scores = response.scores()
        loss = cost(response, scores, self.targets, self.network, self.settings.loss)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def wait(self) -> None:
        """Until the device has done what it was told."""
        if self.device != "cpu":
            torch.cuda.synchronize()

    def training_bytes(self) -> float:
        """The most that torch has allocated during a training step: what it allocates in it, and what was there before."""
        self.train()
        self.optimizer.zero_grad()
        there = self.inputs.nbytes + sum(p.nbytes for p in self.learner.parameters())
        there += sum(
            value.nbytes
            for state in self.optimizer.state.values()
            for value in state.values()
            if isinstance(value, torch.Tensor) and value.ndim
        )
        if self.device != "cpu":
            torch.cuda.reset_peak_memory_stats()
            self.train()
            return float(torch.cuda.max_memory_allocated())
        with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as seen:
            self.train()
        return there + most_allocated(seen)


def most_allocated(seen: profile) -> float:
    """Bytes at the peak of what a profile with ``profile_memory`` saw allocated and freed."""
    profiler: Any = seen.profiler  # its raw events are not typed
    changes = [(event.start_ns(), event.nbytes()) for event in profiler.kineto_results.events() if event.name() == "[memory]"]
    now = peak = 0
    for _, change in sorted(changes):
        now += change
        peak = max(peak, now)
    return float(peak)
