"""Values that record how they are computed: an equation called with them becomes a program.

Where sympy rearranges what it is given, a recording keeps every operation as numpy would do it, in the same order, so that the
program gives the same numbers to the last bit and a ceiling never falls on the other side. Equal operations are recorded once.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np


class Step(NamedTuple):
    """One operation: its name and what it is applied to, numbers of earlier steps (int) or constants (float)."""

    operation: str
    arguments: tuple[int | float, ...]


NUMERIC: dict[str, Any] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "Max": np.maximum,
    "Min": np.minimum,
    "ceiling": np.ceil,
    "sqrt": np.sqrt,
    "exp": np.exp,
    "log": np.log,
}
"""What each operation is in numpy; those in letters are called as sympy does."""

_COMMUTE = ("+", "*", "Max", "Min")


class Recording:
    """The operations recorded so far, over some named inputs.

    Attributes:
        names: of the inputs; input i is step i.
        steps: in an order in which each one needs only earlier ones.
        needs: for each step the inputs that it depends on, bit i for input i.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.steps: list[Step] = []
        self.needs: list[int] = []
        self._known: dict[tuple[Any, ...], Recorded] = {}
        self.inputs = {name: self._add(Step("input", (float(i),)), 1 << i) for i, name in enumerate(self.names)}

    def apply(self, operation: str, *values: Any) -> Any:
        """The result of an operation: a number where all values are, else recorded; what changes nothing is left out."""
        arguments = tuple(v.number if isinstance(v, Recorded) else float(v) for v in values)
        if not any(isinstance(a, int) for a in arguments):
            with np.errstate(all="ignore"):
                return float(NUMERIC[operation](*arguments))
        kept = _unchanged(operation, arguments)
        if kept is not None:
            return Recorded(self, kept) if isinstance(kept, int) else kept
        if operation in _COMMUTE:
            arguments = tuple(sorted(arguments, key=lambda a: (isinstance(a, float), a)))
        needs = 0
        for a in arguments:
            needs |= self.needs[a] if isinstance(a, int) else 0
        return self._add(Step(operation, arguments), needs)

    def _add(self, step: Step, needs: int) -> "Recorded":
        key = (*step, *map(type, step.arguments))  # step 1 is not the number 1.0
        if key not in self._known:
            self._known[key] = Recorded(self, len(self.steps))
            self.steps.append(step)
            self.needs.append(needs)
        return self._known[key]

    def evaluate(self, outputs: Sequence[Any], values: Mapping[str, Any]) -> list[Any]:
        """Outputs (recorded values or numbers) at values of all inputs: numbers, or arrays that broadcast together."""
        done: list[Any] = []
        with np.errstate(all="ignore"):
            for operation, arguments in self.steps:
                if operation == "input":
                    done.append(np.asarray(values[self.names[len(done)]], dtype=float))
                else:
                    done.append(NUMERIC[operation](*(done[a] if isinstance(a, int) else a for a in arguments)))
        return [done[o.number] if isinstance(o, Recorded) else o for o in outputs]


def _unchanged(operation: str, arguments: tuple[int | float, ...]) -> int | float | None:
    """The argument or number that an operation on finite values gives whatever the other is; None where it does work."""
    first, second = arguments if len(arguments) == 2 else (arguments[0], math.nan)
    if operation == "*" and 0.0 in (first if isinstance(first, float) else None, second if isinstance(second, float) else None):
        return 0.0
    neutral = {"+": 0.0, "*": 1.0, "-": 0.0, "/": 1.0, "**": 1.0}.get(operation)
    if neutral is not None and isinstance(second, float) and second == neutral:
        return first
    if operation in "+*" and isinstance(first, float) and first == neutral:
        return second
    if operation == "**" and isinstance(second, float) and second == 0.0:
        return 1.0
    if operation == "/" and isinstance(first, float) and first == 0.0:
        return 0.0
    return first if operation in ("Max", "Min") and first == second and type(first) is type(second) else None


class Recorded:
    """The result of a recorded step, to calculate with as with a number; comparing it for a decision is refused."""

    __slots__ = ("number", "recording")

    def __init__(self, recording: Recording, number: int) -> None:
        self.recording, self.number = recording, number

    @property
    def free_symbols(self) -> frozenset[str]:
        """Names of the inputs that it depends on (as sympy calls them)."""
        needs = self.recording.needs[self.number]
        return frozenset(name for i, name in enumerate(self.recording.names) if needs >> i & 1)

    def function(self, name: str) -> Any:
        """A function of several values by sympy's name, folded over pairs where it takes more."""

        def call(*values: Any) -> Any:
            if len(values) < 3:
                return self.recording.apply(name, *values)
            result = values[0]
            for value in values[1:]:
                result = self.recording.apply(name, result, value)
            return result

        return call

    def _with(self, operation: str, other: Any, *, swapped: bool = False) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        return self.recording.apply(operation, *((other, self) if swapped else (self, other)))

    def __add__(self, other: Any) -> Any:
        return self._with("+", other)

    def __radd__(self, other: Any) -> Any:
        return self._with("+", other, swapped=True)

    def __sub__(self, other: Any) -> Any:
        return self._with("-", other)

    def __rsub__(self, other: Any) -> Any:
        return self._with("-", other, swapped=True)

    def __mul__(self, other: Any) -> Any:
        return self._with("*", other)

    def __rmul__(self, other: Any) -> Any:
        return self._with("*", other, swapped=True)

    def __truediv__(self, other: Any) -> Any:
        return self._with("/", other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._with("/", other, swapped=True)

    def __pow__(self, other: Any) -> Any:
        return self._with("**", other)

    def __rpow__(self, other: Any) -> Any:
        return self._with("**", other, swapped=True)

    def __neg__(self) -> Any:
        return self._with("*", -1.0)

    def __bool__(self) -> bool:
        raise TypeError(f"a decision depends on {', '.join(sorted(self.free_symbols))}")
