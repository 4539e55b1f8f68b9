"""Multiplier blocks, as yosys cuts products into them (its mul2dsp)."""

from typing import NamedTuple

from costmodel.graphs.equations.algebra import Value, ceiling, choose, maximum, minimum
from costmodel.rtl.cost.memory import address_bits
from costmodel.rtl.cost.sizes import CoreSizes


class Multiplier(NamedTuple):
    """A family's multiplier block.

    Attributes:
        wide, narrow: widest operands.
        step, narrow_step: bits by which a wider operand goes beyond these for each further block.
        least: bits of the product from which on it is used; operands have 2 bits or more.
    """

    wide: int
    narrow: int
    step: int
    narrow_step: int
    least: int


MULTIPLIERS = {
    "ice40": Multiplier(16, 16, 16, 16, 11),
    "ecp5": Multiplier(18, 18, 18, 18, 0),
    "xilinx": Multiplier(25, 18, 17, 17, 9),
}
"""SB_MAC16 (of UltraPlus parts only), MULT18X18D, DSP48E1."""


def has_multipliers(family: str) -> bool:
    """Whether the parts that have been measured have multiplier blocks: iCE40 HX have none."""
    return family != "ice40"


def product(family: str, a: Value, b: Value, bits: Value | None = None) -> Value:
    """Blocks of a product of operands of ``a`` and ``b`` bits, of which the lowest ``bits`` are wanted."""
    block = MULTIPLIERS[family]
    wide, narrow = maximum(a, b), minimum(a, b)
    whole = a + b if bits is None else bits
    slices = choose(wide > block.wide, 1 + ceiling((wide - block.wide) / block.step), 1)
    slices = slices * choose(narrow > block.narrow, 1 + ceiling((narrow - block.narrow) / block.narrow_step), 1)
    return choose((narrow >= 2) & (whole >= block.least), slices, 0)


def dsps(core: CoreSizes, family: str, available: bool | None = None) -> Value:
    """Blocks of a core: of the datapaths, of weights times values, and of addresses.

    Args:
        core: its numbers.
        family: of FPGAs.
        available: whether the part has any; None: as `has_multipliers` says.
    """
    if not (has_multipliers(family) if available is None else available):
        return 0 * core.lanes
    # DSP48E1 multiplies numbers with a sign only.
    more = core.unsigned if family == "xilinx" and core.unsigned else (0,) * len(core.multipliers)
    units = core.units * sum(product(family, a + u, b + u) for (a, b), u in zip(core.multipliers, more, strict=True))
    synapses = core.lanes * sum(product(family, port.bits, port.value_bits) for port in core.ports)
    return units + synapses + addresses(core, family)


def addresses(core: CoreSizes, family: str) -> Value:
    """A convolution's row of weights for a channel, and a neuron's number for a beat of R, where R is no power of two."""
    rows = sum(choose(port.product > 0, product(family, 2, 2, port.product), 0) for port in core.ports)
    beat, units = address_bits(core.beats_per_position), core.units
    odd = units < 2 ** address_bits(units)
    bits = minimum(beat + address_bits(units), address_bits(core.channels))
    number = choose(odd & (beat >= 2), product(family, 2, 2, bits), 0)
    return rows + number
