"""From sympy expressions to integer nodes."""

from functools import reduce

import numpy as np
import sympy

from costmodel.graphs.errors import InputError
from costmodel.rtl.datapath.compiling.constants import Number, same
from costmodel.rtl.datapath.compiling.shared import Shared
from costmodel.rtl.datapath.compiling.sums import Fixed, Sums, Term, differs, power_of_two_unit

_CHOICES = (sympy.Max, sympy.Min, sympy.Abs, sympy.Heaviside, sympy.sign, sympy.Piecewise)


class Lowering:
    """Lowers expressions in symbols that are bound to nodes.

    A value that nobody asks for in a unit is in its natural one: that of its largest term for a sum, so that most sums of states
    and constants need no multiplication; the product of its factors' for a product; a power of two for a table.

    Args:
        shared: nodes, constants and tables.
        bound: symbol → its node and unit; all other symbols are constants.
    """

    def __init__(self, shared: Shared, bound: dict[sympy.Symbol, Fixed]) -> None:
        self.shared, self.bound = shared, dict(bound)
        self.builder, self.precision = shared.builder, shared.precision
        self.sums = Sums(shared.builder, shared.precision)
        self._known: dict[sympy.Basic, Fixed] = {}
        self._arguments: dict[tuple[int, float], sympy.Dummy] = {}

    def varying(self, expression: sympy.Basic) -> set[sympy.Symbol]:
        """Its symbols that are bound."""
        return expression.free_symbols & self.bound.keys()

    def at(self, expression: sympy.Basic, unit: float, leak: sympy.Symbol | None = None) -> int:
        """The node of an expression in whole ``unit``; the factor of the state ``leak`` is a leak."""
        known = self.bound.get(expression) or self._known.get(expression)
        if known is not None and (known.unit == unit or expression.is_Symbol):
            return self.convert(known, unit)
        if not self.varying(expression) or expression.is_Add or expression.is_Mul:
            return self._sum(self._terms(expression, 1.0), unit, leak)
        if isinstance(expression, sympy.Max | sympy.Min | sympy.Abs | sympy.Piecewise) and not self._tabular(expression):
            return self._choice(expression, unit)
        return self.convert(self.natural(expression), unit)

    def convert(self, value: Fixed, unit: float) -> int:
        """A value in another unit."""
        return value.node if value.unit == unit else self.sums.add([Term(1.0, value)], 0.0, unit)

    def natural(self, expression: sympy.Basic) -> Fixed:
        """The value of an expression in its natural unit."""
        if expression in self.bound:
            return self.bound[expression]
        if expression not in self._known:
            self._known[expression] = self._natural(expression)
        return self._known[expression]

    def _natural(self, expression: sympy.Basic) -> Fixed:
        if not self.varying(expression):
            return self.shared.number(self.shared.constants.of(expression))
        if expression.is_Boolean or isinstance(expression, sympy.Heaviside):
            return Fixed(self.bit(expression), 1.0)
        if expression.is_Add:
            if all(part == 1 or self._tabular(part) for _, part in self._terms(expression, 1.0)) and self._tabular(expression):
                return self._table(expression)
            unit = self._sum_unit(self._terms(expression, 1.0))
            return Fixed(self.at(expression, unit), unit)
        if self._tabular(expression) and all(self.varying(part) for part in expression.args if expression.is_Mul):
            return self._table(expression)
        if expression.is_Mul:
            return self._product(expression)
        if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
            half = self.natural(sympy.Pow(expression.base, int(expression.exp) // 2))
            return self._times(self._times(half, half), self.natural(expression.base) if expression.exp % 2 else None)
        if isinstance(expression, sympy.sign):
            inner = self.natural(expression.args[0]).node
            b = self.builder
            return Fixed(b.sub(b.ge(inner, b.const(1)), b.not_(b.ge(inner, b.const(0)))), 1.0)
        if isinstance(expression, sympy.Max | sympy.Min | sympy.Abs | sympy.Piecewise):
            values = [p[0] for p in expression.args] if isinstance(expression, sympy.Piecewise) else expression.args
            units = [self.natural(value).unit for value in values if self.varying(value)]
            unit = min(units) if units else min(self.shared.number(self.shared.constants.of(value)).unit for value in values)
            return Fixed(self._choice(expression, unit), unit)
        return self._of_several(expression)

    def bit(self, condition: sympy.Basic) -> int:
        """The node of a truth value: a relation, a step function, or their combinations."""
        b = self.builder
        if condition in (sympy.true, sympy.false):
            return b.const(int(bool(condition)))
        if isinstance(condition, sympy.And | sympy.Or):
            return reduce(b.and_ if isinstance(condition, sympy.And) else b.or_, [self.bit(part) for part in condition.args])
        if isinstance(condition, sympy.Not):
            return b.not_(self.bit(condition.args[0]))
        if isinstance(condition, sympy.Heaviside):
            at_zero = condition.args[1]
            if at_zero not in (0, 1):
                raise InputError(f"{condition} is neither 0 nor 1 at 0", mend="write Heaviside(x, 1) or Heaviside(x, 0)")
            return self.positive(condition.args[0], strictly=at_zero == 0)
        if condition.is_Relational:
            difference = condition.lhs - condition.rhs
            if isinstance(condition, sympy.Eq | sympy.Ne):
                same_ = b.eq(self.natural(difference).node, b.const(0))
                return same_ if isinstance(condition, sympy.Eq) else b.not_(same_)
            flip = isinstance(condition, sympy.Le | sympy.Lt)
            positive = self.positive(difference, strictly=isinstance(condition, sympy.Gt | sympy.Le))
            return b.not_(positive) if flip else positive
        raise InputError(f"{condition} is no condition that hardware can test", mend="use comparisons, And, Or, Not, Heaviside")

    def positive(self, expression: sympy.Basic, strictly: bool = False) -> int:
        """The bit of expression ≥ 0, or > 0. The expression keeps the node that was tested, its constant rounded down."""
        if expression.is_Add and not strictly and expression not in self._known and not self._tabular(expression):
            terms = self._terms(expression, 1.0)
            unit = self._sum_unit(terms)
            self._known[expression] = Fixed(self._sum(terms, unit, None, down=True), unit)
        return self.builder.ge(self.natural(expression).node, self.builder.const(int(strictly)))

    # Sums

    def _terms(self, expression: sympy.Basic, coefficient: Number) -> list[tuple[Number, sympy.Basic]]:
        """(coefficient, what it multiplies): sums flattened, equal terms together; constants multiply 1."""
        found: dict[sympy.Basic, Number] = {}
        for factor, part in self._flat(expression, coefficient):
            found[part] = same(found.get(part, 0.0) + factor)
        tabular = [part for part in found if part != 1 and self._tabular(part)]
        for variable in sorted({next(iter(self.varying(part))) for part in tabular}, key=str):
            together = [p for p in tabular if self.varying(p) == {variable} and not differs(found[p])]
            if len(together) > 1:
                joined = sympy.Add(*(sympy.Float(found.pop(part)) * part for part in together))
                found[joined] = 1.0
        return [(factor, part) for part, factor in found.items() if np.any(factor)]

    def _flat(self, expression: sympy.Basic, coefficient: Number) -> list[tuple[Number, sympy.Basic]]:
        if not self.varying(expression):
            return [(same(coefficient * self.shared.constants.of(expression)), sympy.Integer(1))]
        if expression.is_Add:
            return [term for part in expression.args for term in self._flat(part, coefficient)]
        if expression.is_Mul:
            fixed = [part for part in expression.args if not self.varying(part)]
            moving = sympy.Mul(*(part for part in expression.args if self.varying(part)))
            if fixed:
                return self._flat(moving, same(coefficient * self.shared.constants.of(sympy.Mul(*fixed))))
        return [(coefficient, expression)]

    def _sum(self, terms: list[tuple[Number, sympy.Basic]], unit: float, leak: sympy.Symbol | None, down: bool = False) -> int:
        made, offset, field = [], 0.0, None
        for factor, part in terms:
            if part == 1:
                if differs(factor):
                    field = self.shared.field(np.asarray(factor), unit, down)
                else:
                    offset = float(factor)
                continue
            value = self.natural(part)
            if not differs(factor):
                made.append(Term(float(factor), value, part == leak))
                continue
            numbers = np.asarray(factor)
            ratio = numbers * (value.unit / unit)
            if np.all((ratio > 0.5) & (ratio < 1.5)):  # a slow leak of its own for each neuron
                made.append(Term(unit / value.unit, value))
                numbers = numbers - unit / value.unit
            if np.any(numbers):
                made.append(Term(1.0, self._times(value, self.shared.number(numbers))))
        return self.sums.add(made, offset, unit, field, down)

    def _sum_unit(self, terms: list[tuple[Number, sympy.Basic]]) -> float:
        """The unit of the largest term that is no product; of a sum of products, the finest that fits."""
        single, low, high = (0.0, 0.0), 0.0, 0.0
        for factor, part in terms:
            largest = float(np.abs(factor).max())
            ends = (float(np.min(factor)), float(np.max(factor)))
            if part != 1:
                value = self.natural(part)
                node = self.builder[value.node]
                ends = [f * end * value.unit for f in ends for end in (node.low, node.high)]
                if not part.is_Mul and not part.is_Pow and not differs(factor):
                    single = max(single, (max(map(abs, ends)), largest * value.unit))
            low, high = low + min(ends), high + max(ends)
        fine = power_of_two_unit(low, high, self.precision.operand_bits[1])
        alone = sum(part != 1 for _, part in terms) == 1
        return single[1] if single[1] and (alone or single[1] < 2**10 * fine) else fine

    # Products

    def _product(self, expression: sympy.Mul) -> Fixed:
        moving = [part for part in expression.args if self.varying(part)]
        coefficient = self.shared.constants.of(sympy.Mul(*(part for part in expression.args if not self.varying(part))))
        by_variable: dict[frozenset, list] = {}
        for factor in moving:
            variables = frozenset(self.varying(factor))
            by_variable.setdefault(variables if len(variables) == 1 else frozenset({factor}), []).append(factor)
        parts = []
        for group in by_variable.values():
            whole = sympy.Mul(*group)
            parts += [whole] if self._tabular(whole) else group
        values = sorted((self.natural(part) for part in parts), key=lambda f: self.builder[f.node].width)
        value = reduce(self._times, values)
        if differs(coefficient):
            return self._times(value, self.shared.number(coefficient))
        number = float(coefficient)
        if number == 0:
            return Fixed(self.builder.const(0), value.unit)
        node = value.node if number > 0 else self.builder.sub(self.builder.const(0), value.node)
        return Fixed(node, value.unit * abs(number))

    def _times(self, a: Fixed, b: Fixed | None) -> Fixed:
        if b is None:
            return a
        wide, narrow = (a, b) if self.builder[a.node].width >= self.builder[b.node].width else (b, a)
        least, most = self.precision.operand_bits
        wide, narrow = self._cut(wide, most), self._cut(narrow, least)
        return Fixed(self.builder.mul(wide.node, narrow.node), wide.unit * narrow.unit)

    def _cut(self, value: Fixed, bits: int) -> Fixed:
        spare = self.builder[value.node].width - bits
        return value if spare <= 0 else Fixed(self.builder.shr(value.node, spare), value.unit * 2.0**spare)

    # Choices

    def _choice(self, expression: sympy.Basic, unit: float) -> int:
        b = self.builder
        if isinstance(expression, sympy.Piecewise):
            *pieces, last = expression.args
            if last[1] != sympy.true:
                raise InputError(f"{expression} has no value where no condition holds", mend="end it with (value, True)")
            result = self.at(last[0], unit)
            for value, condition in reversed(pieces):
                result = b.mux(self.bit(condition), self.at(value, unit), result)
            return result
        if isinstance(expression, sympy.Abs):
            inner = self.at(expression.args[0], unit)
            node = b[inner]
            bounds = (0, max(-node.low, node.high, 0))
            return b.mux(b.ge(inner, b.const(0)), inner, b.sub(b.const(0), inner), bounds)
        result, *others = (self.at(part, unit) for part in sorted(expression.args, key=lambda e: not self.varying(e)))
        for other in others:
            x, y = b[result], b[other]
            ends = (x.low, y.low), (x.high, y.high)
            if isinstance(expression, sympy.Max):
                result = b.mux(b.ge(result, other), result, other, (max(ends[0]), max(ends[1])))
            else:
                result = b.mux(b.ge(result, other), other, result, (min(ends[0]), min(ends[1])))
        return result

    # Functions

    def _tabular(self, expression: sympy.Basic) -> bool:
        """Whether it is a function of one variable that is no polynomial in it."""
        return len(self.varying(expression)) == 1 and any(
            self._transcendental(part) for part in sympy.preorder_traversal(expression)
        )

    def _transcendental(self, part: sympy.Basic) -> bool:
        if not self.varying(part):
            return False
        if part.is_Pow:
            return not (part.exp.is_Integer and part.exp > 0)
        return isinstance(part, sympy.Function) and not isinstance(part, _CHOICES)

    def _table(self, expression: sympy.Basic) -> Fixed:
        (variable,) = self.varying(expression)
        value = self.bound[variable]
        numbers = {}
        for symbol in expression.free_symbols - {variable}:
            number = self.shared.constants.of(symbol)
            if differs(number):
                raise InputError(
                    f"{expression} is a table of {variable}, and {symbol} differs between neurons", mend="use one value for all"
                )
            numbers[symbol] = sympy.Float(number)
        filled = expression.xreplace(numbers)
        return self.shared.table(filled, variable, value)

    def _of_several(self, expression: sympy.Basic) -> Fixed:
        """A function of several variables: its innermost argument first, in a variable of its own, then the rest."""
        for part in sympy.postorder_traversal(expression):
            if self._transcendental(part) and len(self.varying(part)) > 1:
                inner = [argument for argument in part.args if self.varying(argument)]
                break
        else:
            raise InputError(f"{expression} has no fixed-point form", mend="use sums, products, comparisons and functions of them")
        if len(inner) != 1:
            raise InputError(f"{part} has {len(inner)} arguments that vary", mend="write it with exp and log")
        factors = sympy.Mul.make_args(inner[0])
        moving = sympy.Mul(*(factor for factor in factors if self.varying(factor)))
        argument = self.natural(moving)
        symbol = self._arguments.setdefault((argument.node, argument.unit), sympy.Dummy("w", real=True))
        self.bound[symbol] = argument
        scaled = sympy.Mul(symbol, *(factor for factor in factors if not self.varying(factor)))
        return self.natural(expression.xreplace({inner[0]: scaled}))
