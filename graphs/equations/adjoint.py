"""Backward through one time step, by symbolic differentiation, with a surrogate in place of the spike's step function.

With y = F(x, I) the flowed states, s = H(g(y)) the spike and x⁺ = y + s (R(y) − y) the states after the reset, the
adjoints λ = ∂L/∂x run backward in time:

    δ   = ∂L/∂s + Σ_k λ⁺_k (R_k(y) − y_k)
    μ_y = Σ_k λ⁺_k ∂x⁺_k/∂y + δ σ'(g) ∂g/∂y
    λ_x = (∂F/∂x)ᵀ μ,   ∂L/∂I = (∂F/∂I)ᵀ μ

(Neftci, Mostafa & Zenke, "Surrogate gradient learning in spiking neural networks", IEEE Signal Process. Mag. 36, 2019.)
"""

import math
from functools import cache

import sympy

from costmodel.graphs.equations.arithmetic import Arithmetic, count
from costmodel.graphs.equations.discretise import linear, step
from costmodel.graphs.equations.neuron import I, Neuron

_g = sympy.Symbol("g", real=True)
_k = sympy.Symbol("k_surrogate", real=True)

SURROGATES: dict[str, sympy.Expr] = {
    "fast-sigmoid": 1 / (1 + _k * sympy.Abs(_g)) ** 2,
    "superspike": 1 / (1 + _k * sympy.Abs(_g)) ** 2,
    "arctan": 1 / (1 + (_k * _g) ** 2),
    "triangular": sympy.Max(0, 1 - _k * sympy.Abs(_g)),
    "multi-gaussian": sympy.exp(-_k * _g**2) + sympy.Symbol("h", real=True) * sympy.exp(-sympy.Symbol("k_2", real=True) * _g**2),
}
"""σ'(g), the derivative put in place of the step's, by name; constant factors are left to the learning rate.

fast-sigmoid and superspike: Zenke & Ganguli 2018; arctan: Fang et al. 2021; triangular: Esser et al. 2016 (Bellec et al.
2018); multi-gaussian: Yin, Corradi & Bohté 2021.
"""

STEEPNESS: dict[str, dict[str, float]] = {
    "fast-sigmoid": {"k_surrogate": 25.0},
    "superspike": {"k_surrogate": 80.0},
    "arctan": {"k_surrogate": math.pi},
    "triangular": {"k_surrogate": 1.0},
    "multi-gaussian": {"k_surrogate": 2.0, "h": -0.0435, "k_2": 1 / 18},
}
"""Constants of surrogates where nobody gives others, for thresholds near 1.

fast-sigmoid: snnTorch's slope; superspike: the α of jaxsnn's Yin-Yang; arctan: π α / 2 with the α = 2 of Fang et al. 2021;
triangular: Bellec et al. 2018; multi-gaussian: σ = 0.5, h = 0.15, s = 6 of Yin, Corradi & Bohté 2021, its side lobes centred,
which makes the second term −2 h / (s (1 + h)) of the first.
"""


@cache
def adjoint_arithmetic(neuron: type[Neuron], surrogate: str, reset: str | None, zero: frozenset[str], repeats: int) -> Arithmetic:
    """Operations of one neuron in one backward time step: ∂L/∂I and the adjoints of its states.

    Args:
        neuron: the neuron.
        surrogate: name of the derivative put in place of the step's.
        reset: which of its resets; None is its default.
        zero: parameters that are 0 throughout the population.
        repeats: substeps of the forward step, gone through backward one by one.
    """
    update = step(neuron, reset, zero)
    states = [sympy.Symbol(name, real=True) for name in neuron.states]
    after = {x: sympy.Symbol(f"lambda_{x}", real=True) for x in states}
    sent = sympy.Symbol("dL_ds", real=True)
    s = sympy.Symbol("s", real=True)
    varying = {*update.varying, *after.values(), sent, s}
    new = {x: x + s * (update.reset[x] - x) if x in update.reset else x for x in states}
    if update.spike is not None:
        back = sent + sum((after[x] * (update.reset[x] - x) for x in update.reset), sympy.Integer(0))
        slope = back * SURROGATES[surrogate].subs(_g, update.spike)
        through = {x: slope * sympy.diff(update.spike, x) for x in (*states, I)}
    else:
        through = {x: sent * sympy.diff(update.output, x) for x in (*states, I)}
    mu = {x: sum((after[k] * sympy.diff(new[k], x) for k in states), sympy.Integer(0)) + through[x] for x in states}
    if not update.flow:
        return count([through[I]], varying)

    def passed(adjoint: dict) -> list[sympy.Expr]:
        sums = (sum((adjoint[k] * sympy.diff(flow, x) for k, flow in update.flow.items()), sympy.Integer(0)) for x in (*states, I))
        return [expression for expression in sums if expression != 0]

    if repeats == 1:
        return count(passed(mu), varying)
    flowing = {x: sympy.Symbol(f"mu_{x}", real=True) for x in update.flow}
    return count(list(mu.values()), varying) + count(passed(flowing), {*varying, *flowing.values()}).times(repeats)


@cache
def eventprop_arithmetic(neuron: type[Neuron], zero: frozenset[str]) -> tuple[Arithmetic, Arithmetic]:
    """Operations of one neuron under EventProp: of its adjoint in one time step, and of its jump at one spike.

    Between spikes the adjoints follow the transposed linear dynamics, λ ← exp(Aᵀ dt) λ; at a spike of the neuron
    (λ_v)⁻ = (λ_v)⁺ + (1/v̇) (ϑ λ_v⁺ + Σ w (λ_v − λ_I) + ∂l/∂t) for the reset to zero.
    (Wunderlich & Pehle, "Event-based backpropagation can compute exact gradients for spiking neural networks", 2021, Table 1.)

    Raises:
        ValueError: the neuron's dynamics are not linear.
    """
    if linear(neuron) is None:
        raise ValueError(f"the dynamics of '{neuron.type}' are not linear")
    update = step(neuron, None, zero)
    states = list(update.flow)
    adjoint = {x: sympy.Symbol(f"lambda_{x}", real=True) for x in states}
    flow = [sum((adjoint[k] * sympy.diff(update.flow[k], x) for k in states), sympy.Integer(0)) for x in states]
    error, slope, v = (sympy.Symbol(name, real=True) for name in ("e", "v_dot", "lambda_v"))
    jump = v + (sympy.Symbol("v_threshold", real=True) * v + error) / slope
    return count(flow, set(adjoint.values())), count([jump], {error, slope, v})
