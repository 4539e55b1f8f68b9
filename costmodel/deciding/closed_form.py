"""The closed form of a cost in one parameter: sympy's, in the regime (the largest of a max, the step of a rounding) at a point."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.deciding.costs import of_network
from costmodel.devices.evaluation.evaluate import costed
from costmodel.estimates.estimating import Estimator
from costmodel.graphs.equations.algebra import naming

if TYPE_CHECKING:
    import sympy

MOST_OPERATORS = 40
"""Above this many operators, a network is solved numerically only."""


LONGEST = 500
"""Operations of an equation that is solved in closed form, and of anything that it is made of."""


@dataclass(frozen=True)
class ClosedForm:
    """A cost in one parameter.

    Attributes:
        equation: as text, "latency = 1.2e-6 + 3.4e-11⋅r_on".
        roots: where it takes the value asked for.
    """

    equation: str
    roots: tuple[float, ...]


def closed_form(estimator: Estimator, name: str, metric: str, target: float, near: float) -> ClosedForm | None:
    """Where a metric takes a value, in closed form.

    Args:
        estimator: the network on the part, all else at its value.
        name: the parameter that is open, one of the part.
        metric: one of `costmodel.deciding.costs.METRICS`.
        target: the value it is to take, SI.
        near: a value of the parameter in the regime that is meant.

    Returns:
        None where the equation is no ratio of polynomials of degree two at most, or too long.
    """
    if of_network(name) or len(estimator.workload.table.tasks) > MOST_OPERATORS or near <= 0:
        return None
    import sympy

    unknown = sympy.Symbol(name, positive=True)
    with naming() as names:
        value = _metric(estimator, name, unknown, metric)
    try:
        expression = _Regime(names, unknown, near).of(sympy.sympify(np.ravel(value)[0]))
    except _TooLongError:
        return None
    if expression.free_symbols - {unknown} or not expression.is_rational_function(unknown):
        return None
    if not expression.has(unknown) or expression.count_ops() > LONGEST:
        return None
    scaled = expression.subs(unknown, unknown * near) / target  # all near 1, for the sake of what follows
    top, bottom = sympy.fraction(sympy.together(scaled))
    polynomial = sympy.Poly(sympy.expand(top - bottom), unknown)
    if not 1 <= polynomial.degree() <= 2:
        return None
    roots = [near * complex(root).real for root in sympy.roots(polynomial, multiple=True) if abs(complex(root).imag) < 1e-9]
    shown = sympy.expand(expression) if bottom.is_number else expression
    return ClosedForm(f"{metric} = {shown.evalf(5)}", tuple(float(root) for root in roots))


def _metric(estimator: Estimator, name: str, unknown: "sympy.Symbol", metric: str) -> Any:
    """One metric with a symbol for one parameter; the others are not computed, which takes sympy longer than all the rest."""
    device, workload = estimator.part.device({**estimator.part.values, name: unknown}), estimator.workload
    if metric == "area":
        return device.area(estimator.facts)
    run = costed(device, workload.table, estimator.columns(), float(workload.batch))
    if metric == "latency":
        return device.k_time * device.latency(run)
    period = device.k_time * device.period(run)
    if metric == "throughput":
        return 1 / period
    energy = device.k_time * device.static_energy(run) + device.k_energy * device.dynamic_energy(run)
    return {"energy": energy, "power": energy / period, "price": device.cost_of_sample(period, energy)}[metric]


class _TooLongError(Exception):
    """An expression is longer than anybody reads, or sympy solves in a second."""


class _Regime:
    """An expression as it is about one point: names put in, each max and rounding replaced by what it is there."""

    def __init__(self, names: dict[str, Any], unknown: "sympy.Symbol", near: float) -> None:
        self.names, self.unknown, self.near = names, unknown, near
        self.known: dict[Any, Any] = {}

    def of(self, e: Any) -> Any:
        if e not in self.known:
            self.known[e] = self._of(e)
        return self.known[e]

    def _of(self, e: Any) -> Any:
        import sympy

        if e.is_Symbol:
            if str(e) not in self.names:
                return e
            found = self.of(sympy.sympify(self.names[str(e)]))
            if found.count_ops() > LONGEST:
                raise _TooLongError
            return found
        if not e.args:
            return e
        if isinstance(e, sympy.Piecewise):
            return self.of(next(branch for branch, holds in e.args if holds == True or self.holds(holds)))  # noqa: E712
        args = [self.of(arg) for arg in e.args]
        if isinstance(e, sympy.Max | sympy.Min):
            return (max if isinstance(e, sympy.Max) else min)(args, key=self.value)
        if isinstance(e, sympy.ceiling | sympy.floor):
            return sympy.Float(float(e.func(self.value(args[0]))))
        return e.func(*args)

    def value(self, e: Any) -> float:
        return float(e.subs(self.unknown, self.near))

    def holds(self, e: Any) -> bool:
        return bool(e.func(*(self.value(self.of(arg)) for arg in e.args)))
