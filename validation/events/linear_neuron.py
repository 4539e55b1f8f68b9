"""A neuron with linear dynamics as matrices: between events ż = Â z, with z its states and a constant 1 behind them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import sympy

from costmodel.graphs.equations.between_spikes import grid_step, why_not
from costmodel.graphs.equations.discretise import linear
from costmodel.graphs.equations.neuron import Neuron


class LinearNeuron(NamedTuple):
    """The matrices of a neuron, for n states (z has n + 1 entries, the last of them 1).

    Attributes:
        a: Â, (n + 1, n + 1), 1/s.
        step: exp(Â h), the flow over a grid step.
        h: grid step, s.
        jump: what an input of weight 1 adds to z.
        spike: a neuron spikes where its row of this, (N, n + 1), or the only one, times z, reaches 0 from below.
        reset: z after a spike, as a matrix applied to z.
        start: z before the first event.
        once: whether it spikes at most once.
    """

    a: np.ndarray
    step: np.ndarray
    h: float
    jump: np.ndarray
    spike: np.ndarray
    reset: np.ndarray
    start: np.ndarray
    once: bool


def linear_neuron(
    neuron: type[Neuron], parameters: Mapping[str, float], reset: str | None, dt: float, thresholds: np.ndarray | None = None
) -> LinearNeuron:
    """The matrices of a neuron for which `why_not` finds nothing.

    An input spike, which in time steps is a current of 1 for one step, comes as its charge at once: z ← z + b dt.

    Args:
        neuron: the neuron.
        parameters: its parameters, SI.
        reset: name of a reset; None is its default.
        dt: length of a time step, s.
        thresholds: of every neuron, where they differ from the parameter, V.
    """
    system = linear(neuron)
    if system is None or neuron.spike is None:
        raise ValueError(why_not(neuron, reset))
    known = {sympy.Symbol(name, real=True): value for name, value in parameters.items()}
    states = list(neuron.dynamics)
    n = len(states)
    a, b, c = (np.array(matrix.subs(known), dtype=float) for matrix in system)
    whole = np.zeros((n + 1, n + 1))
    whole[:n, :n], whole[:n, n:] = a, c
    h = grid_step(a)
    names = neuron.reset[reset or next(iter(neuron.reset))]
    after = [sympy.sympify(names.get(x, x)).subs(known) for x in states]
    start = [float(sympy.sympify(neuron.states[str(x)].initial).subs(known)) for x in states]
    values = [parameters.get("v_threshold", 0.0)] if thresholds is None else thresholds
    rows = [_affine(neuron.spike.subs({**known, sympy.Symbol("v_threshold", real=True): value}), states) for value in values]
    return LinearNeuron(
        a=whole,
        step=_expm(whole * h),
        h=h,
        jump=np.append(b[:, 0] * dt, 0.0),
        spike=np.stack(rows),
        reset=np.vstack([*(_affine(value, states) for value in after), np.eye(n + 1)[n]]),
        start=np.append(start, 1.0),
        once=neuron.single_spike,
    )


def _affine(expression: sympy.Expr, states: list[sympy.Symbol]) -> np.ndarray:
    """Coefficients of the states, and the constant."""
    zero = dict.fromkeys(states, 0)
    return np.array([*(float(sympy.diff(expression, x)) for x in states), float(sympy.sympify(expression).subs(zero))])


def _expm(matrix: np.ndarray) -> np.ndarray:
    import scipy.linalg

    return scipy.linalg.expm(matrix)
