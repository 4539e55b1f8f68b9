"""What a core takes: all its equations together."""

from costmodel.rtl.cost.clock import fmax
from costmodel.rtl.cost.fitted import check
from costmodel.rtl.cost.flip_flops import flip_flops
from costmodel.rtl.cost.luts import luts
from costmodel.rtl.cost.memory import core_blocks
from costmodel.rtl.cost.multipliers import dsps
from costmodel.rtl.cost.resources import FpgaCost
from costmodel.rtl.cost.sizes import CoreSizes, core_sizes
from costmodel.rtl.layer import Layer


def core_cost(core: CoreSizes | Layer, family: str) -> FpgaCost:
    """Of a core, from its numbers or its layer, for "ice40", "ecp5" or "xilinx".

    Raises:
        InputError: no such family.
    """
    check(family)
    sizes = core_sizes(core) if isinstance(core, Layer) else core
    found = FpgaCost(
        luts=luts(sizes, family),
        ffs=flip_flops(sizes, family),
        brams=core_blocks(sizes, family),
        dsps=dsps(sizes, family),
        fmax_hz=fmax(sizes, family),
    )
    return found.plain() if isinstance(core, Layer) else found
