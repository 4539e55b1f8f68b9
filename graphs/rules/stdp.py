"""Spike-timing dependent plasticity."""

import sympy

from costmodel.graphs.lowering.local_rule import WEIGHT, LocalRule, lower_local
from costmodel.graphs.lowering.lowering import Lowering, Task

x, y, s_pre, s_post = sympy.symbols("x y s_pre s_post", real=True)
decay_x, decay_y, a_plus, a_minus, w_max = sympy.symbols("decay_x decay_y A_plus A_minus w_max", positive=True)

STDP = LocalRule(
    pre={x: decay_x * x + s_pre},
    post={y: decay_y * y + s_post},
    at_pre={WEIGHT: sympy.Max(WEIGHT - a_minus * y, 0)},
    at_post={WEIGHT: sympy.Min(WEIGHT + a_plus * x, w_max)},
    each_step={},
    varying=frozenset({x, y, WEIGHT, s_pre, s_post}),
)
"""All-to-all pair rule with traces: dx/dt = −x/τ₊ + s_pre, dy/dt = −y/τ₋ + s_post; Δw = −A₋ y at an input spike, A₊ x at a
neuron's spike; w is clipped. (Morrison, Diesmann & Gerstner, Biol. Cybern. 98, 2008, sect. 4.1.)"""


def lower(lowering: Lowering) -> list[Task]:
    """Traces of inputs and neurons decay at each step; a spike changes every weight it meets. Nothing is unrolled."""
    return lower_local(lowering, STDP)
