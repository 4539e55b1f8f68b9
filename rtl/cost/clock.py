"""The highest clock: the period is a sum over what lies on a core's longest path, each with a coefficient of the family."""

from costmodel.graphs.equations.algebra import Value, choose, maximum, minimum
from costmodel.rtl.cost.fitted import coefficients, weighted
from costmodel.rtl.cost.memory import address_bits, small
from costmodel.rtl.cost.multipliers import has_multipliers
from costmodel.rtl.cost.sizes import CoreSizes


def period(core: CoreSizes, family: str) -> Value:
    """Shortest period of a core's clock [s]."""
    return 1e-9 * weighted(terms(core, family), family, "core period")


def fmax(core: CoreSizes, family: str) -> Value | None:
    """Highest clock of a core [Hz]; None where nothing has been placed."""
    return 1 / period(core, family) if coefficients(family, "core period") else None


def terms(core: CoreSizes, family: str) -> dict[str, Value]:
    """What the period of a core is linear in.

    A memory block answers late, and a sum, or a product with an event's value, follows before the next register; the product of
    a convolution's channel is between registers and a sum. Without multiplier blocks products are paths of their own.
    """
    c = core
    valued = maximum(*(minimum(port.value_bits, 1) for port in c.ports))
    late = choose(small(family, c.words), 0, 1)
    weighted_values = (port.bits * minimum(port.value_bits, 1) + port.value_bits for port in c.ports)
    products = maximum(0, *(a + b for a, b in c.multipliers), *weighted_values)
    blocks = has_multipliers(family)
    slow = maximum(late, valued, *(minimum(port.product, 1) for port in c.ports)) if blocks else late
    return {
        "registers": 1,
        "late": slow,
        "accumulator bits": c.accumulator_bits,
        "lane bits": address_bits(c.lanes),
        "lane selection bits": address_bits(c.folds),
        "word bits": address_bits(c.words),
        "window": choose(c.window_rows * c.window_columns > 1, c.accumulator_bits, 0),
        "units": c.units,
        "neuron bits": c.units * (c.state_bits + c.constant_bits),
        "product bits": 0 if blocks else products,
    }
