"""The few functions that equations need beyond + − × ÷, over numbers, numpy arrays and sympy alike.

An equation of this product is written once, as plain arithmetic. Called with floats or arrays it gives a number; called
with sympy symbols it gives the expression that is printed, differentiated, solved and typeset. These functions keep that
true for maxima, rounding and case distinctions.
"""

from functools import reduce
from typing import Any

import numpy as np

Value = Any
"""A float, a numpy array of design points, or a sympy expression."""


def symbolic(*values: Value) -> bool:
    """Whether any of the values is a sympy expression (told without importing sympy)."""
    return any(hasattr(value, "free_symbols") for value in values)


def maximum(*values: Value) -> Value:
    """The largest of the values."""
    if symbolic(*values):
        import sympy

        return sympy.Max(*values)
    return reduce(np.maximum, values)


def minimum(*values: Value) -> Value:
    """The smallest of the values."""
    if symbolic(*values):
        import sympy

        return sympy.Min(*values)
    return reduce(np.minimum, values)


def ceiling(value: Value) -> Value:
    """The value rounded up to a whole number."""
    if symbolic(value):
        import sympy

        return sympy.ceiling(value)
    return np.ceil(value)


def sqrt(value: Value) -> Value:
    """The square root."""
    if symbolic(value):
        import sympy

        return sympy.sqrt(value)
    return np.sqrt(value)


def exp(value: Value) -> Value:
    """The exponential."""
    if symbolic(value):
        import sympy

        return sympy.exp(value)
    return np.exp(value)


def log(value: Value) -> Value:
    """The natural logarithm."""
    if symbolic(value):
        import sympy

        return sympy.log(value)
    return np.log(value)


def choose(condition: Value, then: Value, otherwise: Value) -> Value:
    """``then`` where the condition holds, else ``otherwise``."""
    if symbolic(condition, then, otherwise):
        import sympy

        return sympy.Piecewise((then, condition), (otherwise, True))
    return np.where(condition, then, otherwise)


def slowest(values: Value) -> Value:
    """The largest over the first axis of an array, or over a list of expressions, left unevaluated.

    (``sympy.Max`` compares its arguments pairwise when it evaluates: half a minute for 150 of them.)
    """
    if isinstance(values, list):
        import sympy

        return values[0] if len(values) == 1 else sympy.Max(*values, evaluate=False)
    return values.max(axis=0)


def total(values: Value) -> Value:
    """The sum over the first axis of an array, or over a list of expressions."""
    if isinstance(values, list):
        import sympy

        return sympy.Add(*values)
    return values.sum(axis=0)
