"""sympy expressions as Python source that numba or Triton compiles."""

from collections.abc import Iterable, Mapping

import sympy
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from costmodel.graphs.errors import InputError


class ScalarPrinter(StrPrinter):
    """Prints scalar Python that numba compiles without leaving the precision: literals become names bound beforehand."""

    functions: Mapping[str, str] = {"exp": "math.exp", "log": "math.log", "sqrt": "math.sqrt", "abs": "abs"}

    def __init__(self) -> None:
        super().__init__()
        self.literals: dict[float, str] = {}

    def literal(self, value: float) -> str:
        """The name that stands for a number."""
        return self.literals.setdefault(float(value), f"c{len(self.literals)}")

    def choice(self, condition: str, yes: str, no: str) -> str:
        """One of two values, by a condition."""
        return f"({yes} if {condition} else {no})"

    def both(self, one: str, other: str) -> str:
        """Two conditions, neither of which may fail."""
        return f"{one} and {other}"

    def power(self, base: sympy.Expr, exponent: sympy.Expr) -> str:
        """A power whose exponent is no whole number."""
        return f"math.pow({self._print(base)}, {self._print(exponent)})"

    def _call(self, name: str, argument: sympy.Expr) -> str:
        return f"{self.functions[name]}({self._print(argument)})"

    def _print_Integer(self, expr: sympy.Integer) -> str:  # noqa: N802
        return self.literal(float(expr))

    _print_Float = _print_Rational = _print_Zero = _print_One = _print_NegativeOne = _print_Half = _print_Integer  # noqa: N815

    def _print_Mul(self, expr: sympy.Mul) -> str:  # noqa: N802
        above, below, sign = [], [], ""
        for part in expr.args:
            if part == -1:
                sign = "-"
                continue
            inverse = part.is_Pow and part.exp.is_number and part.exp.is_negative
            (below if inverse else above).append(part.base ** (-part.exp) if inverse else part)
        text = " * ".join(self.parenthesize(part, PRECEDENCE["Mul"]) for part in above) or self.literal(1.0)
        text = f"{sign}{text}"
        return text if not below else f"{text} / ({' * '.join(self.parenthesize(part, PRECEDENCE['Mul']) for part in below)})"

    def _print_Add(self, expr: sympy.Add, order: str | None = None) -> str:  # noqa: N802
        parts = [
            self.parenthesize(part, PRECEDENCE["Add"])
            for part in sorted(expr.args, key=lambda part: part.could_extract_minus_sign())
        ]
        return " + ".join(parts).replace("+ -", "- ")

    def _print_Pow(self, expr: sympy.Pow, rational: bool = False) -> str:  # noqa: N802
        base = self.parenthesize(expr.base, PRECEDENCE["Atom"])
        if expr.exp.is_Integer and expr.exp > 0:
            return "(" + " * ".join([base] * int(expr.exp)) + ")"
        if expr.exp.is_number and expr.exp.is_negative:
            return f"({self.literal(1.0)} / ({self._print(expr.base ** (-expr.exp))}))"
        return self._call("sqrt", expr.base) if expr.exp == sympy.S.Half else self.power(expr.base, expr.exp)

    def _print_exp(self, expr: sympy.exp) -> str:
        return self._call("exp", expr.args[0])

    def _print_log(self, expr: sympy.log) -> str:
        return self._call("log", expr.args[0])

    def _print_LambertW(self, expr: sympy.LambertW) -> str:  # noqa: N802
        return f"lambert_w({self._print(expr.args[0])})"

    def _print_Abs(self, expr: sympy.Abs) -> str:  # noqa: N802
        return self._call("abs", expr.args[0])

    def _print_Function(self, expr: sympy.Function) -> str:  # noqa: N802
        known = "exp, log, sqrt, Abs, sign, Heaviside, Max, Min and Piecewise"
        raise InputError(f"no kernel can be generated for '{expr}'", mend=f"write the neuron's equations with {known}")

    def _print_sign(self, expr: sympy.sign) -> str:
        inner = self._print(expr.args[0])
        one, zero, minus = (self.literal(value) for value in (1.0, 0.0, -1.0))
        return self.choice(f"{inner} > {zero}", one, self.choice(f"{inner} < {zero}", minus, zero))

    def _print_Heaviside(self, expr: sympy.Heaviside) -> str:  # noqa: N802
        one, zero = self.literal(1.0), self.literal(0.0)
        return self.choice(f"{self._print(expr.args[0])} >= {zero}", one, zero)

    def _print_Piecewise(self, expr: sympy.Piecewise) -> str:  # noqa: N802
        *others, (last, always) = expr.args
        if always != sympy.true:
            raise InputError(f"no kernel can be generated for '{expr}'", mend="end its pieces with one that always holds")
        text = self._print(last)
        for value, when in reversed(others):
            text = self.choice(self._print(when), self._print(value), text)
        return text

    def _print_DiracDelta(self, expr: sympy.DiracDelta) -> str:  # noqa: N802
        return self.literal(0.0)  # the derivative of a step, but for the spike's, whose surrogate is no step

    def _print_Max(self, expr: sympy.Max) -> str:  # noqa: N802
        return self._extreme(expr.args, ">")

    def _print_Min(self, expr: sympy.Min) -> str:  # noqa: N802
        return self._extreme(expr.args, "<")

    def _extreme(self, parts: Iterable[sympy.Expr], sign: str) -> str:
        texts = [self._print(part) for part in parts]
        result = texts[0]
        for text in texts[1:]:
            result = self.choice(f"{result} {sign} {text}", result, text)
        return result


class BlockPrinter(ScalarPrinter):
    """Prints Triton: the same for a block of elements at once."""

    functions: Mapping[str, str] = {"exp": "tl.exp", "log": "tl.log", "sqrt": "tl.sqrt", "abs": "tl.abs"}

    def choice(self, condition: str, yes: str, no: str) -> str:
        """One of two values, for each element."""
        return f"tl.where({condition}, {yes}, {no})"

    def both(self, one: str, other: str) -> str:
        """Two conditions, for each element."""
        return f"({one}) & ({other})"

    def power(self, base: sympy.Expr, exponent: sympy.Expr) -> str:
        """A power by exponential and logarithm: of a negative base no number, as it should be for a fraction.

        Raises:
            InputError: the exponent is no number, so that it may turn out to be whole.
        """
        if not exponent.is_number:
            mend = "give the exponent as a number, or write the power with exp and log"
            raise InputError(f"no GPU kernel can be generated for '{base**exponent}'", mend=mend)
        return f"tl.exp({self._print(exponent)} * tl.log({self._print(base)}))"


def assignments(named: Mapping[str, sympy.Expr], printer: ScalarPrinter, prefix: str) -> list[str]:
    """``name = expression`` lines, common parts first."""
    shared, results = sympy.cse(list(named.values()), symbols=sympy.numbered_symbols(prefix))
    lines = [f"{name} = {printer.doprint(part)}" for name, part in shared]
    return lines + [f"{name} = {printer.doprint(part)}" for name, part in zip(named, results, strict=True)]
