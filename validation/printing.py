"""sympy expressions as Python source that numba compiles."""

from collections.abc import Iterable, Mapping

import sympy
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter


class ScalarPrinter(StrPrinter):
    """Prints scalar Python that numba compiles without leaving the precision: literals become names bound beforehand."""

    def __init__(self) -> None:
        super().__init__()
        self.literals: dict[float, str] = {}

    def literal(self, value: float) -> str:
        """The name that stands for a number."""
        return self.literals.setdefault(float(value), f"c{len(self.literals)}")

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
        return f"math.sqrt({self._print(expr.base)})" if expr.exp == sympy.S.Half else f"math.pow({base}, {self._print(expr.exp)})"

    def _print_exp(self, expr: sympy.exp) -> str:
        return f"math.exp({self._print(expr.args[0])})"

    def _print_log(self, expr: sympy.log) -> str:
        return f"math.log({self._print(expr.args[0])})"

    def _print_LambertW(self, expr: sympy.LambertW) -> str:  # noqa: N802
        return f"lambert_w({self._print(expr.args[0])})"

    def _print_Abs(self, expr: sympy.Abs) -> str:  # noqa: N802
        return f"abs({self._print(expr.args[0])})"

    def _print_sign(self, expr: sympy.sign) -> str:
        inner = self._print(expr.args[0])
        one, zero = self.literal(1.0), self.literal(0.0)
        return f"({one} if {inner} > {zero} else ({self.literal(-1.0)} if {inner} < {zero} else {zero}))"

    def _print_Heaviside(self, expr: sympy.Heaviside) -> str:  # noqa: N802
        return f"({self.literal(1.0)} if {self._print(expr.args[0])} >= {self.literal(0.0)} else {self.literal(0.0)})"

    def _print_Max(self, expr: sympy.Max) -> str:  # noqa: N802
        return self._extreme(expr.args, ">")

    def _print_Min(self, expr: sympy.Min) -> str:  # noqa: N802
        return self._extreme(expr.args, "<")

    def _extreme(self, parts: Iterable[sympy.Expr], sign: str) -> str:
        texts = [self._print(part) for part in parts]
        result = texts[0]
        for text in texts[1:]:
            result = f"({result} if {result} {sign} {text} else {text})"
        return result


def assignments(named: Mapping[str, sympy.Expr], printer: ScalarPrinter, prefix: str) -> list[str]:
    """``name = expression`` lines, common parts first."""
    shared, results = sympy.cse(list(named.values()), symbols=sympy.numbered_symbols(prefix))
    lines = [f"{name} = {printer.doprint(part)}" for name, part in shared]
    return lines + [f"{name} = {printer.doprint(part)}" for name, part in zip(named, results, strict=True)]
