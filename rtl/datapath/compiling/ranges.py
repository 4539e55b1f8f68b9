"""What the states of a neuron span, observed: the ranges that a datapath is compiled for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy
from numpy.typing import ArrayLike

from costmodel.graphs.equations.discretise import Step, step, substeps
from costmodel.graphs.equations.neuron import I, Neuron
from costmodel.graphs.errors import InputError
from costmodel.rtl.datapath.compiling.constants import Constants

MARGIN = 0.25
"""Part of the observed span that is added at either end."""


@dataclass(frozen=True)
class FloatStep:
    """One substep of the equations.

    Attributes:
        flowed: state → value before the reset.
        spikes: where it spiked, 0 or 1; of the last substep of a time step: where any of them did.
        sent: the output expression.
        after: state → value after reset and flags.
        final: whether it is the last substep of its time step.
    """

    flowed: dict[str, np.ndarray]
    spikes: np.ndarray
    sent: np.ndarray
    after: dict[str, np.ndarray]
    final: bool


def float_steps(
    neuron: type[Neuron], reset: str | None, parameters: Mapping[str, ArrayLike], dt: float, currents: np.ndarray
) -> Iterator[FloatStep]:
    """Every substep in 64-bit floating point, as `graphs.equations.discretise` has it: what a datapath comes near to.

    Args:
        neuron: the neuron.
        reset: name of its reset; None is the default.
        parameters: name → value or one per neuron, SI.
        dt: length of a time step, s.
        currents: the input, (T, N).

    Raises:
        InputError: parameters that are unknown, missing or no numbers.
    """
    passes = substeps(neuron, dt)
    constants = Constants(neuron, parameters, dt / passes)
    names = list(neuron.states)
    flow, spike, after, output = _functions(neuron, reset, tuple(constants.values))
    numbers = [np.asarray(value) for value in constants.values.values()]
    shape = np.shape(currents)[1:]

    def whole(value: ArrayLike) -> np.ndarray:
        return np.broadcast_to(np.asarray(value, float), shape)

    x = [whole(constants.of(sympy.sympify(state.initial))) for state in neuron.states.values()]
    for current in np.asarray(currents, float):
        fired = np.zeros(shape, bool)
        for turn in range(passes):
            y = [whole(value) for value in flow(*x, current, *numbers)]
            now = whole(spike(*y, current, *numbers)) > 0
            spiked, quiet = after(*y, current, *numbers)
            x = [np.where(now, a, b) for a, b in zip(spiked, quiet, strict=True)]
            fired, final = fired | now, turn == passes - 1
            flowed, kept = dict(zip(names, y, strict=True)), dict(zip(names, x, strict=True))
            yield FloatStep(flowed, (fired if final else now).astype(np.int64), whole(output(*y, current, *numbers)), kept, final)


@lru_cache(maxsize=256)
def _functions(neuron: type[Neuron], reset: str | None, constants: tuple[str, ...]) -> tuple[Callable, ...]:
    """Flow, spike, states after it, and output, as functions of states, input and constants."""
    states = [sympy.Symbol(name, real=True) for name in neuron.states]
    symbols = [*states, I, *(sympy.Symbol(name, real=True) for name in constants)]
    return tuple(sympy.lambdify(symbols, e, "numpy", cse=True) for e in _expressions(step(neuron, reset), states))


def _expressions(update: Step, states: list[sympy.Symbol]) -> tuple[object, ...]:
    fires = sympy.false if update.spike is None else sympy.And(update.spike >= 0, update.gate > 0)
    quiet = [update.every_step.get(s, s) for s in states]
    spiked = [update.every_step.get(s, update.reset.get(s, s)) for s in states]
    return [update.flow.get(s, s) for s in states], fires, (spiked, quiet), update.output


def observed_ranges(
    neuron: type[Neuron], reset: str | None, parameters: Mapping[str, ArrayLike], dt: float, currents: ArrayLike
) -> dict[str, tuple[float, float]]:
    """State → lowest and highest value, before and after resets, and a quarter of the span more at either end.

    A state without unit (a gate, a count) that was never negative is not given a negative range.

    Args:
        neuron: the neuron.
        reset: name of its reset; None is the default.
        parameters: name → value or one per neuron, SI.
        dt: length of a time step, s.
        currents: inputs as large as the hardware will see, (T, N).

    Raises:
        InputError: currents of another shape, or with which a state grows without bound.
    """
    array = np.asarray(currents, float)
    if array.ndim != 2 or not array.size or not np.all(np.isfinite(array)):
        raise InputError(f"currents have shape {array.shape}, finite numbers of shape (steps, neurons) are needed")
    low = dict.fromkeys(neuron.states, np.inf)
    high = dict.fromkeys(neuron.states, -np.inf)
    with np.errstate(over="ignore", invalid="ignore"):
        for made in float_steps(neuron, reset, parameters, dt, array):
            for values in (made.flowed, made.after):
                for name, value in values.items():
                    low[name], high[name] = min(low[name], float(value.min())), max(high[name], float(value.max()))
    ranges = {}
    for name, info in neuron.states.items():
        if not np.isfinite(low[name]) or not np.isfinite(high[name]):
            raise InputError(
                f"state '{name}' of neuron '{neuron.type}' grows without bound", mend="take smaller currents or a shorter dt"
            )
        largest = max(abs(low[name]), abs(high[name]))
        margin = max(MARGIN * (high[name] - low[name]), MARGIN * 0.1 * largest) or 1.0
        below = low[name] - margin
        ranges[name] = (max(below, 0.0) if info.unit == "1" and low[name] >= 0 else below, high[name] + margin)
    return ranges
