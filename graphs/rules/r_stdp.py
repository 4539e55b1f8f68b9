"""Reward-modulated STDP."""

import sympy

from costmodel.graphs.lowering.local_rule import WEIGHT, LocalRule, lower_local
from costmodel.graphs.lowering.lowering import Lowering, Task

x, y, z, s_pre, s_post, reward = sympy.symbols("x y z s_pre s_post reward", real=True)
decay_x, decay_y, decay_z, a_plus, a_minus, eta, w_max = sympy.symbols(
    "decay_x decay_y decay_z A_plus A_minus eta w_max", positive=True
)

R_STDP = LocalRule(
    pre={x: decay_x * x + s_pre},
    post={y: decay_y * y + s_post},
    at_pre={z: z - a_minus * y},
    at_post={z: z + a_plus * x},
    each_step={z: decay_z * z, WEIGHT: sympy.Min(sympy.Max(WEIGHT + eta * reward * z, 0), w_max)},
    varying=frozenset({x, y, WEIGHT, z, s_pre, s_post, reward}),
)
"""STDP writes an eligibility z that decays; reward turns it into weight: dw/dt = γ r z, dz/dt = −z/τ_z + ζ.
(Florian, Neural Computation 19, 2007, eqs. 12–14.)"""


def lower(lowering: Lowering) -> list[Task]:
    """As STDP, on an eligibility trace per connection that decays, and is added to the weight by reward, at every step."""
    return lower_local(lowering, R_STDP)
