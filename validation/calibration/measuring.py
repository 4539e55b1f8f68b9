"""Random networks of a calibration, each timed in several passes until the passes agree."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from costmodel.estimating import Phase, Workload
from validation.calibration.fit import Observation
from validation.calibration.target import Target
from validation.drawn import Drawn, drawn
from validation.stopwatch import Subject, timed

FIRST_SEED = 10_000_000
"""Of the networks that a calibration sees; the scoreboard's have others."""

LEAST = 12
"""Networks of each kind, of which there are more where the machine is quick."""

FIRST_PASS = 0.4
"""Share of the time that the first pass may take."""

BUDGET = 0.02
"""Seconds that a phase is repeated for in a pass."""

AGREE = 0.05
"""Median difference of a network's two fastest passes up to which a machine counts as quiet."""

PHASES: tuple[Phase, ...] = ("inference", "training")


@dataclass(frozen=True)
class Measured:
    """What a calibration saw.

    Attributes:
        observations: networks and their fastest times.
        noise: median relative difference of the two fastest passes.
        passes: how many.
        seconds: that it all took.
    """

    observations: list[Observation]
    noise: float
    passes: int
    seconds: float

    @property
    def quiet(self) -> bool:
        """Whether the passes agree."""
        return self.noise <= AGREE


def measure(target: Target, seconds: float, told: Callable[[int, int, str], object]) -> Measured:
    """Two passes over all networks, and more of them, as far as there is time, until the fastest two agree.

    Args:
        target: where, and which networks.
        seconds: after which no pass is begun.
        told: of networks done, of how many, and which was the last.
    """
    start, kinds, limits = time.perf_counter(), target.kinds, target.limits
    networks: list[Drawn] = []
    activities: list[dict[str, float]] = []
    passes: list[list[float]] = [[]]
    while len(networks) < LEAST * len(kinds) or time.perf_counter() - start < FIRST_PASS * seconds:
        number = len(networks)
        networks.append(drawn(FIRST_SEED + number, kinds[number % len(kinds)], limits[number // len(kinds) % len(limits)]))
        subject = target.run(networks[-1].network, networks[-1].batch)
        activities.append(subject.rates())
        passes[0] += _timed(subject)
        told(len(networks), LEAST * len(kinds), f"pass 1: {networks[-1].network.name}")
    while len(passes) < 2 or (_noise(passes) > AGREE and _time_for_more(start, len(passes), seconds)):
        passes.append([])
        for done, one in enumerate(networks, 1):
            passes[-1] += _timed(target.run(one.network, one.batch))
            told(done, len(networks), f"pass {len(passes)}: {one.network.name}")
    workloads = [
        Workload(one.network, phase, batch=one.batch, rates=seen)
        for one, seen in zip(networks, activities, strict=True)
        for phase in PHASES
    ]
    fastest = np.min(passes, axis=0)
    observations = [Observation(workload, float(value)) for workload, value in zip(workloads, fastest, strict=True)]
    return Measured(observations, _noise(passes), len(passes), time.perf_counter() - start)


def _timed(subject: Subject) -> list[float]:
    """Seconds of a batch and of a training step."""
    return [timed(call, BUDGET).fastest for call in (subject.infer, subject.train)]


def _noise(passes: list[list[float]]) -> float:
    ordered = np.sort(passes, axis=0)
    return float(statistics.median(ordered[1] / ordered[0] - 1))


def _time_for_more(start: float, done: int, seconds: float) -> bool:
    taken = time.perf_counter() - start
    return taken * (done + 1) / done <= seconds
