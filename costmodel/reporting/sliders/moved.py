"""What the sliders of a report move: the network's batch, time steps and activity, and of each part what matters most."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.settings.fields import MOST_COUNTED
from costmodel.reporting.sliders.sizes import Rates, rates

MOST = 4
"""Sliders of a part."""

SPANS = (10.0, 3.0, 1.5)
"""How far a parameter may be moved, up and down, as a factor: the first at whose ends the network still fits."""

STEPS = 100
"""Positions of a parameter's slider on either side of the part's own value."""


@dataclass(frozen=True)
class Slider:
    """A parameter that the page lets one move: position k of −`STEPS` … `STEPS` is value · span^(k / `STEPS`), at most ``high``.

    Attributes:
        name, meaning, unit: of the parameter.
        value: the part's own, SI.
        span: the factor at the ends.
        high: largest value that makes sense.
        energy, latency: elasticities: by how many per cent the cost rises with the value rising by one.
    """

    name: str
    meaning: str
    unit: str
    value: float
    span: float
    high: float
    energy: float
    latency: float

    def at(self, position: int) -> float:
        """The value at a position."""
        return min(self.value * self.span ** (position / STEPS), self.high)


@dataclass(frozen=True)
class NetworkSliders:
    """What the page lets one set of the network.

    Attributes:
        workload: the network.
        batch: samples together, rising.
        timesteps: time steps, rising.
        activity: factors on the rates of all spikes, rising.
    """

    workload: Workload

    @cached_property
    def batch(self) -> list[int]:
        """Powers of two and the network's own, up to 1,024 or sixteen times that."""
        own = self.workload.batch
        return sorted({own, *(2**k for k in range(32) if 2**k <= max(1024, 16 * own))})

    @cached_property
    def timesteps(self) -> list[int]:
        """From an eighth to eight times the network's own, four to an octave; those that a given rate allows."""
        return list(self.rates)

    @cached_property
    def rates(self) -> dict[int, Rates]:
        """Time steps → the rates there."""
        own = self.workload.network.timesteps
        wanted = {own} if self.measured else {min(max(1, round(own * 2 ** (k / 4))), MOST_COUNTED) for k in range(-12, 13)}
        found = {steps: rates(self.workload, steps) for steps in sorted(wanted)}
        return {steps: each for steps, each in found.items() if each is not None}

    @cached_property
    def activity(self) -> list[float]:
        """From an eighth to eight times; just 1 where there is nothing to move."""
        some = any(any(each.scaled) for each in self.rates.values())
        return [2 ** (k / 8) for k in range(-24, 25)] if some and not self.measured else [1.0]

    @property
    def measured(self) -> bool:
        """Whether activity was measured that follows from other nodes', of which other time steps or rates would know nothing."""
        nodes = self.workload.network.nodes
        return any(not isinstance(nodes.get(name), Input | Population) for name in self.workload.activities["mean"].elements)


NONE_OF_THE_DEVICE = ("weight_bits", "state_bits", "static_share", "k_time", "k_energy")
"""What the network gives, what is counted, and how far equations were off: nothing that a device could be made otherwise in."""


def influential(estimator: Estimator, count: int = MOST) -> list[Slider]:
    """The parameters of a part that its costs hang on most, those that lead; corrections and what is counted are left out.

    Args:
        estimator: the network on the part; it fits.
        count: how many at most.
    """
    on, found = estimator.part, []
    names = [n for n, value in on.values.items() if value and not on.device.params[n].whole and not n.endswith("_residual")]
    names = [name for name in names if name not in NONE_OF_THE_DEVICE]
    for name, (latency, energy) in zip(names, _elasticities(estimator, names), strict=True):
        param, value = on.device.params[name], float(on.values[name] or 0.0)
        found.append(Slider(name, param.meaning, param.unit, value, SPANS[0], param.high, energy, latency))
    chosen: list[Slider] = []
    for slider in sorted(found, key=lambda each: -abs(each.latency) - abs(each.energy)):
        if len(chosen) < count and abs(slider.latency) + abs(slider.energy) > 1e-6:
            spans = (Slider(**{**vars(slider), "span": span}) for span in SPANS)
            chosen += itertools.islice((each for each in spans if _fits(estimator, [*chosen, each])), 1)
    return chosen


def _elasticities(estimator: Estimator, names: Sequence[str]) -> list[tuple[float, float]]:
    """∂ ln latency / ∂ ln value and ∂ ln energy / ∂ ln value of each parameter, by central differences over 1 %."""
    step, points = 0.01, {}
    for i, name in enumerate(names):
        value = float(estimator.part.values[name] or 0.0)
        points[name] = np.full(2 * len(names), value)
        points[name][2 * i : 2 * i + 2] = value * np.exp([-step / 2, step / 2])
    figures = estimator.figures(points)
    both = []
    for cost in (figures.latency, figures.energy):
        ends = np.log(np.broadcast_to(np.ravel(cost), 2 * len(names)).reshape(-1, 2))
        both.append((ends[:, 1] - ends[:, 0]) / step)
    return list(zip(*(each.tolist() for each in both), strict=True))


def _fits(estimator: Estimator, sliders: Sequence[Slider]) -> bool:
    """Whether the network fits the part with every slider at either end, all combinations of them."""
    for ends in itertools.product((-STEPS, STEPS), repeat=len(sliders)):
        try:
            on = estimator.part.override({each.name: each.at(end) for each, end in zip(sliders, ends, strict=True)})
        except InputError:
            return False
        if estimator.violations(on.device(on.values)):
            return False
    return True


def most_together(workloads: "Workloads", estimator: Estimator) -> list[int] | None:
    """For each number of time steps the place in ``batch`` of the most samples together that fit the part, −1 for none; None
    where all fit. (More of either never needs less.)"""
    sliders, on = workloads.sliders, estimator.part

    def most(steps: int) -> int:
        """The place of the most samples that fit over so many steps."""
        feasible = (_runs(Estimator(workloads.at(steps, batch), on)) for batch in sliders.batch)
        return sum(1 for _ in itertools.takewhile(bool, feasible)) - 1

    if _runs(Estimator(workloads.at(sliders.timesteps[-1], sliders.batch[-1]), on)):
        return None
    return [most(steps) for steps in sliders.timesteps]


def _runs(estimator: Estimator) -> bool:
    return not estimator.violations(estimator.part.device(estimator.part.values))


class Workloads:
    """The network at any position of its sliders, each lowered once.

    Args:
        sliders: the sliders.
    """

    def __init__(self, sliders: NetworkSliders) -> None:
        self.sliders = sliders
        self._known: dict[tuple[int, int], Workload] = {}

    def at(self, timesteps: int, batch: int) -> Workload:
        """The workload with other time steps and another batch."""
        key = (timesteps, batch)
        if key not in self._known:
            own = self.sliders.workload
            network = own.network if timesteps == own.network.timesteps else own.network.with_timesteps(timesteps)
            given = own.activities["mean"]
            self._known[key] = Workload(network, own.phase, batch=batch, rates=given.given, bits=own.bits)
        return self._known[key]
