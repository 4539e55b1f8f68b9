"""How wide the membrane is where the accumulator is the membrane, and what its least significant bit is worth."""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sympy

from costmodel.graphs.equations.neuron import I, Neuron
from costmodel.graphs.errors import InputError
from costmodel.rtl.datapath.compiling.constants import Constants
from costmodel.rtl.datapath.compiling.equations import Equations

Range = tuple[float, float]


@dataclass(frozen=True)
class Membrane:
    """The format of an accumulating membrane.

    Attributes:
        bits: its width.
        shift: bits that weights are shifted left.
        unit: real value of its least significant bit.
        low, high: bounds of what is stored between steps, such that any sum of a step still fits.
    """

    bits: int
    shift: int
    unit: float
    low: int
    high: int


def membrane_format(
    neuron: type[Neuron],
    equation: Equations,
    constants: Constants,
    accumulator: tuple[sympy.Symbol, float],
    bounds: tuple[int, int],
    ranges: Mapping[str, Range],
    state_bits: int,
) -> Membrane:
    """At least ``state_bits``, more where the sums of a step and the membrane's own range need them; spare bits go below.

    The range is the one given; else, for a neuron whose spike condition is linear in it, twice the farthest of the potentials at
    which it spikes and starts; else that of the worst input held for ever, if it leaks.

    Args:
        neuron: the neuron.
        equation: its step.
        constants: its constants.
        accumulator: the membrane's symbol, and what a unit of input adds to it.
        bounds: of a step's sum of weights and bias.
        ranges: of the states, real.
        state_bits: the least width.

    Raises:
        InputError: the membrane's range is neither given nor found.
    """
    x, per_input = accumulator[0], accumulator[1]
    reach = _reach(neuron, equation, constants, x, per_input * max(abs(b) for b in bounds), ranges)
    largest = max(abs(bound) for bound in bounds)
    bits = (math.ceil(reach / per_input) + largest).bit_length() + 1
    width = max(bits, state_bits)
    shift = width - bits
    end = 1 << (width - 1)
    return Membrane(width, shift, per_input / 2**shift, -end - (bounds[0] << shift), end - 1 - (bounds[1] << shift))


def _reach(
    neuron: type[Neuron], equation: Equations, constants: Constants, x: sympy.Symbol, kick: float, ranges: Mapping[str, Range]
) -> float:
    start = float(np.abs(constants.of(sympy.sympify(neuron.states[str(x)].initial))).max())
    crossing = _crossing(equation, constants, x, ranges)
    if str(x) in ranges:
        return max(*(abs(end) for end in ranges[str(x)]), start, crossing or 0.0)
    if crossing is not None:
        return 2 * max(start, crossing)
    update = equation.step
    leak = sympy.diff(update.flow[x], x)
    if not leak.free_symbols & update.varying:
        factor = float(np.max(constants.of(leak)))
        offset = constants.of(update.flow[x].subs(dict.fromkeys(update.varying, 0)))
        if 0 <= factor < 1 and not (update.flow[x].free_symbols & update.varying) - {x, I}:
            return start + (kick + float(np.abs(offset).max())) / (1 - factor)
    raise InputError(
        f"state '{x}' of neuron '{neuron.type}' has no range, and its equations bound none",
        mend=f"give ranges={{'{x}': (lowest, highest)}}; costmodel.rtl.datapath.compiling.ranges observes them",
    )


def _crossing(equation: Equations, constants: Constants, x: sympy.Symbol, ranges: Mapping[str, Range]) -> float | None:
    """The farthest value of ``x`` at which it can spike, the others within their ranges; None where that is not linear."""
    update = equation.step
    slope = sympy.Integer(0) if update.spike is None else sympy.diff(update.spike, x)
    if update.spike is None or slope == 0 or slope.free_symbols & update.varying or slope.has(sympy.Derivative):
        return None
    crossing = -update.spike.subs(x, 0) / slope
    others = sorted(crossing.free_symbols & update.varying, key=str)
    ends = [ranges.get(str(state), equation.flags.get(str(state))) for state in others]
    known = [end for end in ends if end is not None]
    if len(known) < len(others):
        return None
    corners = [dict(zip(others, map(sympy.Float, corner), strict=True)) for corner in itertools.product(*known)]
    return max(float(np.abs(constants.of(crossing.subs(corner))).max()) for corner in corners)
