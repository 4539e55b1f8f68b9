"""The plan of a sweep's loop: which axes run inside, and where each step of the program is computed.

Rows are blocks of the inner axes. What depends on outer axes only is computed once a row; what depends on inner axes only is
tabulated once for all rows; what depends on both is computed at every point. Most expensive functions end up in one of the
first two, so that a point takes a few multiplications.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from graphs.recording import Recorded, Recording

WEIGHT = {"/": 4.0, "sqrt": 6.0, "exp": 25.0, "log": 25.0, "**": 50.0}
"""Time of an operation in that of an addition, as a vectorised loop has it; 1 for all others."""

LOAD = 0.7
"""Time to read a table, in that of an addition."""

_MOST, _LEAST = 4096, 48
"""Points of a row: its tables stay in the cache, and a row takes longer than starting it."""


@dataclass(frozen=True)
class Plan:
    """Where each needed step is computed, by its number, in order.

    Attributes:
        inner: bit i for input i that runs inside a row.
        row: steps computed once a row.
        table: steps tabulated over the inner axes.
        point: steps computed at every point.
        read: tabulated steps that points read.
    """

    inner: int
    row: tuple[int, ...]
    table: tuple[int, ...]
    point: tuple[int, ...]
    read: tuple[int, ...]


def plan(recording: Recording, outputs: Sequence[int], inner: int) -> Plan:
    """The plan for given inner axes.

    Args:
        recording: the program.
        outputs: numbers of the steps asked for.
        inner: the inner axes, bit i for input i.
    """
    needed = needed_by(recording, outputs)
    rows = [n for n in needed if not recording.needs[n] & inner]
    tables = [n for n in needed if recording.needs[n] & inner and not recording.needs[n] & ~inner]
    points = [n for n in needed if recording.needs[n] & inner and recording.needs[n] & ~inner]
    asked = {a for n in points for a in recording.steps[n].arguments if isinstance(a, int)} | set(outputs)
    return Plan(inner, tuple(rows), tuple(tables), tuple(points), tuple(n for n in tables if n in asked))


def needed_by(recording: Recording, outputs: Sequence[int]) -> list[int]:
    """Numbers of the steps that some steps need, themselves included, in order."""
    needed: set[int] = set()
    waiting = list(outputs)
    while waiting:
        step = waiting.pop()
        if step not in needed:
            needed.add(step)
            if recording.steps[step].operation != "input":
                waiting.extend(a for a in recording.steps[step].arguments if isinstance(a, int))
    return sorted(needed)


def choose_inner(recording: Recording, outputs: Sequence[int], shape: Sequence[int]) -> int:
    """The inner axes that make a point cheapest, bit i for axis i; the smallest axis where all are long."""
    axes = range(len(shape))
    sets = [chosen for size in range(1, len(shape) + 1) for chosen in combinations(axes, size)]
    lengths = {chosen: math.prod(shape[i] for i in chosen) for chosen in sets}
    fitting = [chosen for chosen in sets if lengths[chosen] <= _MOST] or [(min(axes, key=lambda i: shape[i]),)]
    total = math.prod(shape)

    def cost(chosen: tuple[int, ...]) -> float:
        length = lengths[chosen]
        made = plan(recording, outputs, sum(1 << i for i in chosen))
        row, table, point = (sum(_weight(recording, n) for n in steps) for steps in (made.row, made.table, made.point))
        return point + LOAD * len(made.read) + (row + _LEAST) / length + table * length / total

    return sum(1 << i for i in min(fitting, key=cost))


def _weight(recording: Recording, number: int) -> float:
    return WEIGHT.get(recording.steps[number].operation, 1.0)


def outputs_of(values: Sequence[float | Recorded]) -> list[int]:
    """Numbers of the recorded ones among some outputs."""
    return [value.number for value in values if isinstance(value, Recorded)]
