"""A neuron's step as fixed point likes it, and which of two forms its hardware can take.

An exponential-Euler step x∞ + (x − x∞) exp(−q dt) is written as x plus a small change, so that rounding moves neither its
resting point nor, where the change is small, its state: x + (x∞ − x)(1 − exp(−q dt)) where q depends on one variable, and
x + ẋ (1 − exp(−q dt)) ÷ q where on several, with q in a variable of its own.
"""

from dataclasses import dataclass, replace

import sympy

from costmodel.graphs.equations.discretise import Step, step
from costmodel.graphs.equations.neuron import I, Neuron, dt
from costmodel.graphs.errors import InputError
from costmodel.rtl.datapath.compiling.constants import Constants
from costmodel.rtl.datapath.compiling.sums import differs


@dataclass(frozen=True)
class Equations:
    """One step (or substep): `graphs.equations.discretise.Step`, with variables of its own.

    Attributes:
        step: the step; states that do not flow are left out of ``flow``.
        defined: variable → expression, in states and input, each used by the flow.
        flags: states that are only ever set to whole numbers → lowest and highest of them.
    """

    step: Step
    defined: dict[sympy.Symbol, sympy.Expr]
    flags: dict[str, tuple[int, int]]


def equations(neuron: type[Neuron], reset: str | None) -> Equations:
    """The step of a neuron under one of its resets.

    Args:
        neuron: the neuron.
        reset: name of the reset; None is the default.

    Raises:
        InputError: the neuron has no such reset.
    """
    if reset is not None and reset not in neuron.reset:
        raise InputError(f"no reset '{reset}'", mend="known are " + ", ".join(neuron.reset), where=f"neuron '{neuron.type}'")
    update = step(neuron, reset)
    defined: dict[sympy.Symbol, sympy.Expr] = {}
    if neuron.dynamics and neuron.integrator == "exponential-euler" and not neuron.update:
        flow = {x: _small_change(x, sympy.sympify(slope), update.varying, defined) for x, slope in neuron.dynamics.items()}
        update = replace(update, flow=flow)
    flow = {x: e for x, e in update.flow.items() if e != x}
    update = replace(update, flow=flow, reset={x: e for x, e in update.reset.items() if x not in update.every_step})
    return Equations(update, defined, _flags(neuron, update))


def _small_change(
    x: sympy.Symbol, slope: sympy.Expr, varying: frozenset[sympy.Symbol], defined: dict[sympy.Symbol, sympy.Expr]
) -> sympy.Expr:
    q = -sympy.diff(slope, x)
    if len(q.free_symbols & varying) < 2:
        return x + (slope.subs(x, 0) / q - x) * (1 - sympy.exp(-q * dt))
    rate = sympy.Symbol(f"rate_{x}", real=True)
    defined[rate] = q
    return x + slope * (1 - sympy.exp(-rate * dt)) / rate


def _flags(neuron: type[Neuron], update: Step) -> dict[str, tuple[int, int]]:
    found = {}
    for name, info in neuron.states.items():
        state = sympy.Symbol(name, real=True)
        if state in update.flow:
            continue
        values = [info.initial, *(d[state] for d in (update.reset, update.every_step) if state in d)]
        ends = [end for value in values if (end := _whole(sympy.sympify(value))) is not None]
        if len(ends) == len(values):
            found[name] = (min(low for low, _ in ends), max(high for _, high in ends))
    return found


def _whole(value: sympy.Basic) -> tuple[int, int] | None:
    if value.is_number and value.is_real and value == int(value):
        return int(value), int(value)
    return (0, 1) if isinstance(value, sympy.Heaviside) else None


def membrane(equation: Equations, constants: Constants) -> tuple[sympy.Symbol, float] | None:
    """The state that the input is added to and q of x ← f(states) + q I, where the sum can be the state itself; else None.

    It can where one state's flow takes the input, by a positive number that all neurons share, and nothing else reads it.
    """
    update = equation.step
    others = [update.gate, update.output, *update.reset.values(), *update.every_step.values(), *equation.defined.values()]
    if update.spike is not None:
        others.append(update.spike)
    takes = [x for x, flow in update.flow.items() if I in flow.free_symbols]
    if len(takes) != 1 or any(I in other.free_symbols for other in others):
        return None
    slope = sympy.diff(update.flow[takes[0]], I)
    if slope.free_symbols & (update.varying | equation.defined.keys()):
        return None
    q = constants.of(slope)
    return None if differs(q) or float(q) <= 0 else (takes[0], float(q))
