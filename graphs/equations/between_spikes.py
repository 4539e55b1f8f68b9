"""Neurons that flow linearly between spikes, so that these can be told without time steps."""

from collections.abc import Mapping
from functools import cache

import numpy as np
import sympy

from costmodel.graphs.equations.discretise import linear
from costmodel.graphs.equations.neuron import I, Neuron

STEPS_PER_TIME_CONSTANT = 4
"""Grid steps, in which crossings are looked for, per shortest time constant."""


@cache
def why_not(neuron: type[Neuron], reset: str | None) -> str | None:
    """What keeps a neuron from being simulated by events, in words; None where nothing does."""
    if neuron.update or linear(neuron) is None:
        return f"the dynamics of '{neuron.type}' are not linear"
    if neuron.spike is None:
        return f"'{neuron.type}' never spikes"
    if neuron.output != 1:
        return f"'{neuron.type}' sends values, not spikes"
    states = list(neuron.dynamics)
    _, b, _ = linear(neuron) or (None, sympy.zeros(len(states), 1), None)
    direction = [sympy.diff(neuron.spike, x) for x in states]
    if any(d.free_symbols & {*states, I} for d in direction):
        return f"the spike condition of '{neuron.type}' is not linear"
    if sympy.simplify(sum((d * q for d, q in zip(direction, b, strict=True)), sympy.Integer(0))) != 0:
        return f"the membrane of '{neuron.type}' jumps with its input, so that spike times do not move"
    if neuron.every_step or (neuron.gate != 1 and not neuron.single_spike):
        return f"'{neuron.type}' has conditions besides its threshold"
    after = neuron.reset[reset or next(iter(neuron.reset))]
    if any(
        sympy.diff(value, x, y) != 0 for value in after.values() for x in states for y in states if isinstance(value, sympy.Basic)
    ):
        return f"the reset of '{neuron.type}' is not linear"
    return None


def starts_below(neuron: type[Neuron], parameters: Mapping[str, float]) -> bool:
    """Whether a neuron that spikes starts below its threshold. One that does not reaches it from below at no time."""
    if neuron.spike is None:
        return True
    known = {sympy.Symbol(name, real=True): value for name, value in parameters.items()}
    start = {sympy.Symbol(name, real=True): state.initial for name, state in neuron.states.items()}
    return bool(neuron.spike.subs(start).subs(known).subs(I, 0) < 0)


def grid_step(a: np.ndarray) -> float:
    """Length h of the steps in which a neuron's crossings are looked for, s, from A of ẋ = A x + b I + c."""
    return float(1 / (STEPS_PER_TIME_CONSTANT * np.abs(np.linalg.eigvals(a)).max()))
