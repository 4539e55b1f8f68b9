"""What a memory takes: blocks as yosys chooses their shapes (its pass memory_libmap), or look-up tables and flip-flops.

A block has several shapes, each of some width w and 2^a words. A memory of D words of B bits is cut into m = ⌈D ÷ 2^a⌉ parts
of all words' bits, which lie side by side in ⌈m · B ÷ w⌉ blocks; parts beyond the first take a multiplexer for each bit
where they are read, and a gate where they are written. The shape with the least cost is taken: of the blocks, and half a
unit a gate.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from costmodel.graphs.equations.algebra import Value, ceiling, choose, log, maximum, minimum, symbolic
from costmodel.rtl.cost.sizes import CoreSizes
from costmodel.rtl.memories import SHALLOW


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
"""Family → shapes of its blocks, as yosys 0.70 lists them: SB_RAM40_4K; DP16KD; RAMB18E1, RAMB36E1, and pairs of the
latter."""

GATE = 0.5
"""yosys' cost of a multiplexer's bit, or of a write enable's gate."""


PORT = 2
"""yosys' cost of a read port of its own."""


class Blocks(NamedTuple):
    """What a memory in blocks takes.

    Attributes:
        blocks: of the part's own size.
        stack: parts behind one another; 1: no multiplexer.
        cost: yosys' measure of all.
    """

    blocks: Value
    stack: Value
    cost: Value


def address_bits(count: Value) -> Value:
    """Bits that tell ``count`` things apart: ⌈log2 count⌉; none for one thing or none."""
    return ceiling(log(maximum(count, 1)) / math.log(2) - 1e-9)  # the margin keeps powers of two from rounding up


def in_blocks(family: str, depth: Value, width: Value, written: bool) -> Blocks:
    """A memory of ``depth`` words of ``width`` bits with one reader; no blocks where it has neither.

    Of sympy expressions it gives functions by name (`_named`), for the choice among so many shapes would fill pages.
    """
    if symbolic(depth, width):
        return Blocks(*(_each(_named(family, name, written), depth, width) for name in Blocks._fields))
    best = blocks = stack = math.inf
    for shape in SHAPES[family]:
        parts = ceiling(depth / 2**shape.address_bits)
        byte = shape.byte if written else 1
        count = ceiling(parts * ceiling(width / byte) * byte / shape.width)
        cost = shape.cost * count + GATE * (parts - 1) * width
        if written:
            cost = cost + GATE * choose(parts > 1, parts, 0)
        blocks = choose(cost < best, count * shape.share, blocks)
        stack = choose(cost < best, parts, stack)
        best = minimum(cost, best)
    return Blocks(blocks, maximum(stack, 1), best)


@cache
def _named(family: str, name: str, written: bool) -> Any:
    """A sympy function of depth and width: ``blocks_ecp5(depth, width)``; of numbers it is the number, and lambdify takes
    it."""
    import sympy

    def number(depth: Value, width: Value) -> Value:
        return getattr(in_blocks(family, depth, width, written), name)

    def evaluated(cls: type, depth: Any, width: Any) -> Any:
        return sympy.sympify(float(number(float(depth), float(width)))) if depth.is_number and width.is_number else None

    kind = "" if written else "rom_"
    return type(f"{kind}{name}_{family}", (sympy.Function,), {"eval": classmethod(evaluated), "_imp_": staticmethod(number)})


def _each(function: Callable, depth: Value, width: Value) -> Value:
    if isinstance(depth, np.ndarray) or isinstance(width, np.ndarray):
        return np.frompyfunc(function, 2, 1)(depth, width)
    return function(depth, width)


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

    ECP5: TRELLIS_DPR16X4, four LUTs and two to write them, for 16 words of 4 bits. Xilinx: RAM32M and RAM64M, four LUTs for
    32 words of 6 bits or 64 of 3; RAM32X1D and RAM64X1D, two for one bit, where that is cheaper.
    """
    if family == "ecp5":
        parts = ceiling(depth / 16)
        return Distributed(6 * parts * ceiling(width / 4), maximum(parts, 1))
    if family == "xilinx":
        found = choose(depth > 32, _small(width, 3), _small(width, 6))
        return Distributed(found, 1 + 0 * depth)
    return Distributed(0 * depth, 1 + 0 * depth)


def _small(width: Value, bits: int) -> Value:
    # yosys weighs 1 for each RAM32M or RAM64M and 7 times the share of it that is used, against 8 for RAM32X1D or RAM64X1D
    # of two thirds of its bits.
    several = ceiling(width / bits)
    return choose(12 * width / bits < several + 7 * width / bits, 2 * width, 4 * several)


def small(family: str, depth: Value) -> Value:
    """Whether a memory that is written takes no block: it lies in look-up tables or, being a single word, in registers."""
    return depth <= max(SHALLOW[family], 1)


def shallow(family: str, depth: Value) -> Value:
    """Whether a memory that is written lies in look-up tables."""
    return depth <= SHALLOW[family]


def core_blocks(core: CoreSizes, family: str) -> Value:
    """Blocks of a core: weights, accumulators in P banks, states, constants, and the tables of the datapaths."""
    tables = core.units * sum(table_blocks(family, depth, width) for depth, width in core.tables)
    weights = sum(in_blocks(family, port.depth, core.lanes * port.bits, written=False).blocks for port in core.ports)
    banks = core.lanes * written_blocks(family, core.words, core.accumulator_bits)
    states = written_blocks(family, core.beats, core.units * core.state_bits)
    constants = in_blocks(family, core.beats, core.units * core.constant_bits, written=False).blocks
    return weights + banks + states + constants + tables


def table_blocks(family: str, depth: Value, width: Value) -> Value:
    """Blocks of a datapath's table: none where logic is cheaper, by yosys' measure: a 64th for each bit."""
    found = in_blocks(family, depth, width, written=False)
    return choose(found.cost + PORT < depth * width / 64, found.blocks, 0)


def table_luts(family: str, depth: Value, width: Value) -> Value:
    """LUTs of a table that no block holds: 16 or 64 entries each, and a third more to choose. (None such was measured.)"""
    entries = 64 if family == "xilinx" else 16
    return choose(table_blocks(family, depth, width) > 0, 0, ceiling(4 / 3 * depth * width / entries))


def written_blocks(family: str, depth: Value, width: Value) -> Value:
    """Blocks of a memory that is written; none where it lies in look-up tables or registers."""
    return choose(small(family, depth), 0, in_blocks(family, depth, width, written=True).blocks)


def written_luts(family: str, depth: Value, width: Value) -> Value:
    """LUTs that hold a memory that is written; none where it lies in blocks or registers."""
    return choose((depth > 1) & shallow(family, depth), in_luts(family, depth, width).luts, 0)


def written_flip_flops(family: str, depth: Value, width: Value) -> Value:
    """Flip-flops of a memory that is written: a single word and what was read; what was read from look-up tables; of blocks
    behind one another, which was read."""
    choosing = address_bits(in_blocks(family, depth, width, written=True).stack)
    return choose(depth <= 1, 2 * width, choose(shallow(family, depth), width, choosing))


def written_stack(family: str, depth: Value, width: Value) -> Value:
    """Parts behind one another of a memory that is written."""
    blocks, luts = in_blocks(family, depth, width, written=True), in_luts(family, depth, width)
    return choose(depth <= 1, 1, choose(shallow(family, depth), luts.stack, blocks.stack))
