"""Counting arithmetic: what a set of expressions costs to evaluate, by kind, after common-subexpression elimination."""

from collections.abc import Iterable
from typing import NamedTuple

import sympy


class Arithmetic(NamedTuple):
    """Scalar operations by kind.

    A subtraction is an add; a select between two values is a compare, as both are one ALU operation or one multiplexer;
    every transcendental function and root is an exponential.
    """

    add: int = 0
    multiply: int = 0
    divide: int = 0
    exponential: int = 0
    compare: int = 0

    def __add__(self, other: "Arithmetic") -> "Arithmetic":
        return Arithmetic(*(a + b for a, b in zip(self, other, strict=True)))

    def times(self, count: int) -> "Arithmetic":
        """The operations of ``count`` evaluations."""
        return Arithmetic(*(count * a for a in self))

    def total(self) -> int:
        """Operations of all kinds together."""
        return sum(self)


def hoist(expression: sympy.Expr, varying: set[sympy.Symbol], constants: dict[sympy.Expr, sympy.Symbol]) -> sympy.Expr:
    """The expression with every part that has no varying symbol replaced by one constant, computed once beforehand.

    Args:
        expression: any expression.
        varying: symbols that change from step to step (states, the input).
        constants: filled with part → symbol, so that equal parts of several expressions share a constant.
    """
    if expression.is_Atom:
        return expression
    if not expression.free_symbols & varying:
        return constants.setdefault(expression, sympy.Symbol(f"k{len(constants)}", real=True))
    if expression.is_Relational:
        return _comparison(expression, varying, constants)
    if isinstance(expression, sympy.Piecewise):
        return sympy.Piecewise(
            *((hoist(value, varying, constants), hoist(when, varying, constants)) for value, when in expression.args)
        )
    if expression.is_Add or expression.is_Mul:
        fixed = [part for part in expression.args if not part.free_symbols & varying]
        moving = [hoist(part, varying, constants) for part in expression.args if part.free_symbols & varying]
        if fixed:
            constant = expression.func(*fixed)
            moving.append(constant if constant in (1, -1) else hoist(constant, varying, constants))
        return expression.func(*moving)
    return expression.func(*(hoist(part, varying, constants) for part in expression.args))


def _comparison(relation: sympy.Basic, varying: set[sympy.Symbol], constants: dict[sympy.Expr, sympy.Symbol]) -> sympy.Basic:
    """A comparison with its constants and its negative terms on the right: v − θ ≥ 0 is one operation, v ≥ θ."""
    left, right = [], []
    for term in sympy.Add.make_args(relation.lhs - relation.rhs):
        moves = term.free_symbols & varying and not term.could_extract_minus_sign()
        left.append(term) if moves else right.append(-term)
    sides = (hoist(sympy.Add(*side), varying, constants) for side in (left, right))
    return relation.func(*sides, evaluate=False)


def count(expressions: Iterable[sympy.Basic], varying: set[sympy.Symbol]) -> Arithmetic:
    """Operations to evaluate all expressions once, sharing what they share; constants are computed beforehand."""
    constants: dict[sympy.Expr, sympy.Symbol] = {}
    shared, results = sympy.cse([hoist(expression, varying, constants) for expression in expressions])
    return sum((_operations(part) for part in [*(value for _, value in shared), *results]), Arithmetic())


def _operations(node: sympy.Basic) -> Arithmetic:
    """Operations of one expression tree, its children included."""
    if isinstance(node, sympy.Piecewise):
        # n pieces are n − 1 selects; a condition that is a flag already computed costs nothing more
        parts = [part for piece in node.args for part in piece.args]
        return _sum(parts) + Arithmetic(compare=len(node.args) - 1)
    if node.is_Relational:
        return _sum(node.args) + Arithmetic(compare=1)
    if node.is_Mul:
        return _of_product(node)
    if node.is_Pow:
        return _of_power(node)
    if node.is_Add:
        return _sum(node.args) + Arithmetic(add=len(node.args) - 1)
    if isinstance(node, sympy.Max | sympy.Min):
        return _sum(node.args) + Arithmetic(compare=len(node.args) - 1)
    if isinstance(node, sympy.Abs | sympy.Heaviside | sympy.sign):
        return _operations(node.args[0]) + Arithmetic(compare=1)
    if node.is_Function and not node.is_Boolean:
        return _sum(node.args) + Arithmetic(exponential=1)
    return _sum(node.args)


def _sum(nodes: Iterable[sympy.Basic]) -> Arithmetic:
    return sum((_operations(node) for node in nodes), Arithmetic())


def _of_product(node: sympy.Mul) -> Arithmetic:
    """Factors above and below the line are multiplied, then divided once; a sign is free."""
    above, below = [], []
    for factor in node.args:
        if factor == -1:
            continue
        inverse = factor.is_Pow and factor.exp.could_extract_minus_sign()
        (below if inverse else above).append(1 / factor if inverse else factor)
    multiplies = max(len(above) - 1, 0) + max(len(below) - 1, 0)
    return _sum(above) + _sum(below) + Arithmetic(multiply=multiplies, divide=1 if below else 0)


def _of_power(node: sympy.Pow) -> Arithmetic:
    """Whole powers by squaring and multiplying, inverses by one division, other powers as a transcendental function."""
    base, power = node.args
    if power.could_extract_minus_sign():
        return _operations(1 / node) + Arithmetic(divide=1)
    if power.is_Integer:
        n = int(power)
        return _operations(base) + Arithmetic(multiply=n.bit_length() - 2 + n.bit_count())
    return _operations(base) + _operations(power) + Arithmetic(exponential=1)
