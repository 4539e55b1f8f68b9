"""Crossover: which of two devices wins over one parameter or two, and where the lead changes."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from costmodel.deciding.bracketing import Search
from costmodel.deciding.conditions import Comparison, Condition, Side
from costmodel.deciding.costs import METRICS, Costs, of_network
from costmodel.deciding.parameters import Parameter, parameter
from costmodel.devices.part import Part
from costmodel.estimates.estimating import Workload
from costmodel.graphs.errors import InputError, nearest

MAP = (49, 17)
"""Points of a map, across and down."""


@dataclass(frozen=True)
class Lead:
    """A stretch of the parameter over which one device leads.

    Attributes:
        low, high: its ends, SI.
        winner: the device.
        least, most: how many times better it is there, at the points looked at.
    """

    low: float
    high: float
    winner: str
    least: float
    most: float


@dataclass(frozen=True)
class Line:
    """Two devices over one parameter.

    Attributes:
        metric, devices, over: what was asked; ``varied`` are the devices, or "network", whose parameter moves.
        crossings: where the lead changes, SI.
        leads: who leads where.
        points: values of the parameter; ``costs`` the metric of the first and the second device there, (2, points), SI.
        reason: why there are no leads; None where there are some.
    """

    metric: str
    devices: tuple[str, str]
    over: Parameter
    varied: tuple[str, ...]
    crossings: tuple[float, ...]
    leads: tuple[Lead, ...]
    points: np.ndarray
    costs: np.ndarray
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As in ``crossover --json``."""
        return {
            "schema": 1,
            "metric": self.metric,
            "unit": METRICS[self.metric],
            "devices": list(self.devices),
            "over": [_ends(self.over)],
            "varied": list(self.varied),
            "crossings": list(self.crossings),
            "leads": [vars(lead) for lead in self.leads],
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Map:
    """Two devices over two parameters.

    Attributes:
        metric, devices, over: what was asked; ``over`` is across, then down.
        across, down: the values looked at, SI.
        ratio: (down, across) the first device's metric over the second's; NaN where one of them cannot be.
    """

    metric: str
    devices: tuple[str, str]
    over: tuple[Parameter, Parameter]
    across: np.ndarray
    down: np.ndarray
    ratio: np.ndarray

    def first_wins(self) -> np.ndarray:
        """(down, across) whether the first device is better; it is not where the ratio is NaN."""
        return self.ratio > 1 if self.metric == "throughput" else self.ratio < 1

    def to_dict(self) -> dict[str, Any]:
        """As in ``crossover --json``."""
        return {
            "schema": 1,
            "metric": self.metric,
            "unit": METRICS[self.metric],
            "devices": list(self.devices),
            "over": [_ends(over) for over in self.over],
            "across": self.across.tolist(),
            "down": self.down.tolist(),
            "ratio": [[None if np.isnan(value) else float(value) for value in row] for row in self.ratio],
        }


def crossover(workload: Workload, one: Part, other: Part, over: list[str], metric: str = "latency") -> Line | Map:
    """Who wins over one parameter, or over two.

    Args:
        workload: the network as it is run.
        one, other: the devices.
        over: one or two words ``[D.]P[=LO:HI]``; a parameter without a device moves on both where both have it.
        metric: one of latency, energy, power, area, price, throughput.

    Raises:
        InputError: anything at fault.
    """
    if metric not in METRICS:
        raise InputError(f"there is no metric '{metric}'", mend=nearest(metric, METRICS), where="--metric")
    if one.name == other.name:
        raise InputError(f"'{one.name}' was given twice", mend="give two different devices", where="-d")
    if not 1 <= len(over) <= 2:
        raise InputError(f"{len(over)} parameters were given", mend="give one or two", where="--over")
    axes = [_axis(workload, one, other, word) for word in over]
    if len(axes) == 2:
        return _map(workload, one, other, axes, metric)
    return _line(workload, one, other, *axes[0], metric)


_Axis = tuple[Parameter, frozenset[str]]
"""A parameter and the names of the devices on which it moves."""


def _axis(workload: Workload, one: Part, other: Part, word: str) -> _Axis:
    name, equals, range_ = word.partition("=")
    named = [on for on in (one, other) if name.startswith(f"{on.name}.")]
    own = name.removeprefix(f"{named[0].name}.") if named else name
    having = named or [on for on in (one, other) if own in on.constants] or [one]
    try:
        found = parameter(workload, having[0], own)
        found = found.within(range_) if equals else found
    except InputError as error:
        raise InputError(error.what, mend=error.mend, where=f"--over {word}") from None
    return found, frozenset(on.name for on in ((one, other) if of_network(own) else having))


def _line(workload: Workload, one: Part, other: Part, over: Parameter, moving: frozenset[str], metric: str) -> Line:
    sign = ">" if metric == "throughput" else "<"
    sides = (Side(on.name, metric, on.name, 1.0) for on in (one, other))
    asked = Condition((Comparison(next(sides), sign, next(sides)),))
    search = Search(workload, one, over, asked, (other,), moving)
    varied, devices = ("network",) if of_network(over.name) else tuple(sorted(moving)), (one.name, other.name)
    if not search.runs:
        return Line(metric, devices, over, varied, (), (), np.array([]), np.zeros((2, 0)), search.fault(over.low))
    found = search.crossings()
    points = search.points[np.isfinite(search.values)]
    both = asked.comparisons[0]
    costs = np.array([search.side(side, points) for side in (both.left, both.right)])
    if points.size == 0:
        have = {on.name: Costs(workload, on).at({})[metric] for on in (one, other)}
        lacking = next((name for name, cost in have.items() if not np.isfinite(cost).all()), one.name)
        return Line(metric, devices, over, varied, (), (), points, costs, f"'{lacking}' has no {metric}")
    leads, places = [], tuple(crossing.inside for crossing in found)
    for low, high in search.runs:
        cuts = [low, *(place for place in places if low < place < high), high]
        for start, end in pairwise(cuts):
            here = (start <= points) & (points <= end)
            gap = np.log(costs[0, here] / costs[1, here]) * (-1 if sign == ">" else 1)
            winner = one if np.mean(gap) <= 0 else other
            times = np.exp(np.clip(gap if winner is other else -gap, 0, None))
            leads.append(Lead(start, end, winner.name, float(times.min()), float(times.max())))
    return Line(metric, devices, over, varied, places, tuple(leads), points, costs)


def _map(workload: Workload, one: Part, other: Part, axes: list[_Axis], metric: str) -> Map:
    (across, on_across), (down, on_down) = axes
    if across.name == down.name and on_across & on_down:
        raise InputError(f"'{across.name}' was given twice", mend="give two parameters", where="--over")
    grids = (axis.grid(points) for axis, points in zip((across, down), MAP, strict=True))
    xs, ys = (grid[grid > 0] for grid in grids)  # on logarithmic scales
    x, y = (values.ravel() for values in np.meshgrid(xs, ys))
    costs = []
    for on in (one, other):
        moved = {axis.name: values for (axis, moving), values in zip(axes, (x, y), strict=True) if on.name in moving}
        own = Costs(workload, on)
        found = np.broadcast_to(own.at(moved)[metric], x.shape).copy()
        for i in range(x.size if moved else 1):
            if own.fault({name: float(values[i]) for name, values in moved.items()}) is not None:
                found[i if moved else slice(None)] = np.nan
        costs.append(found)
    ratio = (costs[0] / costs[1]).reshape(len(ys), len(xs))
    return Map(metric, (one.name, other.name), (across, down), xs, ys, ratio)


def _ends(over: Parameter) -> dict[str, Any]:
    return {"parameter": over.name, "unit": over.unit, "low": over.low, "high": over.high}
