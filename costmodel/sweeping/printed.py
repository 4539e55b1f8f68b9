"""A program printed as one numba loop, parallel over rows and vectorised within them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from costmodel.sweeping.plan import Plan, choose_inner, needed_by, outputs_of, plan
from costmodel.sweeping.program import Program
from graphs.recording import Recorded

_FORMATS = {"+": "{} + {}", "-": "{} - {}", "*": "{} * {}", "/": "{} / {}", "**": "{} ** {}", "ceiling": "math.ceil({})",
            "sqrt": "math.sqrt({})", "exp": "math.exp({})", "log": "math.log({})"}  # fmt: skip


@dataclass(frozen=True)
class Loop:
    """The source of a sweep's loop, and how it is called.

    Attributes:
        source: of the functions ``tables``, ``fill`` and ``reduce``.
        outer, inner: numbers of the axes.
        tables: how many arrays are tabulated over the inner axes.
    """

    source: str
    outer: tuple[int, ...]
    inner: tuple[int, ...]
    tables: int


def printed(program: Program, shape: Sequence[int]) -> Loop:
    """The loop of a program over a grid.

    ``tables(inner, x…, t)`` fills table k, ``t[k]``, at every inner point from the coordinates ``x`` of all inner points.
    ``fill(rows, inner, n…, c…, t, …)`` writes each metric at every row and point into a (rows, inner) array; n and c are lengths
    and coordinates of the outer axes. ``reduce`` keeps of each row every metric's least and largest value, (rows, metrics, 2).
    """
    recording = program.recording
    wanted = outputs_of(list(program.outputs.values()))
    made = plan(recording, wanted, choose_inner(recording, wanted, shape))
    axes = range(len(shape))
    outer, inner = [i for i in axes if not made.inner >> i & 1], [i for i in axes if made.inner >> i & 1]
    printer = _Printer(program, made)
    return Loop(printer.tables(inner) + printer.fill(outer) + printer.reduce(outer), tuple(outer), tuple(inner), printer.count)


class _Printer:
    """Prints steps as assignments; an inverse is kept for every divisor that does not vary within a row or a table.

    A division that a ceiling depends on stays a division, so that the ceiling is exact.
    """

    def __init__(self, program: Program, made: Plan) -> None:
        self.program, self.plan, recording = program, made, program.recording
        rounded = [n for n, step in enumerate(recording.steps) if step.operation == "ceiling"]
        self.exact = set(needed_by(recording, rounded))
        self.moving = set(made.point)
        divisors = [recording.steps[n].arguments[1] for n in made.point if self._inverts(n)]
        fixed = dict.fromkeys(d for d in divisors if isinstance(d, int))
        self.row_inverses = [d for d in fixed if d in set(made.row)]
        self.table_inverses = [d for d in fixed if d in set(made.table)]
        self.columns = [f"s{n}" for n in self._read()] + [f"r{d}" for d in self.table_inverses]

    @property
    def count(self) -> int:
        """How many tables there are."""
        return len(self.columns)

    def _read(self) -> list[int]:
        """Tabulated steps that a point reads, those apart of which it reads the inverse only."""
        steps = self.program.recording.steps
        used = set(outputs_of(list(self.program.outputs.values())))
        for n in self.plan.point:
            arguments = steps[n].arguments[:1] if self._inverts(n) else steps[n].arguments
            used |= {a for a in arguments if isinstance(a, int)}
        return [n for n in self.plan.read if n in used]

    def _inverts(self, number: int) -> bool:
        """Whether a division is printed as a product with the inverse."""
        operation, arguments = self.program.recording.steps[number]
        return operation == "/" and number not in self.exact and not (isinstance(arguments[1], int) and arguments[1] in self.moving)

    def _line(self, number: int, *, inverts: bool = False) -> str:
        operation, arguments = self.program.recording.steps[number]
        names = [f"s{a}" if isinstance(a, int) else repr(a) for a in arguments]
        if inverts and self._inverts(number):
            inverse = f"r{arguments[1]}" if isinstance(arguments[1], int) else repr(1.0 / arguments[1])
            return f"s{number} = {names[0]} * {inverse}"
        if operation in ("Max", "Min"):
            return f"s{number} = {names[0]} if {names[0]} {'>' if operation == 'Max' else '<'} {names[1]} else {names[1]}"
        return f"s{number} = {_FORMATS[operation].format(*names)}"

    def _steps(self, numbers: Sequence[int], *, inverts: bool = False) -> list[str]:
        steps = self.program.recording.steps
        return [self._line(n, inverts=inverts) for n in numbers if steps[n].operation != "input"]

    def tables(self, inner: Sequence[int]) -> str:
        """The function that tabulates what depends on inner axes only."""
        used = [i for i in inner if i in self.plan.table]
        lines = [f"s{i} = x{i}[j]" for i in used] + self._steps(self.plan.table)
        lines += [f"r{d} = 1.0 / s{d}" for d in self.table_inverses]
        lines += [f"t[{k}, j] = {name}" for k, name in enumerate(self.columns)]
        head = f"def tables(inner, {', '.join(f'x{i}' for i in inner)}, t):\n    for j in prange(inner):\n"
        return head + "".join(f"        {line}\n" for line in lines or ["pass"])

    def _row(self, outer: Sequence[int]) -> list[str]:
        """A row's coordinates, from its number by mixed radix, and what is computed once for it."""
        lines, rest = [], "r"
        for i in reversed(outer):
            lines += [f"s{i} = c{i}[{rest} % n{i}]", f"q{i} = {rest} // n{i}"]
            rest = f"q{i}"
        lines += self._steps(self.plan.row) + [f"r{d} = 1.0 / s{d}" for d in self.row_inverses]
        return lines + [f"t{k} = t[{k}]" for k in range(self.count)]

    def _point(self) -> list[str]:
        return [f"{name} = t{k}[j]" for k, name in enumerate(self.columns)] + self._steps(self.plan.point, inverts=True)

    def _arguments(self, outer: Sequence[int]) -> str:
        return ", ".join(["rows", "inner", *(f"n{i}" for i in outer), *(f"c{i}" for i in outer), "t"])

    def _results(self) -> Mapping[str, str]:
        return {
            name: f"s{value.number}" if isinstance(value, Recorded) else repr(value) for name, value in self.program.outputs.items()
        }

    def fill(self, outer: Sequence[int]) -> str:
        """The function that writes every metric at every point."""
        results = self._results()
        lines = [f"def fill({self._arguments(outer)}, {', '.join(results)}):", "    for r in prange(rows):"]
        lines += [f"        {line}" for line in self._row(outer)]
        lines += [f"        to_{name} = {name}[r]" for name in results] + ["        for j in range(inner):"]
        lines += [f"            {line}" for line in self._point()]
        lines += [f"            to_{name}[j] = {value}" for name, value in results.items()]
        return "\n".join(lines) + "\n"

    def reduce(self, outer: Sequence[int]) -> str:
        """The function that keeps each row's ends."""
        results = self._results()
        lines = [f"def reduce({self._arguments(outer)}, ends):", "    for r in prange(rows):"]
        lines += [f"        {line}" for line in self._row(outer)]
        for k in range(len(results)):
            lines += [f"        low{k} = math.inf", f"        high{k} = -math.inf"]
        lines += ["        for j in range(inner):", *(f"            {line}" for line in self._point())]
        for k, value in enumerate(results.values()):
            lines += [f"            v{k} = {value}", f"            low{k} = min(low{k}, v{k})"]
            lines += [f"            high{k} = max(high{k}, v{k})"]
        for k in range(len(results)):
            lines += [f"        ends[r, {k}, 0] = low{k}", f"        ends[r, {k}, 1] = high{k}"]
        return "\n".join(lines) + "\n"


def compiled(loop: Loop) -> tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]:
    """The functions of a loop; each is compiled when it is first called."""
    import math

    from numba import njit, prange

    space: dict[str, Any] = {"math": math, "prange": prange}
    exec(compile(loop.source, "<sweep>", "exec"), space)
    # Without NaN and signed zeros a minimum may be kept in a vector; sums are never reordered, so that values are numpy's.
    make = njit(parallel=True, error_model="numpy", fastmath={"nnan", "nsz"}, nogil=True)
    return make(space["tables"]), make(space["fill"]), make(space["reduce"])
