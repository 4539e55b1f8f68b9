"""From a neuron's equations to its update over one time step: exact where the dynamics are linear, else integrated.

For linear dynamics dx/dt = A x + b I + c and an input held over the step,

    x(t + dt) = P x(t) + Q I + O,   P = exp(A dt),  Q = ∫₀^dt exp(A s) b ds,  O = ∫₀^dt exp(A s) c ds,

and P, Q, O are constants of the network. (Rotter & Diesmann, "Exact digital simulation of time-invariant linear systems",
Biol. Cybern. 81, 1999.)
"""

import math
from dataclasses import dataclass
from functools import cache

import sympy

from costmodel.graphs.equations.arithmetic import Arithmetic, count
from costmodel.graphs.equations.neuron import I, Neuron, dt


@dataclass(frozen=True)
class Step:
    """One time step of a neuron, in this order: flow, spike test, output, reset, flags.

    Attributes:
        flow: state → value at the end of the step, in the states at its start, the input `I` and constants.
        spike: in flowed states; the neuron spikes where this is ≥ 0 and every ``gate`` is > 0. None: it never spikes.
        gate: factor 0 or 1 on the spike.
        reset: state → value after a spike, in flowed states.
        every_step: state → value at the end of every step.
        output: what is sent: 1, or a graded value in flowed states.
        varying: symbols that change from step to step; all others are constants.
    """

    flow: dict[sympy.Symbol, sympy.Expr]
    spike: sympy.Expr | None
    gate: sympy.Expr
    reset: dict[sympy.Symbol, sympy.Expr]
    every_step: dict[sympy.Symbol, sympy.Expr]
    output: sympy.Expr
    varying: frozenset[sympy.Symbol]


def symbols(neuron: type[Neuron]) -> list[sympy.Symbol]:
    """The states of a neuron, as sympy symbols in the order of their declaration."""
    return [sympy.Symbol(name, real=True) for name in neuron.states]


@cache
def linear(neuron: type[Neuron]) -> tuple[sympy.Matrix, sympy.Matrix, sympy.Matrix] | None:
    """A, b and c of dx/dt = A x + b I + c over the states that flow, or None where the dynamics are not linear."""
    states = list(neuron.dynamics)
    flow = sympy.Matrix([neuron.dynamics[state] for state in states])
    if not states:
        return None
    a, b = flow.jacobian(states), flow.diff(I)
    if (a.free_symbols | b.free_symbols) & {*states, I}:
        return None
    return a, b, flow.subs(dict.fromkeys((*states, I), 0))


def propagator(neuron: type[Neuron]) -> tuple[sympy.Matrix, sympy.Matrix, sympy.Matrix]:
    """P, Q and O in closed form, by the exponential of the augmented matrix [[A, b, c], [0, 0, 0], [0, 0, 0]] dt.

    Raises:
        ValueError: the neuron's dynamics are not linear.
    """
    system = linear(neuron)
    if system is None:
        raise ValueError(f"the dynamics of '{neuron.type}' are not linear: no propagator")
    a, b, c = system
    n = a.rows
    augmented = sympy.zeros(n + 2)
    augmented[:n, :n], augmented[:n, n], augmented[:n, n + 1] = a, b, c
    result = (augmented * dt).exp()
    return result[:n, :n], result[:n, n], result[:n, n + 1]


@cache
def step(neuron: type[Neuron], reset: str | None = None, zero: frozenset[str] = frozenset()) -> Step:
    """The update of a neuron over one step (one substep, where its integrator needs several).

    Args:
        neuron: the neuron.
        reset: which of its resets; None is its default.
        zero: parameters that are 0 throughout the population, so that their terms vanish as any compiler would see to.

    Raises:
        KeyError: the neuron has no such reset.
    """
    known = {sympy.Symbol(name, real=True): sympy.Integer(0) for name in zero}
    name = reset or next(iter(neuron.reset))
    after = neuron.reset[name]
    if neuron.update or not neuron.dynamics:
        flow = {**neuron.update, **neuron.late.get(name, {})}
    elif neuron.integrator == "exact":
        flow = _exact(neuron, known)
    elif neuron.integrator == "forward-euler":
        flow = {x: x + dt * slope for x, slope in neuron.dynamics.items()}
    elif neuron.integrator == "exponential-euler":
        flow = {x: _exponential_euler(x, slope) for x, slope in neuron.dynamics.items()}
    else:
        raise ValueError(f"neuron '{neuron.type}': no integrator '{neuron.integrator}'")

    def known_values(item):
        return {k: sympy.sympify(v).xreplace(known) for k, v in item.items()} if isinstance(item, dict) else item.xreplace(known)

    return Step(
        flow=known_values(flow),
        spike=None if neuron.spike is None else known_values(neuron.spike),
        gate=known_values(neuron.gate),
        reset=known_values(after),
        every_step=known_values(neuron.every_step),
        output=known_values(neuron.output),
        varying=frozenset({*symbols(neuron), I}),
    )


def _exact(neuron: type[Neuron], known: dict) -> dict:
    """x ← P x + Q I + O with one constant for each entry that is not zero by the structure of A, b and c."""
    system = linear(neuron)
    if system is None:
        raise ValueError(f"neuron '{neuron.type}' is not linear: name an integrator other than 'exact'")
    a, b, c = (matrix.xreplace(known) for matrix in system)
    states = list(neuron.dynamics)
    n = len(states)
    reach = [[i == j or a[i, j] != 0 for j in range(n)] for i in range(n)]
    for k in range(n):
        for i in range(n):
            for j in range(n):
                reach[i][j] = reach[i][j] or (reach[i][k] and reach[k][j])
    flow = {}
    for i, state in enumerate(states):
        moved = [_entry("P", state, other, a, reach, i, j) * other for j, other in enumerate(states) if reach[i][j]]
        driven = [_constant("Q", state) * I] if any(reach[i][j] and b[j] != 0 for j in range(n)) else []
        offset = [_constant("O", state)] if any(reach[i][j] and c[j] != 0 for j in range(n)) else []
        flow[state] = sympy.Add(*moved, *driven, *offset)
    return flow


def _entry(name: str, row: sympy.Symbol, column: sympy.Symbol, a: sympy.Matrix, reach: list, i: int, j: int) -> sympy.Expr:
    """A constant of the propagator; exactly 1 where a state depends on itself by no leak and no loop."""
    in_loop = any(k != i and reach[i][k] and reach[k][i] for k in range(a.rows))
    return sympy.Integer(1) if i == j and a[i, i] == 0 and not in_loop else _constant(name, row, column)


def _constant(*names) -> sympy.Symbol:
    return sympy.Symbol("_".join(str(name) for name in names), real=True)


def _exponential_euler(x: sympy.Symbol, slope: sympy.Expr) -> sympy.Expr:
    """x ← x∞ + (x − x∞) exp(−q dt) for dx/dt = p − q x, the others held (Rush & Larsen 1978)."""
    q = -sympy.diff(slope, x)
    if x in q.free_symbols:
        raise ValueError(f"exponential Euler needs dx/dt linear in {x}")
    limit = slope.subs(x, 0) / q
    return limit + (x - limit) * sympy.exp(-q * dt)


def substeps(neuron: type[Neuron], step_length: float) -> int:
    """How many substeps the integrator takes in one time step of ``step_length`` seconds."""
    return 1 if neuron.max_step is None else max(1, math.ceil(step_length / neuron.max_step - 1e-9))


@cache
def arithmetic(neuron: type[Neuron], reset: str | None = None, zero: frozenset[str] = frozenset(), repeats: int = 1) -> Arithmetic:
    """Operations of one neuron in one time step of ``repeats`` substeps, each a flow, a spike test and a reset.

    A reset is a select, of the old value or the new, for each state it sets; the step spikes where any substep did.
    """
    update = step(neuron, reset, zero)
    varying = set(update.varying)
    after = list(update.every_step.values())
    if update.spike is not None:
        after += [sympy.Ge(update.spike, 0)] if update.gate != update.spike else []
        after += [sympy.Gt(update.gate, 0)] if update.gate != 1 else []
        after += update.reset.values()
    if not update.output.is_Atom:
        after.append(update.output)
    selects = Arithmetic(compare=len(update.reset))
    step_counts = count(list(update.flow.values()), varying) + count(after, varying) + selects
    return step_counts.times(repeats) + Arithmetic(compare=repeats - 1)
