"""Look-up tables: a sum over what a core is made of, each with a coefficient of the family."""

from costmodel.graphs.equations.algebra import Value, choose, maximum, minimum
from costmodel.rtl.cost.fitted import weighted
from costmodel.rtl.cost.flip_flops import flip_flops
from costmodel.rtl.cost.memory import address_bits, in_blocks, table_luts, written_luts, written_stack
from costmodel.rtl.cost.multipliers import has_multipliers, product
from costmodel.rtl.cost.sizes import CoreSizes

HARD = 8
"""Values of which one is chosen cheaply: wider multiplexers do not fit a slice."""


def luts(core: CoreSizes, family: str) -> Value:
    """Of a core: what is counted, and the fitted rest."""
    return fixed(core, family) + weighted(terms(core, family), family, "core luts")


def terms(core: CoreSizes, family: str) -> dict[str, Value]:
    """What the LUTs of a core are linear in."""
    c = core
    accumulated = c.lanes * c.accumulator_bits
    weights = [in_blocks(family, port.depth, c.lanes * port.bits, written=False).stack for port in c.ports]
    wide = c.lanes * sum(port.bits * (stack - 1) for port, stack in zip(c.ports, weights, strict=True))
    products = sum(product_bits(family, port.bits, port.value_bits) for port in c.ports)
    window = choose(c.window_rows * c.window_columns > 1, c.units * c.accumulator_bits, 0)
    counted = counters(c)
    return {
        "control": 1,
        "counters": sum(minimum(bits, 1) for bits in counted),
        "counter bits": sum(counted),
        "sums": c.lanes * (c.accumulator_bits - c.shift),
        "accumulators written back": accumulated * c.accumulates,
        "lane selection": c.units * c.accumulator_bits * (c.folds - 1),
        "wide lane selection": c.units * c.accumulator_bits * maximum(c.folds - HARD, 0),
        "several ports": (len(c.ports) - 1) * c.lanes * c.addend_bits,
        "adders": c.units * c.adders,
        "adder bits": c.units * c.adder_bits,
        "comparator bits": c.units * c.comparator_bits,
        "multiplexer bits": c.units * c.multiplexer_bits,
        "logic bits": c.units * c.logic_bits,
        "loose bits": c.units * c.loose_bits if family == "ice40" else 0,
        "window bits": window,
        "units": c.units,
        "value bits": c.value_bits * (c.units - 1),
        "stacked memory": stacked(c, family) + wide,
        "convolution bits": sum(port.conv * (address_bits(port.words) + address_bits(port.depth)) for port in c.ports),
        "products": c.lanes * products + (0 if has_multipliers(family) else c.units * c.partial_bits),
    }


def product_bits(family: str, a: Value, b: Value) -> Value:
    """Bits of the partial products of a product that no multiplier block makes."""
    return choose(product(family, a, b) > 0, 0, a * b) if has_multipliers(family) else a * b


def counters(core: CoreSizes) -> list[Value]:
    """Widths of all counters and addresses that are counted on."""
    c = core
    groups = -(-1 * c.channels // c.lanes)
    word, beat = address_bits(c.words), address_bits(c.beats)
    loops = [c.window_columns, c.window_rows, c.folds, groups, c.columns, c.rows]
    nest = [*(address_bits(loop) for loop in loops), word]
    found = [*nest, *(bits * c.accumulates for bits in nest)]
    found += [address_bits(loop) for loop in (c.beats_per_position, c.columns, c.rows, c.passes)]
    odd = c.units < 2 ** address_bits(c.units)  # else the number of a beat and of a unit lie side by side
    found += [choose(c.units > 1, c.units, 0), choose(odd, address_bits(c.channels), 0)]
    found += [choose(c.state_bits + c.constant_bits > 0, beat, 0), choose(c.state_bits > 0, beat, 0)]
    for port in c.ports:
        found += [address_bits(port.words), address_bits(port.depth)]
    return found


def stacked(core: CoreSizes, family: str) -> Value:
    """Bits that are chosen behind memories that are written and lie in several parts."""
    states = core.units * core.state_bits
    banks = core.lanes * core.accumulator_bits * (written_stack(family, core.words, core.accumulator_bits) - 1)
    return banks + states * (written_stack(family, core.beats, states) - 1)


def memory_luts(core: CoreSizes, family: str) -> Value:
    """LUTs that hold memories."""
    banks = core.lanes * written_luts(family, core.words, core.accumulator_bits)
    tables = core.units * sum(table_luts(family, depth, width) for depth, width in core.tables)
    return tables + banks + written_luts(family, core.beats, core.units * core.state_bits)


def fixed(core: CoreSizes, family: str) -> Value:
    """LUTs that are counted and not fitted: memories, and shift registers on Xilinx.

    On iCE40 also flip-flops: one has a logic cell to itself or shares that of the LUT which drives it, and the fitted LUTs
    are those that drive none.
    """
    chains = core.units * core.shift_chains + core.cleared * choose(core.depth > 3, 1, 0)
    held = memory_luts(core, family) + (chains if family == "xilinx" else 0)
    return held + (flip_flops(core, family) if family == "ice40" else 0)
