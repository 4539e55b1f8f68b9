"""Whether a design fits an FPGA, and the fastest that does."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from costmodel.devices.device import Limit
from costmodel.devices.part import Part
from costmodel.rtl.cost.design import widths_resources
from costmodel.rtl.cost.fitted import FAMILIES
from costmodel.rtl.cost.resources import FpgaCost
from costmodel.rtl.cycles.expected import Rates, expected_cycles
from costmodel.rtl.design import Design
from costmodel.rtl.planning.parallel import widened

WIDTHS = [(lanes, units) for lanes in (1, 2, 4, 8, 16, 32, 64, 128) for units in (1, 2, 4) if units <= lanes]
"""P and R that are tried for all layers."""

LEVERS = {
    "luts": ("--parallel 1", "--state-bits 12", "--decay shift", "a larger part"),
    "ffs": ("--parallel 1", "--state-bits 12", "a larger part"),
    "brams": ("--bits 4", "fewer synapses", "a larger part"),
    "dsps": ("--multiply shift-add", "--parallel 1", "a larger part"),
}
"""What makes a design smaller."""


def family_of(bram_bits: float) -> str:
    """The family of FPGAs whose equations hold, by the bits of a memory block."""
    return "ice40" if bram_bits < 10e3 else "ecp5" if bram_bits < 20e3 else "xilinx"


def excess(needs: FpgaCost, part: Part) -> list[Limit]:
    """What of a part is not enough, by how much, and what would mend it."""
    found = []
    for name, levers in LEVERS.items():
        need, has = float(getattr(needs, name)), float(part.values[name] or 0)
        if need > has:
            found.append(Limit(name, need, has, levers))
    return found


def told(limits: Iterable[Limit]) -> str:
    """The limits in words."""
    return "; ".join(
        f"{limit.limit}: {limit.needs:,.0f} needed, {limit.has:,.0f} there ({float(limit.needs) / max(float(limit.has), 1):.2f} ×)"
        for limit in limits
    )


@dataclass(frozen=True, eq=False)
class Widths:
    """A design with every P and R that is tried, alike for all layers.

    Attributes:
        chosen: P and R, the narrowest first.
        designs: with each.
        cycles: of a sample, with each.
    """

    chosen: list[tuple[int, int]]
    designs: list[Design]
    cycles: np.ndarray

    @classmethod
    def of(cls, design: Design, rates: Rates, units: int | None = None) -> "Widths":
        """Those of a design.

        Args:
            design: the network, as planned.
            rates: activity, as `expected_cycles` takes it.
            units: R, where somebody has chosen it.
        """
        chosen = sorted({(lanes, units or most) for lanes, most in WIDTHS})
        designs = [widened(design, *each) for each in chosen]
        return cls(chosen, designs, np.array([expected_cycles(one, rates) for one in designs]))

    def fastest(self, family: str, values: Mapping[str, float | None]) -> int:
        """Which needs the least time for a sample, of those that fit a part; the smallest of all where none fits.

        Args:
            family: of FPGAs.
            values: the part's: "luts", "ffs", "brams", "dsps", and "f_clk" where no clock is predicted.
        """
        needs = self.needs[family]
        fits = np.all([getattr(needs, name) <= (values[name] or 0) for name in LEVERS], axis=0)
        clock = (values["f_clk"] or 1) if needs.fmax_hz is None else needs.fmax_hz
        time = np.where(fits, self.cycles / clock, np.inf)
        return int(np.lexsort((needs.luts, time))[0]) if fits.any() else 0

    @cached_property
    def needs(self) -> dict[str, FpgaCost]:
        """What each takes, by family of FPGAs: columns."""
        return widths_resources(self.designs, FAMILIES)


def fastest(design: Design, part: Part, rates: Rates, units: int | None = None) -> Design:
    """The design with the P and R, alike for all layers, that needs the least time for a sample, of those that fit the part; the
    smallest of all where none fits.

    Args:
        design: the network, as planned.
        part: an FPGA.
        rates: activity, as `expected_cycles` takes it.
        units: R, where somebody has chosen it.
    """
    widths = Widths.of(design, rates, units)
    return widths.designs[widths.fastest(design.family, part.values)]
