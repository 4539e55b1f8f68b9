"""The few functions that equations need beyond + − × ÷, over numbers, numpy arrays and sympy alike.

An equation of this product is written once, as plain arithmetic. Called with floats or arrays it gives a number; called
with sympy symbols, or with arrays that hold them, it gives the expression that is printed, differentiated, solved and
typeset; called with recorded values (`graphs.equations.recording`) it gives the program of a sweep. These functions keep that true
for maxima, rounding and case distinctions.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import reduce
from typing import Any

import numpy as np

from costmodel.graphs.equations.recording import Recorded

Value = Any
"""A float, a numpy array of design points, a sympy expression, a recorded value, or an array of those."""


def symbolic(*values: Value) -> bool:
    """Whether any of the values is a sympy expression or an array of them (told without importing sympy)."""
    for value in values:  # a loop: it is asked millions of times
        if isinstance(value, np.ndarray):
            if value.dtype == object:
                return True
        elif not isinstance(value, float) and hasattr(value, "free_symbols"):
            return True
    return False


def _function(name: str, values: Iterable[Value]) -> Callable:
    """A function of expressions by sympy's name: a recording's own where one of the values is recorded, else sympy's."""
    for value in values:
        for one in value.flat if isinstance(value, np.ndarray) and value.dtype == object else (value,):
            if isinstance(one, Recorded):
                return one.function(name)
    import sympy

    return getattr(sympy, name)


def _expression(name: str, *values: Value) -> Value:
    """A function by name of expressions, element by element where one of them is an array."""
    function = _function(name, values)
    if any(isinstance(value, np.ndarray) for value in values):
        return np.frompyfunc(function, len(values), 1)(*values)
    return function(*values)


def maximum(*values: Value) -> Value:
    """The largest of the values."""
    return _expression("Max", *values) if symbolic(*values) else reduce(np.maximum, values)


def minimum(*values: Value) -> Value:
    """The smallest of the values."""
    return _expression("Min", *values) if symbolic(*values) else reduce(np.minimum, values)


def ceiling(value: Value) -> Value:
    """The value rounded up to a whole number."""
    return _expression("ceiling", value) if symbolic(value) else np.ceil(value)


def sqrt(value: Value) -> Value:
    """The square root."""
    return _expression("sqrt", value) if symbolic(value) else np.sqrt(value)


def exp(value: Value) -> Value:
    """The exponential."""
    return _expression("exp", value) if symbolic(value) else np.exp(value)


def log(value: Value) -> Value:
    """The natural logarithm."""
    return _expression("log", value) if symbolic(value) else np.log(value)


def choose(condition: Value, then: Value, otherwise: Value) -> Value:
    """``then`` where the condition holds, else ``otherwise``; not for arrays of expressions."""
    if symbolic(condition, then, otherwise):
        import sympy

        return sympy.Piecewise((then, condition), (otherwise, True))
    return np.where(condition, then, otherwise)


_names: ContextVar[dict[str, Value] | None] = ContextVar("names", default=None)


def named(name: str, value: Value) -> Value:
    """The value, which has a name of its own: where somebody collects names, `naming`, a symbol stands for an expression (for
    each element of an array). A second expression of the same name is called ``name_2``, and so on."""
    names = _names.get()
    if names is None or not symbolic(value):
        return value
    import sympy

    if isinstance(value, np.ndarray):
        return np.frompyfunc(lambda one: named(name, one), 1, 1)(value)
    own, count = name, 1
    while own in names and names[own] != value:
        count += 1
        own = f"{name}_{count}"
    names[own] = value
    return sympy.Symbol(own, positive=True)


@contextmanager
def naming() -> Iterator[dict[str, Value]]:
    """Collects names while the context lasts: name → expression, in which earlier names stand for theirs."""
    names: dict[str, Value] = {}
    token = _names.set(names)
    try:
        yield names
    finally:
        _names.reset(token)


def at_slowest(values: np.ndarray, of: np.ndarray) -> Value:
    """The row of ``values`` at which ``of`` is largest, at the first design point; of expressions a function, unevaluated.

    Args:
        values, of: (rows, points).
    """
    if not symbolic(values, of):
        return values[int(np.argmax(of[:, 0]))]
    import sympy

    largest = sympy.Function("at_slowest")
    columns = zip(values.T, of.T, strict=True)
    return np.array([largest(sympy.Tuple(*column), sympy.Tuple(*others)) for column, others in columns], dtype=object)


def slowest(values: np.ndarray) -> Value:
    """The largest over the first axis, left unevaluated where it holds expressions.

    (``sympy.Max`` compares its arguments pairwise when it evaluates: half a minute for 150 of them.)
    """
    if values.dtype != object:
        return values.max(axis=0)
    if any(isinstance(one, Recorded) for one in values.flat):
        return np.array([maximum(*column) for column in values.T], dtype=object)
    import sympy

    return np.array(
        [sympy.Max(*set(column), evaluate=False) if len(set(column)) > 1 else column[0] for column in values.T], dtype=object
    )
