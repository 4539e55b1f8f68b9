"""The search behind solving: a condition as a function of one parameter, where it is defined, and where it changes sign."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np

from costmodel.deciding.conditions import Comparison, Condition, Side
from costmodel.deciding.costs import Costs, is_lowered, of_network
from costmodel.deciding.parameters import Parameter, shared
from costmodel.deciding.roots import Crossing, crossings, edge
from costmodel.devices.part import Part, part
from costmodel.estimates.estimating import Workload

POINTS = 181
"""Design points at which a condition is looked at first, 15 a decade of the range of most parameters."""

LOWERED_POINTS = 19
"""The same where each point lays the network out anew."""


class Search:
    """A condition over one parameter of a device or a network.

    Args:
        workload: the network as it is run.
        on: the device.
        over: the parameter, with the range to look in.
        asked: the condition.
        rivals: parts that the condition may name beside those of the catalogue.
        moving: names of the parts on which the parameter moves; None: the device, and those that share the very same quantity.

    Raises:
        InputError: a device of the condition is not known.
    """

    def __init__(
        self,
        workload: Workload,
        on: Part,
        over: Parameter,
        asked: Condition,
        rivals: Iterable[Part] = (),
        moving: frozenset[str] | None = None,
    ) -> None:
        self.on, self.over, self.asked = on, over, asked
        own = Costs(workload, on)
        self.costs: dict[str | None, Costs] = {None: own, on.name: own}
        known = {rival.name: rival for rival in rivals}
        for name in asked.devices:
            self.costs.setdefault(name, Costs(workload, known.get(name) or part(name)))
        if moving is None:
            sharing = [costs.part.name for costs in self.costs.values() if shared(over.name, on, costs.part)]
            moving = frozenset([on.name, *sharing])
        self.moves = {name: of_network(over.name) or costs.part.name in moving for name, costs in self.costs.items()}
        self._faults: dict[float, str | None] = {}
        self.points, self.values = np.array([]), np.array([])

    @property
    def varied(self) -> tuple[str, ...]:
        """The parts whose parameter is varied; "network" where it is the network's."""
        return ("network",) if of_network(self.over.name) else tuple(name for name, moves in self.moves.items() if name and moves)

    def span(self) -> str:
        """The range where the condition is defined, in words."""
        low, high = (self.runs[0][0], self.runs[-1][1]) if self.runs else (self.over.low, self.over.high)
        return f"from {self.over.pretty(low)} to {self.over.pretty(high)}"

    # -- the function -----------------------------------------------------------------------------------------------------
    def side(self, side: Side, points: np.ndarray) -> np.ndarray:
        """One side of a comparison at values of the parameter, SI."""
        if side.metric is None:
            return np.full(points.shape, side.factor)
        values = {self.over.name: points} if self.moves[side.device] else {}
        return side.factor * np.broadcast_to(self.costs[side.device].at(values)[side.metric], points.shape)

    def excesses(self, points: np.ndarray) -> np.ndarray:
        """By how much each comparison is from holding, in ln: (comparisons, points)."""
        return np.array([c.excess(self.side(c.left, points), self.side(c.right, points)) for c in self.asked.comparisons])

    def excess(self, points: np.ndarray) -> np.ndarray:
        """The same of the whole condition: 0 or less where it holds, NaN where it is not defined."""
        inside = np.zeros(points.shape, dtype=bool)
        for low, high in self.runs:
            inside |= (low <= points) & (points <= high)
        return np.where(inside, self.excesses(points).max(axis=0), np.nan)

    def binding(self, value: float) -> Comparison:
        """The comparison that decides at a value."""
        return self.asked.comparisons[int(np.argmax(self.excesses(np.array([value]))[:, 0]))]

    # -- where it is defined ------------------------------------------------------------------------------------------------
    def fault(self, value: float) -> str | None:
        """Why a value cannot be, on the device or on one it is held against; None where it can."""
        if value not in self._faults:
            self._faults[value] = next(filter(None, (self._fault(name, value) for name in self.costs if name)), None)
        return self._faults[value]

    def _fault(self, name: str, value: float) -> str | None:
        if not self.moves[name]:
            return self._still_faults[name]
        found = self.costs[name].fault({self.over.name: value})
        return None if found is None else f"{name}: {found}"

    @cached_property
    def _still_faults(self) -> dict[str, str | None]:
        """The same of the devices on which the parameter does not move."""
        still = {name: self.costs[name].fault({}) for name, moves in self.moves.items() if name and not moves}
        return {name: None if found is None else f"{name}: {found}" for name, found in still.items()}

    @cached_property
    def grid(self) -> np.ndarray:
        """The values looked at first."""
        return self.over.grid(LOWERED_POINTS if is_lowered(self.over.name) else POINTS)

    @cached_property
    def runs(self) -> list[tuple[float, float]]:
        """The stretches of the range in which the network fits and no two values contradict; nine are tried, edges closed in."""
        grid, found, start = self.grid, [], None
        anchors = [float(grid[i]) for i in np.unique(np.linspace(0, len(grid) - 1, 9).round().astype(int))]
        for before, after in zip([None, *anchors], anchors, strict=False):
            fits = self.fault(after) is None
            if before is None:
                start = after if fits else None
            elif fits and start is None:
                start = self._edge(after, before)
            elif not fits and start is not None:
                found.append((start, self._edge(before, after)))
                start = None
        return found if start is None else [*found, (start, anchors[-1])]

    def _edge(self, inside: float, outside: float) -> float:
        return edge(lambda value: self.fault(value) is None, inside, outside, whole=self.over.whole)

    # -- where it turns -------------------------------------------------------------------------------------------------------
    def crossings(self) -> list[Crossing]:
        """All sign changes, in order; ``points`` and ``values`` keep what was looked at on the way."""
        ends = [end for run in self.runs for end in run]
        grid = np.unique(np.concatenate([self.grid, ends]))
        pieces = 2 if is_lowered(self.over.name) else 32
        found, self.points, self.values = crossings(self.excess, grid, whole=self.over.whole, pieces=pieces)
        return [c for c in found if self.fault(c.inside) is None]

    def intervals(self, found: list[Crossing]) -> list[tuple[float, float]]:
        """Where the condition holds."""
        result = []
        for low, high in self.runs:
            here = [c for c in found if low <= c.low and c.high <= high]
            start = low if self.excess(np.array([low]))[0] <= 0 else None
            for c in here:
                if c.at_low <= 0 and start is not None:
                    result.append((start, c.low))
                    start = None
                elif c.at_low > 0:
                    start = c.high
            if start is not None:
                result.append((start, high))
        return result

    def stop(self, value: float) -> str:
        """What keeps the parameter from going further than a value: an end of a run, or a least cost within."""
        for low, high in self.runs:
            for end, limit in ((low, self.over.low), (high, self.over.high)):
                if value == end:
                    if end == limit:
                        return f"the {'low' if end == low else 'high'} end of the range stops it"
                    beyond = self.fault(end * (1 - 1e-6) if end == low else end * (1 + 1e-6)) if not self.over.whole else None
                    beyond = beyond or self.fault(end - 1 if end == low else end + 1)
                    return f"beyond, {beyond}" if beyond else "nothing further is defined"
        told = self.costs[None].estimator({self.over.name: value}).estimate()
        return f"further either way it gets no better; most of its time goes to {told.bound_by}"

    # -- put back -----------------------------------------------------------------------------------------------------------
    def verified(self, value: float) -> dict[str, Any]:
        """Both sides of every comparison by an estimate anew with the value put in: as written → SI, and whether all hold."""
        told: dict[str, Any] = {}
        estimates: dict[str | None, Any] = {}
        for side in (side for c in self.asked.comparisons for side in (c.left, c.right)):
            if side.metric is None:
                told[side.text] = side.factor
                continue
            if side.device not in estimates:
                values = {self.over.name: value} if self.moves[side.device] else {}
                estimates[side.device] = self.costs[side.device].estimator(values).estimate()
            cost = getattr(estimates[side.device], side.metric)
            told[side.text] = side.factor * float(getattr(cost, "value", cost))
        told["holds"] = all(c.holds(told[c.left.text], told[c.right.text]) for c in self.asked.comparisons)
        return told

    def why_not(self, side: Side) -> str:
        """Why a device has no area or price, from its part."""
        missing = self.costs[side.device].part.constants["die_area" if side.metric == "area" else "price"]
        return missing.note or "not known"
