"""Expressions as JavaScript: assignments to ``const`` temporaries, each before those that need it."""

from collections.abc import Iterable, Mapping

import sympy
from sympy.printing.jscode import JavascriptCodePrinter


class _Printer(JavascriptCodePrinter):
    """JavaScript whose numbers are those that Python holds, to the last bit."""

    def __init__(self) -> None:
        super().__init__({"user_functions": {"at_slowest": "atSlowest"}})

    def _print_Float(self, expr: sympy.Float) -> str:  # noqa: N802
        return repr(float(expr))

    def _print_Integer(self, expr: sympy.Integer) -> str:  # noqa: N802
        return str(expr)

    def _print_Tuple(self, expr: sympy.Tuple) -> str:  # noqa: N802
        return f"[{', '.join(self._print(each) for each in expr)}]"

    def _print_Pow(self, expr: sympy.Pow) -> str:  # noqa: N802
        """A square as a product, which is several times as fast."""
        if expr.exp == 2 and expr.base.is_Symbol:
            base = self._print(expr.base)
            return f"({base} * {base})"
        return super()._print_Pow(expr)


def printed(value: float | sympy.Basic) -> str:
    """A number or an expression as JavaScript."""
    if isinstance(value, sympy.Basic):
        return _Printer().doprint(value)
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)


def assignments(results: Mapping[str, sympy.Expr], names: Mapping[str, sympy.Expr]) -> str:
    """Statements that compute the results, what several of them need only once.

    Args:
        results: what is assigned to (JavaScript) → its expression.
        names: symbols with definitions of their own (`graphs.equations.algebra.naming`), in any order.
    """
    names = {name: sympy.sympify(value) for name, value in names.items()}
    wanted = [sympy.sympify(value) for value in results.values()]
    temporaries, shared = sympy.cse([*names.values(), *wanted], sympy.numbered_symbols("x"), order="none")
    defined = {str(symbol): value for symbol, value in temporaries} | dict(zip(names, shared, strict=False))
    lines: list[str] = []
    done: set[str] = set()

    def define(expression: sympy.Basic) -> None:
        for name in _needed(expression, defined):
            if name not in done:
                done.add(name)
                define(defined[name])
                lines.append(f"const {name} = {printed(defined[name])};")

    for target, expression in zip(results, shared[len(names) :], strict=True):
        define(expression)
        lines.append(f"{target} = {printed(expression)};")
    return "\n".join(lines)


def _needed(expression: sympy.Basic, defined: Mapping[str, sympy.Expr]) -> Iterable[str]:
    return sorted({str(symbol) for symbol in expression.free_symbols} & set(defined))
