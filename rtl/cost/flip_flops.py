"""Flip-flops, counted register by register in the blocks that make up a core."""

from costmodel.graphs.equations.algebra import Value, choose
from costmodel.rtl.cost.memory import address_bits, in_blocks, table_blocks, written_flip_flops
from costmodel.rtl.cost.multipliers import product
from costmodel.rtl.cost.pipeline import CHAIN
from costmodel.rtl.cost.sizes import CoreSizes, PortSizes

STATES = 3
"""Of a core's state machine, five in binary code."""


def flip_flops(core: CoreSizes, family: str) -> Value:
    """Of a core."""
    return (
        STATES
        + control(core)
        + sum(walk(port) for port in core.ports)
        + addends(core)
        + units(core)
        + emitter(core)
        + memories(core, family)
        - (elsewhere(core) if family == "xilinx" else 0)
    )


def elsewhere(core: CoreSizes) -> Value:
    """Registers that yosys puts elsewhere on Xilinx: three and more in a row into a LUT, those around products into
    multipliers."""
    clear = core.cleared * choose(core.depth - 1 >= CHAIN, core.depth - 1, 0)
    blocks = [product("xilinx", port.bits, port.value_bits) for port in core.ports]
    held = [core.lanes * core.addend_bits + port.value_bits for port in core.ports]
    valued = sum(choose(block > 0, bits, 0) for block, bits in zip(blocks, held, strict=True))
    return core.units * (core.shift_bits + core.product_bits) + clear + valued


def control(core: CoreSizes) -> Value:
    """The sweep's registers, which word is added to, and the counters that walk the accumulators, to read and to write
    back."""
    fold, word = address_bits(core.folds), address_bits(core.words)
    window = choose(core.window_rows * core.window_columns > 1, 2, 0)
    back = choose(core.accumulates > 0, nest(core), word)
    ports = len(core.ports)
    return 4 + fold + core.depth + word + window + nest(core) + back + address_bits(core.passes) + address_bits(ports)


def nest(core: CoreSizes) -> Value:
    """Counters of the loops of a pass, and the address."""
    groups = -(-1 * core.channels // core.lanes)
    loops = (core.window_columns, core.window_rows, core.folds, groups, core.columns, core.rows)
    return sum(address_bits(loop) for loop in loops) + address_bits(core.words)


def walk(port: PortSizes) -> Value:
    """The walk of an event over the accumulators; its value, twice."""
    word, row = address_bits(port.words), address_bits(port.depth)
    columns, rows = address_bits(port.column_kernel + 1), address_bits(port.row_kernel + 1)
    conv = port.conv * (word + row + address_bits(port.groups) + 2 * columns + rows)
    return 1 + word + row + conv + 2 * port.value_bits


def addends(core: CoreSizes) -> Value:
    """Weights, times values, on their way to the accumulators, which port they are from, and the word that they are for."""
    return core.lanes * core.addend_bits + (len(core.ports) - 1) + 1 + address_bits(core.words)


def units(core: CoreSizes) -> Value:
    """Registers before the datapaths, and of them; whether a neuron is cleared."""
    unread = choose(core.window_rows * core.window_columns > 1, 0, core.unread_bits)
    before = core.accumulator_bits + core.state_bits + core.constant_bits - unread
    return core.units * (before + core.register_bits) + core.cleared * (core.depth - 1)


def emitter(core: CoreSizes) -> Value:
    """Which neurons of a beat are to be sent, their values, and the counters of the beat, twice."""
    place = address_bits(core.beats_per_position) + address_bits(core.columns) + address_bits(core.rows)
    return core.units * (1 + core.value_bits) + 2 * place


def memories(core: CoreSizes, family: str) -> Value:
    """Those of memories, and the counters of states and constants."""
    beat, states = address_bits(core.beats), core.units * core.state_bits
    constants = core.units * core.constant_bits
    counters = choose(core.state_bits + core.constant_bits > 0, beat, 0) + choose(core.state_bits > 0, beat, 0)
    banks = core.lanes * written_flip_flops(family, core.words, core.accumulator_bits)
    weights = [in_blocks(family, port.depth, core.lanes * port.bits, written=False) for port in core.ports]
    read = sum(address_bits(found.stack) for found in weights)
    fixed = choose(constants > 0, address_bits(in_blocks(family, core.beats, constants, written=False).stack), 0)
    tables = core.units * sum(choose(table_blocks(family, depth, width) > 0, 0, width) for depth, width in core.tables)
    return tables + counters + banks + choose(states > 0, written_flip_flops(family, core.beats, states), 0) + read + fixed
