"""The dimension of a sympy expression, derived from the units of its symbols."""

from collections.abc import Callable, Mapping

import sympy

from costmodel.graphs.settings.units import registry

NONE = registry().Quantity(1, "").dimensionality


class WrongDimensionError(Exception):
    """An expression adds, compares or exponentiates what it must not."""


def of_unit(unit: str):
    """The dimension of a unit; "1" has none."""
    return registry().Quantity(1, "" if unit == "1" else unit).dimensionality


def dimension(expression: sympy.Basic, units: Mapping[str, str]):
    """The dimension of an expression; see `_dimension`."""
    known: dict[sympy.Basic, object] = {}  # what an expression repeats is looked at once

    def of(part: sympy.Basic):
        if part not in known:
            known[part] = _dimension(part, units, of)
        return known[part]

    return of(expression)


def _dimension(expression: sympy.Basic, units: Mapping[str, str], of: Callable):
    """The dimension of an expression, by those of its parts.

    Args:
        expression: sums, products, powers, maxima, roundings, exponentials and logarithms of symbols and numbers.
        units: unit of every symbol by name, or the dimension of one.
        of: gives the dimension of a part.

    Raises:
        WrongDimensionError: parts that do not go together.
    """
    if expression.is_number:
        return None if expression == 0 else NONE
    if expression.is_Symbol:
        unit = units[str(expression)]
        return of_unit(unit) if isinstance(unit, str) else unit
    parts = [of(part) for part in expression.args]
    if expression.is_Mul:
        result = NONE
        for part in parts:
            result = result * (NONE if part is None else part)
        return result
    if expression.is_Pow:
        base, power = expression.args
        if parts[1] not in (None, NONE):
            raise WrongDimensionError(f"exponent {power} has a dimension")
        if parts[0] in (None, NONE):
            return NONE
        if not power.is_Rational:
            raise WrongDimensionError(f"{base} has a dimension and a power that is no number")
        return parts[0] ** float(power)
    if expression.is_Add or isinstance(expression, sympy.Max | sympy.Min):
        found = {part for part in parts if part is not None}
        if len(found) > 1:
            raise WrongDimensionError(f"{expression} puts {' and '.join(map(str, found))} together")
        return found.pop() if found else None
    if isinstance(expression, sympy.ceiling | sympy.exp | sympy.log):
        if parts[0] not in (None, NONE):
            raise WrongDimensionError(f"{expression.func} of {parts[0]}")
        return NONE
    raise WrongDimensionError(f"{expression.func} is unknown here")
