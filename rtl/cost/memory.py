"""What a memory takes: blocks as yosys chooses their shapes (its pass memory_libmap), or look-up tables and flip-flops.

A block has several shapes, each of some width w and 2^a words. A memory of D words of B bits is cut into m = ⌈D ÷ 2^a⌉ parts of
all words' bits, which lie side by side in ⌈m · B ÷ w⌉ blocks; parts beyond the first take a multiplexer for each bit where they are
read, and a gate where they are written. The shape with the least cost is taken: of the blocks, and half a unit for each gate.
"""

import math
from typing import NamedTuple

from graphs.algebra import Value, ceiling, choose, log, maximum, minimum
from rtl.cost.sizes import CoreSizes
from rtl.memories import SHALLOW


class Block(NamedTuple):
    """A shape of a memory block.

    Attributes:
        address_bits: 2^address_bits words.
        width: bits of a word.
        byte: bits that are written together; 1 where each bit has its own enable.
        cost: yosys' measure of it.
        share: of a block as the part counts them.
    """

    address_bits: int
    width: int
    byte: int
    cost: float
    share: float


def _shapes(address_bits: int, widths: tuple[int, ...], byte: int, cost: float, share: float) -> list[Block]:
    """Of one memory: the first width with all address bits, each further one with one less."""
    return [Block(address_bits - i, width, min(byte, width), cost, share) for i, width in enumerate(widths)]


SHAPES: dict[str, list[Block]] = {
    "ice40": _shapes(11, (2, 4, 8, 16), 1, 64, 1),
    "ecp5": _shapes(14, (1, 2, 4, 9, 18, 36), 9, 128, 1),
    "xilinx": [
        *_shapes(14, (1, 2, 4, 9, 18, 36), 9, 129, 0.5),
        *_shapes(15, (1, 2, 4, 9, 18, 36, 72), 9, 257, 1),
        *_shapes(16, (1, 2, 4, 9), 9, 513, 2),
    ],
}
"""Family → shapes of its blocks, as yosys 0.70 lists them: SB_RAM40_4K; DP16KD; RAMB18E1, RAMB36E1, and pairs of the latter."""

GATE = 0.5
"""yosys' cost of a multiplexer's bit, or of a write enable's gate."""


class Blocks(NamedTuple):
    """What a memory in blocks takes.

    Attributes:
        blocks: of the part's own size.
        stack: parts behind one another; 1: no multiplexer.
    """

    blocks: Value
    stack: Value


def address_bits(count: Value) -> Value:
    """Bits that tell ``count`` things apart: ⌈log2 count⌉; none for one thing or none."""
    return ceiling(log(maximum(count, 1)) / math.log(2) - 1e-9)  # the margin keeps powers of two from rounding up


def in_blocks(family: str, depth: Value, width: Value, written: bool) -> Blocks:
    """A memory of ``depth`` words of ``width`` bits with one reader; nothing where it has none."""
    best = blocks = stack = None
    for shape in SHAPES[family]:
        parts = ceiling(depth / 2**shape.address_bits)
        byte = shape.byte if written else 1
        count = ceiling(parts * ceiling(width / byte) * byte / shape.width)
        cost = shape.cost * count + GATE * (parts - 1) * width
        if written:
            cost = cost + GATE * choose(parts > 1, parts, 0)
        if best is None:
            best, blocks, stack = cost, count * shape.share, parts
        else:
            better = cost < best
            blocks, stack = choose(better, count * shape.share, blocks), choose(better, parts, stack)
            best = minimum(cost, best)
    return Blocks(blocks, maximum(stack, 1))


class Distributed(NamedTuple):
    """What a memory in look-up tables takes.

    Attributes:
        luts: that hold it.
        stack: parts behind one another; 1: no multiplexer.
    """

    luts: Value
    stack: Value


def in_luts(family: str, depth: Value, width: Value) -> Distributed:
    """A memory of ``depth`` words of ``width`` bits, written and read; iCE40 has none.

    ECP5: TRELLIS_DPR16X4, four LUTs and two to write them, for 16 words of 4 bits. Xilinx: RAM32M and RAM64M, four LUTs for 32 words
    of 6 bits or 64 of 3; RAM32X1D and RAM64X1D, two for one bit, where that is cheaper.
    """
    if family == "ecp5":
        parts = ceiling(depth / 16)
        return Distributed(6 * parts * ceiling(width / 4), maximum(parts, 1))
    if family == "xilinx":
        found = choose(depth > 32, _small(width, 3), _small(width, 6))
        return Distributed(found, 1 + 0 * depth)
    return Distributed(0 * depth, 1 + 0 * depth)


def _small(width: Value, bits: int) -> Value:
    # yosys weighs 1 for each RAM32M or RAM64M and 7 for what share of it is used, against 8 a share of two thirds of its bits.
    quad = ceiling(width / bits)
    single = 2 * bits // 3
    pairs = ceiling(width / single)
    return choose(8 * pairs * single / single < quad + 7 * width / bits, 2 * width, 4 * quad)


def shallow(family: str, depth: Value) -> Value:
    """Whether a memory that is written lies in look-up tables."""
    return depth <= SHALLOW[family]


def core_blocks(core: CoreSizes, family: str) -> Value:
    """Blocks of a core: weights, accumulators in P banks, states, constants, and the tables of the datapaths."""
    weights = sum(in_blocks(family, port.depth, core.lanes * port.bits, written=False).blocks for port in core.ports)
    banks = core.lanes * _written(family, core.words, core.accumulator_bits)
    states = _written(family, core.beats, core.units * core.state_bits)
    constants = in_blocks(family, core.beats, core.units * core.constant_bits, written=False).blocks
    return weights + banks + states + constants


def _written(family: str, depth: Value, width: Value) -> Value:
    return choose(shallow(family, depth), 0, in_blocks(family, depth, width, written=True).blocks)
