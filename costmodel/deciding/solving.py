"""Solving: the value of a parameter at which a condition on costs begins or ceases to hold, or why there is none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from costmodel.deciding.bracketing import Search
from costmodel.deciding.closed_form import closed_form
from costmodel.deciding.conditions import Comparison, Condition, condition
from costmodel.deciding.parameters import Parameter, parameter
from costmodel.deciding.roots import Crossing
from costmodel.devices.fitting import fitted
from costmodel.devices.part import Part, part
from costmodel.estimates.estimating import Workload
from costmodel.graphs.network import Network


@dataclass(frozen=True)
class Solution:
    """The answer.

    Attributes:
        parameter: what was solved for, with its unit and the range looked at.
        condition: as it was asked.
        value: where the condition turns, on the side where it holds, the one nearest to the present value; None: ``reason``.
        values: all such places.
        intervals: where the condition holds in the range, (low, high) each.
        method: how it was found, in words.
        equation: the closed form; None where there is none.
        verified: what either side is with the value put in: as written → SI; "holds"; and "beyond", the same just beyond it.
        reason: why there is no value.
        closest: without a value: where the condition comes closest, and both sides there.
        varied: the parts, or "network", whose parameter was varied.
    """

    parameter: Parameter
    condition: Condition
    value: float | None = None
    values: tuple[float, ...] = ()
    intervals: tuple[tuple[float, float], ...] = ()
    method: str | None = None
    equation: str | None = None
    verified: Mapping[str, Any] | None = None
    reason: str | None = None
    closest: Mapping[str, Any] | None = None
    varied: tuple[str, ...] = field(default_factory=tuple)

    def to_dict(self) -> dict[str, Any]:
        """As in ``solve --json``."""

        def number(value: float) -> float | int:
            return int(value) if self.parameter.whole else float(value)

        common = {
            "schema": 1,
            "parameter": self.parameter.name,
            "value": None if self.value is None else number(self.value),
            "unit": self.parameter.unit,
            "condition": self.condition.text,
            "range": [number(self.parameter.low), number(self.parameter.high)],
            "varied": list(self.varied),
            "intervals": [[number(low), number(high)] for low, high in self.intervals],
        }
        if self.value is None:
            return common | {"reason": self.reason, "closest": self.closest}
        found = {"values": [number(v) for v in self.values], "method": self.method, "equation": self.equation}
        return common | found | {"verified": self.verified}


def solve(
    network: Network | Workload,
    device: str | Part,
    name: str,
    until: str | Condition,
    *,
    within: str | None = None,
    rivals: Iterable[Part] = (),
) -> Solution:
    """The value of a parameter at which a condition on costs turns.

    A parameter of the device is varied on it, and on other devices of the condition where it is the very same quantity, as the
    price of electricity is; one of the network on all of them.

    Args:
        network: the network, or the network as it is to be run.
        device: a part's name, a part file, or a part.
        name: a parameter of the part, or timesteps, batch, bits, rate, rate.NODE, features.NODE.
        until: the condition, as in "latency <= 1ms" or "energy < h100.energy and latency < 1 ms".
        within: the range to look in, ``LO:HI``; None: six decades to either side, or what makes sense.
        rivals: parts that the condition may name beside those of the catalogue.

    Raises:
        InputError: anything at fault.
    """
    workload = network if isinstance(network, Workload) else Workload(network)
    on = fitted(device if isinstance(device, Part) else part(device), workload.table, workload.bits)
    asked = until if isinstance(until, Condition) else condition(until)
    found = parameter(workload, on, name)
    search = Search(workload, on, found.within(within) if within else found, asked, tuple(rivals))
    return _answer(search)


def _answer(search: Search) -> Solution:
    asked, over = search.asked, search.over
    if not search.runs:
        return Solution(over, asked, reason=f"{search.fault(over.low)}, whatever {over.name} {search.span()}", varied=search.varied)
    for side in (side for c in asked.comparisons for side in (c.left, c.right)):
        if not np.isfinite(search.side(side, np.array([search.runs[0][0], search.runs[-1][1]]))).any():
            name = side.device or search.on.name
            return Solution(over, asked, reason=f"'{name}' has no {side.metric}: {search.why_not(side)}", varied=search.varied)
    # Where the network fits is asked at some values only: what lies between and does not is left out here.
    found = [c for c in search.crossings() if search.fault(c.low) is None and search.fault(c.high) is None]
    if asked.comparisons[0].sign == "=":
        kept = [c for c in found if min(abs(c.at_low), abs(c.at_high)) <= 1e-6]
        if found and not kept:
            return _jumped(search, found[0])
        found = kept
    return _turning(search, found) if found else _none(search)


def _turning(search: Search, found: list[Crossing]) -> Solution:
    """The places where the condition turns, the one nearest to the present value first among equals."""
    over = search.over
    answers = [_exact(search, crossing) for crossing in found]
    present = over.value if over.value else float(np.sqrt(max(over.low, over.high * 1e-12) * over.high))
    nearest = min(range(len(found)), key=lambda i: abs(np.log(max(answers[i][0], 1e-300) / present)))
    value, equation = answers[nearest]
    crossing = found[nearest]
    beyond = crossing.high if crossing.at_low <= 0 else crossing.low
    if equation:
        method = "closed form" if len(found) == 1 else f"closed form; {len(found)} places found numerically"
    elif over.whole:
        method = "numerically, between whole numbers"
    else:
        method = "numerically, every change of sign closed in" + (", a jump" if crossing.jump else "")
    verified = search.verified(value)
    if crossing.jump:
        verified |= {"beyond": search.verified(beyond) | {over.name: float(beyond)}}
    return Solution(
        over,
        search.asked,
        value=value,
        values=tuple(answer for answer, _ in answers),
        intervals=tuple(search.intervals(found)),
        method=method,
        equation=equation,
        verified=verified,
        varied=search.varied,
    )


def _exact(search: Search, crossing: Crossing) -> tuple[float, str | None]:
    """The place of a crossing, on the side where the condition holds, from the closed form where there is one."""
    over, numeric = search.over, crossing.inside
    if over.whole or crossing.jump:
        return numeric, None
    comparison = search.binding(numeric)
    form = _form(search, comparison, numeric)
    close = [] if form is None else [root for root in form.roots if abs(root - numeric) <= 1e-6 * numeric]
    value = close[0] if close else numeric
    towards = 1.0 if crossing.at_high <= 0 else -1.0
    for step in (0.0, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10):
        moved = float(np.clip(value * (1 + towards * step), over.low, over.high))
        if search.verified(moved)["holds"]:
            return moved, form.equation if form and close else None
    return numeric, None


def _form(search: Search, comparison: Comparison, near: float) -> Any:
    """The closed form of the side that depends on the parameter, where the other does not."""
    sides = [(comparison.left, comparison.right), (comparison.right, comparison.left)]
    for side, other in sides:
        fixed = other.metric is None or not search.moves[other.device]
        if side.metric and search.moves[side.device] and fixed:
            target = float(search.side(other, np.array([near]))[0]) / side.factor
            return closed_form(search.costs[side.device].estimator({}), search.over.name, side.metric, target, near)
    return None


def _none(search: Search) -> Solution:
    """Why the condition never turns, and where it comes closest to doing so."""
    over, asked = search.over, search.asked
    points, values = search.points[np.isfinite(search.values)], search.values[np.isfinite(search.values)]
    if values.size == 0:
        return Solution(over, asked, reason=f"{asked.text} has no finite value {search.span()}", varied=search.varied)
    holds = bool((values <= 0).all()) and asked.comparisons[0].sign != "="
    # Of points that are equally close, the one nearest to the present value.
    least = np.abs(values) <= np.abs(values).min() + 1e-9
    distance = np.abs(np.log(np.maximum(points, 1e-300) / (over.value or 1.0)))
    order = points[np.lexsort((distance, np.where(least, 0.0, np.abs(values))))]
    closest = next(float(point) for point in order if search.fault(float(point)) is None)
    comparison = search.binding(closest)
    told = search.verified(closest)
    sides = comparison.pretty(told[comparison.left.text], told[comparison.right.text])
    at = f"{over.name} = {over.pretty(closest)}"
    if np.ptp(values) < 1e-9:
        reason = f"{comparison.metric} does not depend on {over.name} {search.span()}: {sides} " + (
            "holds" if holds else "does not hold"
        )
    elif holds:
        reason = f"{asked.text} holds for every {over.name} {search.span()}; it comes closest to failing at {at}, {sides}"
    else:
        sides = sides.replace(f" {comparison.sign} ", " against ")
        reason = f"{asked.text} holds for no {over.name} {search.span()}; it comes closest at {at}, {sides}: {search.stop(closest)}"
    where = {over.name: closest} | told
    interval = tuple(search.runs) if holds else ()
    return Solution(over, asked, reason=reason, closest=where, intervals=interval, varied=search.varied)


def _jumped(search: Search, crossing: Crossing) -> Solution:
    """Equality that a jump passes by."""
    over = search.over
    told = search.verified(crossing.inside)
    ends = f"{over.name} = {over.pretty(crossing.low)} and {over.pretty(crossing.high)}"
    reason = f"{search.asked.text} is passed in a jump: between {ends}"
    return Solution(over, search.asked, reason=reason, closest={over.name: crossing.inside} | told, varied=search.varied)
