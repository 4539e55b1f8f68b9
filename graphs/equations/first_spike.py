"""When a leaky integrate-and-fire neuron with exponential synapses first spikes, in closed form.

Inputs of weight w_i at t_i up to the spike, its causal set, enter through two sums, a₁ = Σ w_i e^{t_i/τ_s} and a second one b;
the membrane reaches the threshold where v(T) = c, with c the threshold over the height of a unit input's response.

(Göltz et al., "Fast and energy-efficient neuromorphic deep learning with first-spike times", Nat. Mach. Intell. 3, 2021, eqs. 5–6)
"""

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from costmodel.graphs.errors import InputError

t, tau, c = sympy.symbols("t tau c", positive=True)
a1, b = sympy.symbols("a_1 b", real=True)


@dataclass(frozen=True)
class ClosedForm:
    """The spike time for one ratio of the time constants; τ is the synaptic one.

    Attributes:
        ratio: τ_mem / τ_syn.
        first, second: what an input at ``t`` adds to ``a1`` and to ``b``, times its weight.
        by_first, by_second: what ``a1`` and ``b`` add to the membrane at ``t``, times themselves; it spikes at ``c``.
        possible: not negative where the membrane reaches the threshold at all, for a₁ > 0.
        spike_time: T.
        exponentials: roots, exponentials and logarithms that ``possible`` and ``spike_time`` take.
        entering: exponentials that an input takes in ``first`` and ``second``, and in ``by_first`` and ``by_second``.
    """

    ratio: float
    first: sympy.Expr
    second: sympy.Expr
    by_first: sympy.Expr
    by_second: sympy.Expr
    possible: sympy.Expr
    spike_time: sympy.Expr
    exponentials: float
    entering: float


EQUAL = ClosedForm(
    ratio=1.0,
    first=sympy.exp(t / tau),
    second=t / tau * sympy.exp(t / tau),
    by_first=t / tau * sympy.exp(-t / tau),
    by_second=-sympy.exp(-t / tau),
    possible=sympy.exp(-1) - c / a1 * sympy.exp(b / a1),
    spike_time=tau * (b / a1 - sympy.LambertW(-c / a1 * sympy.exp(b / a1))),
    exponentials=6.0,  # four of them in W: a root, and three rounds of Halley's iteration
    entering=2.0,
)
"""τ_mem = τ_syn = τ, b = Σ w (t/τ) e^{t/τ}: T = τ [b/a₁ − W(−c/a₁ · e^{b/a₁})]."""

DOUBLE = ClosedForm(
    ratio=2.0,
    first=sympy.exp(t / tau),
    second=sympy.exp(t / (2 * tau)),
    by_first=-sympy.exp(-t / tau),
    by_second=sympy.exp(-t / (2 * tau)),
    possible=b**2 - 4 * a1 * c,
    spike_time=2 * tau * sympy.log(2 * a1 / (b + sympy.sqrt(b**2 - 4 * a1 * c))),
    exponentials=2.0,
    entering=4.0,
)
"""τ_mem = 2 τ_syn = 2 τ, b = Σ w e^{t/τ_mem}: T = 2 τ ln(2 a₁ / (b + √(b² − 4 a₁ c)))."""


def closed_form(parameters: Mapping[str, float], name: str, where: str) -> ClosedForm:
    """The closed form for the time constants of first-spike neurons.

    Args:
        parameters: of the neurons: ``tau_mem`` and ``tau_syn``, s.
        name: of their node.
        where: what errors call its network.

    Raises:
        InputError: there is none.
    """
    ratio = parameters["tau_mem"] / parameters["tau_syn"]
    for form in (EQUAL, DOUBLE):
        if abs(ratio - form.ratio) < 1e-6:
            return form
    what = f"no closed form for tau_mem / tau_syn = {ratio:.4g} of node '{name}'"
    raise InputError(what, mend="make it 1 or 2, or train with eventprop", where=where)
