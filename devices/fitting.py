"""Whether a design fits an FPGA, and the fastest that does."""

from collections.abc import Iterable

from costmodel.devices.device import Limit
from costmodel.devices.part import Part
from costmodel.rtl.cost.design import resources
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


def fastest(design: Design, part: Part, rates: Rates, units: int | None = None) -> Design:
    """The design with the P and R, alike for all layers, that needs the least time for a sample, of those that fit the part; the
    smallest of all where none fits.

    Args:
        design: the network, as planned.
        part: an FPGA.
        rates: activity, as `expected_cycles` takes it.
        units: R, where somebody has chosen it.
    """
    tried = {(lanes, units or most) for lanes, most in WIDTHS}
    made = [widened(design, lanes, most) for lanes, most in sorted(tried)]
    timed = []
    for one in made:
        needs = resources(one)
        if not excess(needs, part):
            clock = needs.fmax_hz or part.values["f_clk"]
            timed.append((expected_cycles(one, rates) / float(clock or 1), needs.luts, one))
    return min(timed, key=lambda entry: entry[:2])[2] if timed else made[0]
