"""Random networks of a calibration, each timed in several passes until the passes agree."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from costmodel.estimates.estimating import Phase, Workload
from costmodel.validation.calibration.drawn import Drawn, drawn
from costmodel.validation.calibration.fit import Observation
from costmodel.validation.calibration.stopwatch import Subject, timed
from costmodel.validation.calibration.target import Target

FIRST_SEED = 10_000_000
"""Of the networks that a calibration sees; the scoreboard's have others."""

LEAST = 12
"""Networks of each kind, of which there are more where the machine is quick."""

FIRST_PASS = 0.3
"""Share of the time that the first pass may take."""

BUDGET, REPEATS = 0.02, 2
"""Seconds that a phase is repeated for in a pass, and how often at least."""

READY = 2e9
"""Bytes of networks that are kept ready for further passes; the others are made anew."""

AGREE = 0.02
"""Median difference of a phase's two fastest passes up to which a machine counts as quiet."""

PHASES: tuple[Phase, ...] = ("inference", "training")


@dataclass(frozen=True)
class Measured:
    """What a calibration saw.

    Attributes:
        observations: networks and their fastest times.
        noise: median relative difference of a phase's two fastest passes.
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


@dataclass
class Timed:
    """A network of a calibration.

    Attributes:
        drawn: the network.
        rates: its activity, where its time depends on that.
        ready: it as it runs, kept where there is room.
        passes: seconds of a batch and of a training step, of every pass so far.
    """

    drawn: Drawn
    rates: dict[str, float]
    ready: Subject | None
    passes: list[list[float]]


def measure(target: Target, seconds: float, told: Callable[[int, int, str], object]) -> Measured:
    """Two passes over all networks, and more as far as there is time, until the fastest two agree.

    Args:
        target: where, and which networks.
        seconds: after which no pass is begun.
        told: of networks done, of how many, and which was the last.
    """
    start, kinds, limits = time.perf_counter(), target.kinds, target.limits
    networks: list[Timed] = []
    held = 0
    while len(networks) < LEAST * len(kinds) or time.perf_counter() - start < FIRST_PASS * seconds:
        number = len(networks)
        one = drawn(FIRST_SEED + number, kinds[number % len(kinds)], limits[number // len(kinds) % len(limits)])
        subject = target.run(one.network, one.batch)
        held += subject.nbytes
        networks.append(Timed(one, subject.rates(), subject if held <= READY else None, [_timed(subject)]))
        told(len(networks), LEAST * len(kinds), f"pass 1: {one.network.name}")
    passes, took = 1, 0.0
    while passes < 2 or (_noise(networks) > AGREE and time.perf_counter() - start + took <= seconds):
        passes, begun = passes + 1, time.perf_counter()
        for done, one in enumerate(networks, 1):
            one.passes.append(_timed(one.ready or target.run(one.drawn.network, one.drawn.batch)))
            told(done, len(networks), f"pass {passes}: {one.drawn.network.name}")
        took = time.perf_counter() - begun
    observations = [
        Observation(Workload(one.drawn.network, phase, batch=one.drawn.batch, rates=one.rates), float(fastest))
        for one in networks
        for phase, fastest in zip(PHASES, np.min(one.passes, axis=0), strict=True)
    ]
    return Measured(observations, _noise(networks), passes, time.perf_counter() - start)


def _timed(subject: Subject) -> list[float]:
    """Seconds of a batch and of a training step."""
    return [timed(call, BUDGET, REPEATS).fastest for call in (subject.infer, subject.train)]


def _noise(networks: list[Timed]) -> float:
    fastest = [np.sort(one.passes, axis=0) for one in networks]
    return statistics.median(float(x) for one in fastest for x in one[1] / one[0] - 1)
