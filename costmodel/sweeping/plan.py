"""The plan of a sweep's loops: how its axes are nested, and where each step of the program is computed.

Three loops: over rows (in parallel), over the middle axes, and over the inner axes, which is vectorised. A step is computed in the
outermost loop that knows all it needs; one that needs inner axes only is tabulated once for all. So the expensive functions of a
few parameters leave the innermost loop, where a point takes a few multiplications.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from costmodel.graphs.equations.recording import Recorded, Recording, Step

LOAD, TURN, ROW = 0.7, 40.0, 60.0
"""Time to read a table, to begin the inner loop, and to begin a row, in that of an addition."""

MOST = 4096
"""Inner points: their tables stay in the cache."""


@dataclass(frozen=True)
class Plan:
    """Where each needed step is computed, by its number, in order.

    Attributes:
        outer, middle, inner: numbers of the axes.
        row: steps computed once a row.
        turn: steps computed once for each value of the middle axes.
        table: steps tabulated over the inner axes.
        point: steps computed at every point.
    """

    outer: tuple[int, ...]
    middle: tuple[int, ...]
    inner: tuple[int, ...]
    row: tuple[int, ...]
    turn: tuple[int, ...]
    table: tuple[int, ...]
    point: tuple[int, ...]


def plan(recording: Recording, outputs: Sequence[int], shape: Sequence[int]) -> Plan:
    """The plan that makes a point cheapest.

    Args:
        recording: the program; its inputs are the axes.
        outputs: numbers of the steps asked for.
        shape: points along each axis.
    """
    places = _places(recording, outputs, shape)
    outer, middle, inner = (tuple(i for i, place in enumerate(places) if place == which) for which in range(3))
    steps: dict[str, list[int]] = {"row": [], "turn": [], "table": [], "point": []}
    for number in needed_by(recording, outputs):
        steps[_where(recording.needs[number], _mask(middle), _mask(inner))].append(number)
    return Plan(outer, middle, inner, **{name: tuple(numbers) for name, numbers in steps.items()})


def _where(needs: int, middle: int, inner: int) -> str:
    """The loop in which a step with these needs is computed."""
    if needs & inner:
        return "point" if needs & ~inner else "table"
    return "turn" if needs & middle else "row"


def needed_by(recording: Recording, outputs: Sequence[int]) -> list[int]:
    """Numbers of the steps that some steps need, themselves included, in order."""
    needed: set[int] = set()
    waiting = list(outputs)
    while waiting:
        number = waiting.pop()
        if number not in needed:
            needed.add(number)
            waiting.extend(_sources(recording, number))
    return sorted(needed)


def _sources(recording: Recording, number: int) -> list[int]:
    return [a for a in recording.steps[number].arguments if isinstance(a, int)]


def _places(recording: Recording, outputs: Sequence[int], shape: Sequence[int]) -> tuple[int, ...]:
    """For each axis 0, 1 or 2: outer, middle or inner."""
    needed = needed_by(recording, outputs)
    readers: dict[int, set[int]] = {number: set() for number in needed}
    for number in needed:
        for source in _sources(recording, number):
            readers[source].add(recording.needs[number])
    for number in outputs:
        readers[number].add(-1)
    weights: defaultdict[int, float] = defaultdict(float)
    kinds: Counter[tuple[int, frozenset[int]]] = Counter()
    for number in needed:
        weights[recording.needs[number]] += _weight(recording.steps[number])
        kinds[recording.needs[number], frozenset(readers[number])] += 1
    total = math.prod(shape)

    def cost(places: tuple[int, ...]) -> float:
        middle, inner = (_mask([i for i, place in enumerate(places) if place == which]) for which in (1, 2))
        inside = math.prod(n for n, place in zip(shape, places, strict=True) if place == 2)
        turns = math.prod(n for n, place in zip(shape, places, strict=True) if place == 1)
        if not inner or (inside > MOST and places.count(2) > 1):
            return math.inf
        spent = {"row": ROW, "turn": TURN, "table": 0.0, "point": 0.0}
        for needs, weight in weights.items():
            spent[_where(needs, middle, inner)] += weight
        read = sum(n for (needs, by), n in kinds.items() if needs & inner and not needs & ~inner and any(b & ~inner for b in by))
        rows = total / (inside * turns)
        each = (
            spent["point"] + LOAD * read + spent["turn"] / inside + spent["row"] / (inside * turns) + spent["table"] / rows / turns
        )
        return each * (1 + 4 / rows) * (1 + max(0.0, inside / MOST - 1))

    return min(product(range(3), repeat=len(shape)), key=cost)


def _mask(axes: Sequence[int]) -> int:
    return sum(1 << i for i in axes)


def _weight(step: Step) -> float:
    """Time of an operation in that of an addition, as a vectorised loop has it."""
    if step.operation == "**":
        return 1.0 if step.arguments[1] == 2.0 and isinstance(step.arguments[1], float) else 50.0
    return {"/": 4.0, "sqrt": 6.0, "exp": 25.0, "log": 25.0}.get(step.operation, 1.0)


def outputs_of(values: Sequence[float | Recorded]) -> list[int]:
    """Numbers of the recorded ones among some outputs."""
    return [value.number for value in values if isinstance(value, Recorded)]
