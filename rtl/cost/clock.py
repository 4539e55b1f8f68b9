"""The highest clock: the period is a sum over what lies on a core's longest path, each with a coefficient of the family."""

from graphs.algebra import Value, choose, maximum
from rtl.cost.fitted import coefficients, weighted
from rtl.cost.memory import address_bits, small
from rtl.cost.multipliers import has_multipliers
from rtl.cost.sizes import CoreSizes


def period(core: CoreSizes, family: str) -> Value:
    """Shortest period of a core's clock [s]."""
    return 1e-9 * weighted(terms(core, family), family, "core period")


def fmax(core: CoreSizes, family: str) -> Value | None:
    """Highest clock of a core [Hz]; None where nothing has been placed."""
    return 1 / period(core, family) if coefficients(family, "core period") else None


def terms(core: CoreSizes, family: str) -> dict[str, Value]:
    """What the period of a core is linear in."""
    c = core
    widest = maximum(0, *(a + b for a, b in c.multipliers), *(choose(p.value_bits > 0, p.bits + p.value_bits, 0) for p in c.ports))
    conv = maximum(*(p.conv for p in c.ports))
    valued = sum(choose(port.value_bits > 0, 1, 0) for port in c.ports)
    return {
        "registers": 1,
        "block memory": choose(small(family, c.words), 0, 1),
        "state memory": choose(small(family, c.beats), 0, 1) * choose(c.state_bits > 0, 1, 0),
        "sum": c.accumulator_bits,
        "fan-out": address_bits(c.lanes),
        "lane selection": address_bits(c.folds),
        "unit fan-out": address_bits(c.units),
        "emitter": c.units,
        "words": address_bits(c.words),
        "window": choose(c.window_rows * c.window_columns > 1, c.accumulator_bits, 0),
        "convolution": conv,
        "ports": len(c.ports) - 1,
        "weights times values": valued,
        "product": widest * (1 if has_multipliers(family) else 0),
        "product in luts": widest * (0 if has_multipliers(family) else 1),
        "state": (c.state_bits + c.constant_bits) * c.units,
    }
