"""A program printed as one numba loop, parallel over rows and vectorised within them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from costmodel.graphs.equations.recording import Recorded
from costmodel.sweeping.plan import Plan, needed_by, outputs_of, plan
from costmodel.sweeping.program import Program

_FORMATS = {"+": "{} + {}", "-": "{} - {}", "*": "{} * {}", "/": "{} / {}", "**": "{} ** {}", "ceiling": "np.ceil({})",
            "sqrt": "math.sqrt({})", "exp": "math.exp({})", "log": "math.log({})"}  # fmt: skip


@dataclass(frozen=True)
class Loop:
    """The source of a sweep's loop, and how it is called.

    ``tables(inner, x…, t)`` fills table k, ``t[k]``, at every inner point from the coordinates ``x`` of all inner points.
    ``fill(rows, middle, inner, n…, c…, t, …)`` writes each metric into a (rows, middle, inner) array; n and c are lengths and
    coordinates of the outer and the middle axes. ``reduce`` keeps of each row every metric's ends: (rows, metrics, 2).

    A masked loop knows which points fit: ``fits[Σ g…[index] + h[j]]``, where g are the offsets of outer and middle indices and h
    those of inner points, all after c. A point that does not fit costs infinitely much, and is no row's end.

    Attributes:
        source: of the three functions.
        outer, middle, inner: numbers of the axes.
        tables: how many arrays are tabulated over the inner axes.
        masked: whether it takes a mask.
    """

    source: str
    outer: tuple[int, ...]
    middle: tuple[int, ...]
    inner: tuple[int, ...]
    tables: int
    masked: bool


def printed(program: Program, shape: Sequence[int], *, masked: bool) -> Loop:
    """The loop of a program over a grid of some shape."""
    made = plan(program.recording, outputs_of(list(program.outputs.values())), shape)
    printer = _Printer(program, made, masked=masked)
    return Loop(printer.source(), made.outer, made.middle, made.inner, len(printer.columns), masked)


def compiled(source: str) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """The functions of a loop; each is compiled when it is first called."""
    from numba import njit, prange

    space: dict[str, Any] = {"math": math, "np": np, "prange": prange}
    exec(compile(source, "<sweep>", "exec"), space)
    # Without NaN and signed zeros a minimum may be kept in a vector; sums are never reordered, so that values are numpy's.
    make = njit(parallel=True, error_model="numpy", fastmath={"nnan", "nsz"}, nogil=True)
    return make(space["tables"]), make(space["fill"]), make(space["reduce"])


class _Printer:
    """Prints steps as assignments; an inverse is kept for every divisor that does not vary at a point.

    A division that a ceiling depends on stays a division, so that the ceiling is exact.
    """

    def __init__(self, program: Program, made: Plan, *, masked: bool) -> None:
        self.plan, self.steps, self.masked = made, program.recording.steps, masked
        self.results = {n: f"s{v.number}" if isinstance(v, Recorded) else repr(v) for n, v in program.outputs.items()}
        self.exact = set(needed_by(program.recording, [n for n, step in enumerate(self.steps) if step.operation == "ceiling"]))
        self.moving = set(made.point)
        inverted = dict.fromkeys(self.steps[n].arguments[1] for n in made.point if self._inverts(n))
        self.inverses = [d for d in inverted if isinstance(d, int)]
        read = set(outputs_of(list(program.outputs.values())))
        for n in made.point:
            read |= {a for a in self.steps[n].arguments[: 1 if self._inverts(n) else None] if isinstance(a, int)}
        self.columns = [f"s{n}" for n in made.table if n in read] + [f"r{d}" for d in self.inverses if d in made.table]

    def source(self) -> str:
        """The three functions."""
        results = self.results
        fill = [f"to_{name} = {name}[r, m]" for name in results]
        either = "{} if ok else {}math.inf" if self.masked else "{}"
        fills = [f"to_{name}[j] = {either.format(value, '')}" for name, value in results.items()]
        start = [line for k in range(len(results)) for line in (f"low{k} = math.inf", f"high{k} = -math.inf")]
        keep = [
            line
            for k, value in enumerate(results.values())
            for line in (
                f"low{k} = min(low{k}, {either.format(value, '')})",
                f"high{k} = max(high{k}, {either.format(value, '-')})",
            )
        ]
        end = [line for k in range(len(results)) for line in (f"ends[r, {k}, 0] = low{k}", f"ends[r, {k}, 1] = high{k}")]
        lines = self._tables() + self._loop("fill", [*results], [], fill, fills, [])
        return "\n".join(lines + self._loop("reduce", ["ends"], start, [], keep, end)) + "\n"

    def _tables(self) -> list[str]:
        """The function that tabulates what depends on inner axes only."""
        made = self.plan
        body = [f"s{i} = x{i}[j]" for i in made.inner if i in made.table] + self._computed(made.table)
        body += [f"t[{k}, j] = {name}" for k, name in enumerate(self.columns)]
        arguments = ", ".join(["inner", *(f"x{i}" for i in made.inner), "t"])
        return [f"def tables({arguments}):", *_indent(1, ["for j in prange(inner):"]), *_indent(2, body or ["pass"])]

    def _loop(self, name: str, into: list[str], start: list[str], turn: list[str], point: list[str], end: list[str]) -> list[str]:
        """A function of the three loops, with some lines at the start and the end of a row, of a turn and at every point."""
        made = self.plan
        axes = [*made.outer, *made.middle]
        lengths, values = [f"n{i}" for i in axes], [f"c{i}" for i in axes]
        mask = [*(f"g{i}" for i in axes), "h", "fits"] if self.masked else []
        arguments = ", ".join(["rows", "middle", "inner", *lengths, *values, *mask, "t", *into])
        row = self._digits("r", made.outer) + self._computed(made.row) + [f"t{k} = t[{k}]" for k in range(len(self.columns))]
        turns = self._digits("m", made.middle) + self._computed(made.turn)
        points = [f"{column} = t{k}[j]" for k, column in enumerate(self.columns)] + [self._line(n) for n in made.point]
        if self.masked:
            turns.append(f"o = {' + '.join([f'o{i}' for i in axes] or ['0'])}")
            points.append("ok = fits[o + h[j]]")
        return [
            f"def {name}({arguments}):",
            *_indent(1, ["for r in prange(rows):"]),
            *_indent(2, [*row, *start, "for m in range(middle):"]),
            *_indent(3, [*turns, *turn, "for j in range(inner):"]),
            *_indent(4, [*points, *point]),
            *_indent(2, end),
        ]

    def _digits(self, index: str, axes: Sequence[int]) -> list[str]:
        """Coordinates along some axes from an index, by mixed radix."""
        lines, rest = [], index
        for i in reversed(axes):
            lines += [f"s{i} = c{i}[{rest} % n{i}]"] + [f"o{i} = g{i}[{rest} % n{i}]"] * self.masked
            lines += [f"q{i} = {rest} // n{i}"]
            rest = f"q{i}"
        return lines

    def _computed(self, numbers: Sequence[int]) -> list[str]:
        """Assignments of steps that do not vary at a point, and of the inverses of those that points divide by."""
        lines = [self._line(n) for n in numbers if self.steps[n].operation != "input"]
        return lines + [f"r{n} = 1.0 / s{n}" for n in numbers if n in self.inverses]

    def _inverts(self, number: int) -> bool:
        """Whether a division is printed as a product with an inverse."""
        operation, arguments = self.steps[number]
        if operation != "/" or number in self.exact or number not in self.moving:
            return False
        return not (isinstance(arguments[1], int) and arguments[1] in self.moving)

    def _line(self, number: int) -> str:
        operation, arguments = self.steps[number]
        names = [f"s{a}" if isinstance(a, int) else f"({a!r})" for a in arguments]
        if self._inverts(number):
            inverse = f"r{arguments[1]}" if isinstance(arguments[1], int) else repr(1.0 / arguments[1])
            return f"s{number} = {names[0]} * {inverse}"
        if operation in ("Max", "Min"):
            return f"s{number} = {names[0]} if {names[0]} {'>' if operation == 'Max' else '<'} {names[1]} else {names[1]}"
        if operation == "**" and arguments[1] == 2.0 and isinstance(arguments[1], float):
            return f"s{number} = {names[0]} * {names[0]}"
        return f"s{number} = {_FORMATS[operation].format(*names)}"


def _indent(depth: int, lines: Sequence[str]) -> list[str]:
    return ["    " * depth + line for line in lines]
