"""One time step of a neuron and its adjoint, as assignments that any backend prints: numba source, or torch operations.

Forward, with x the states, I the input and constants k:

    y = F(x, I, k);  s = H(g(y)) · [gate(y) > 0];  out = s · o(y);  x⁺ = y + s (R(y) − y), then flags.

Backward, with λ = ∂L/∂x⁺ and e = ∂L/∂out, and σ' the surrogate in place of the step's derivative:

    δ = e o + Σ λ_j (R_j − y_j);  μ = Σ λ_j ∂x⁺_j/∂y + e s ∂o/∂y + δ σ'(g) ∂g/∂y
    λ_x = μ ∂F/∂x;  ∂L/∂I = μ ∂F/∂I;  ∂L/∂k = μ ∂F/∂k + …
"""

from dataclasses import dataclass
from functools import cache

import sympy

from costmodel.graphs.equations.adjoint import SURROGATES
from costmodel.graphs.equations.discretise import Step, step
from costmodel.graphs.equations.neuron import I, Neuron
from costmodel.validation.neurons.recipe import Recipe

SPIKE, ERROR = sympy.symbols("s e", real=True)
_G = sympy.Symbol("g", real=True)


@dataclass(frozen=True)
class StepEquations:
    """A step as named expressions.

    Attributes:
        states: names of the states.
        flow: y_STATE → expression in x_STATE, I and constants.
        spike: g, in y and constants; None for a neuron that never spikes.
        gate: spikes only where this is above 0; None where it always may.
        output: what is sent, in y and s.
        after: x_STATE → expression in y, s and constants.
        constants: names of the constants, in order.
    """

    states: tuple[str, ...]
    flow: dict[str, sympy.Expr]
    spike: sympy.Expr | None
    gate: sympy.Expr | None
    output: sympy.Expr
    after: dict[str, sympy.Expr]
    constants: tuple[str, ...]


@dataclass(frozen=True)
class AdjointEquations:
    """The step backward as named expressions, in y, x, s, e, the adjoints ``l_STATE`` and constants.

    Attributes:
        mu: m_STATE → adjoint of the flowed state.
        states: l_STATE → adjoint of the state before the step, in mu and x.
        input: adjoint of the input.
        constants: name → adjoint of a constant.
    """

    mu: dict[str, sympy.Expr]
    states: dict[str, sympy.Expr]
    input: sympy.Expr
    constants: dict[str, sympy.Expr]


def _named(prefix: str, states: tuple[str, ...]) -> dict[sympy.Symbol, sympy.Symbol]:
    return {sympy.Symbol(name, real=True): sympy.Symbol(f"{prefix}_{name}", real=True) for name in states}


@cache
def step_equations(neuron: type[Neuron], reset: str | None = None, zero: frozenset[str] = frozenset()) -> StepEquations:
    """The step of a neuron under one of its resets.

    Args:
        neuron: the neuron.
        reset: name of the reset; None is its default.
        zero: parameters that are 0 throughout, whose terms vanish.
    """
    update: Step = step(neuron, reset, zero)
    states = tuple(neuron.states)
    before, flowed = _named("x", states), _named("y", states)
    flow = {
        f"y_{name}": sympy.sympify(update.flow.get(sympy.Symbol(name, real=True), x)).xreplace(before)
        for name, x in zip(states, before, strict=True)
    }
    reset_to = {str(k): sympy.sympify(v).xreplace(flowed) for k, v in update.reset.items()}
    flags = {str(k): sympy.sympify(v).xreplace(flowed) for k, v in update.every_step.items()}
    after = {}
    for name, y in zip(states, flowed.values(), strict=True):
        value = y + SPIKE * (reset_to[name] - y) if name in reset_to else y
        after[f"x_{name}"] = flags.get(name, value)
    spike = None if update.spike is None else update.spike.xreplace(flowed)
    gate = None if update.gate == 1 else update.gate.xreplace(flowed)
    output = (SPIKE if spike is not None else sympy.Integer(1)) * update.output.xreplace(flowed)
    used = [*flow.values(), *after.values(), output, *(e for e in (spike, gate) if e is not None)]
    known = {*before.values(), *flowed.values(), SPIKE, I}
    constants = sorted({str(s) for e in used for s in e.free_symbols - known})
    return StepEquations(states, flow, spike, gate, output, after, tuple(constants))


@cache
def adjoint_equations(recipe: Recipe) -> AdjointEquations:
    """The step backward. The gate and flags, being steps of their own, carry no gradient; of states in ``recipe.apart`` neither
    does the reset: x⁺ = y + const."""
    forward = step_equations(recipe.neuron, recipe.reset, recipe.zero)
    x = {name: sympy.Symbol(f"x_{name}", real=True) for name in forward.states}
    y = {name: sympy.Symbol(f"y_{name}", real=True) for name in forward.states}
    later = {name: sympy.Symbol(f"l_{name}", real=True) for name in forward.states}
    smooth = {
        name: y[name] if name in recipe.apart else after
        for name in forward.states
        if not (after := forward.after[f"x_{name}"]).has(sympy.Heaviside)
    }
    total = ERROR * forward.output + sum((later[name] * e for name, e in smooth.items()), sympy.Integer(0))
    constants = [sympy.Symbol(name, real=True) for name in forward.constants]
    direct = {k: sympy.diff(total, k) for k in constants}
    jump = sympy.Integer(0)
    if forward.spike is not None:
        jump = sympy.diff(total, SPIKE) * SURROGATES[recipe.surrogate].xreplace({_G: forward.spike})
    mu = {}
    for name in forward.states:
        through = sympy.Integer(0) if forward.spike is None else jump * sympy.diff(forward.spike, y[name])
        mu[f"m_{name}"] = sympy.diff(total, y[name]) + through
    symbols = {name: sympy.Symbol(f"m_{name}", real=True) for name in forward.states}

    def back(variable: sympy.Symbol) -> sympy.Expr:
        return sum((symbols[n] * sympy.diff(forward.flow[f"y_{n}"], variable) for n in forward.states), sympy.Integer(0))

    at_input = back(I)
    if forward.spike is not None:
        at_input += jump * sympy.diff(forward.spike, I)
    gradients = {}
    for k in constants:
        through = sympy.Integer(0) if forward.spike is None else jump * sympy.diff(forward.spike, k)
        gradients[str(k)] = back(k) + direct[k] + through
    return AdjointEquations(mu, {f"l_{n}": back(x[n]) for n in forward.states}, at_input, gradients)


def surrogate_constants(recipe: Recipe) -> tuple[str, ...]:
    """Names of the constants that only the surrogate has, such as its steepness."""
    back, forward = adjoint_equations(recipe), step_equations(recipe.neuron, recipe.reset, recipe.zero)
    used = [*back.mu.values(), back.input, *back.constants.values()]
    names = {str(s) for e in used for s in e.free_symbols}
    known = {*forward.constants, "I", str(SPIKE), str(ERROR)}
    return tuple(sorted(n for n in names - known if not n.startswith(("x_", "y_", "l_", "m_"))))
