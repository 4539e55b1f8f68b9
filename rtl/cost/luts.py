"""Look-up tables: a sum over what a core is made of, each with a coefficient of the family."""

import json
from functools import cache
from pathlib import Path

from graphs.algebra import Value, choose, maximum
from rtl.cost.flip_flops import flip_flops
from rtl.cost.memory import address_bits, in_blocks, in_luts, shallow
from rtl.cost.multipliers import has_multipliers
from rtl.cost.sizes import CoreSizes


def terms(core: CoreSizes, family: str) -> dict[str, Value]:
    """What the LUTs of a core are linear in."""
    c = core
    accumulated = c.lanes * c.accumulator_bits
    weights = [in_blocks(family, port.depth, c.lanes * port.bits, written=False).stack for port in c.ports]
    wide = c.lanes * sum(port.bits * (stack - 1) for port, stack in zip(c.ports, weights, strict=True))
    products = c.units * c.partial_bits + c.lanes * sum(p.bits * p.value_bits for p in c.ports)
    window = choose(c.window_rows * c.window_columns > 1, c.units * c.accumulator_bits, 0)
    counted = counters(c)
    fold = choose(c.folds > 1, c.lanes, 0)
    return {
        "control": 1,
        "counters": sum(choose(bits > 0, 1, 0) for bits in counted),
        "counter bits": sum(counted),
        "lanes": c.lanes,
        "lanes written one by one": fold,
        "sums": c.lanes * (c.accumulator_bits - c.shift),
        "accumulators written back": accumulated * c.accumulates,
        "lane selection": c.units * c.accumulator_bits * (c.folds - 1),
        "several ports": (len(c.ports) - 1) * c.lanes * c.addend_bits,
        "adders": c.units * c.adders,
        "adder bits": c.units * c.adder_bits,
        "comparators": c.units * c.comparators,
        "comparator bits": c.units * c.comparator_bits,
        "multiplexer bits": c.units * c.multiplexer_bits,
        "logic bits": c.units * c.logic_bits,
        "loose bits": c.units * c.loose_bits if family == "ice40" else 0,
        "window bits": window,
        "units": c.units,
        "value bits": c.value_bits * (c.units - 1),
        "stacked memory": stacked(c, family) + wide,
        "table bits": sum(port.table_bits for port in c.ports),
        "convolution bits": sum(port.conv * (address_bits(port.words) + address_bits(port.depth)) for port in c.ports),
        "products": 0 if has_multipliers(family) else products,
    }


def counters(core: CoreSizes) -> list[Value]:
    """Widths of all counters and addresses that are counted on."""
    c = core
    groups = -(-1 * c.channels // c.lanes)
    word, beat = address_bits(c.words), address_bits(c.beats)
    loops = [c.window_columns, c.window_rows, c.folds, groups, c.columns, c.rows]
    nest = [*(address_bits(loop) for loop in loops), word]
    found = [*nest, *(bits * c.accumulates for bits in nest)]
    found += [address_bits(loop) for loop in (c.beats_per_position, c.columns, c.rows, c.passes)]
    found += [choose(c.units > 1, c.units, 0), choose(c.units > 1, address_bits(c.channels), 0)]
    found += [choose(c.state_bits + c.constant_bits > 0, beat, 0), choose(c.state_bits > 0, beat, 0)]
    for port in c.ports:
        found += [address_bits(port.words), address_bits(port.depth)]
    return found


def stacked(core: CoreSizes, family: str) -> Value:
    """Bits that are chosen behind memories in look-up tables or blocks that are written."""

    def extra(depth: Value, width: Value) -> Value:
        shallow_stack = in_luts(family, depth, width).stack
        stack = choose(shallow(family, depth), shallow_stack, in_blocks(family, depth, width, written=True).stack)
        return (stack - 1) * width

    return core.lanes * extra(core.words, core.accumulator_bits) + extra(core.beats, core.units * core.state_bits)


def memory_luts(core: CoreSizes, family: str) -> Value:
    """LUTs that hold memories."""

    def held(depth: Value, width: Value) -> Value:
        return choose(shallow(family, depth), in_luts(family, depth, width).luts, 0)

    return core.lanes * held(core.words, core.accumulator_bits) + held(core.beats, core.units * core.state_bits)


def fixed(core: CoreSizes, family: str) -> Value:
    """LUTs that are counted and not fitted: memories, and shift registers on Xilinx."""
    chains = core.units * core.shift_chains + core.cleared * choose(core.depth > 3, 1, 0)
    held = memory_luts(core, family) + (chains if family == "xilinx" else 0)
    return held + (flip_flops(core, family) if family == "ice40" else 0)
