"""What hardware takes of an FPGA, in closed form: a layer's core, queues and stages, a whole design. Nothing here loads
Amaranth.

``core_cost(layer, family)`` and ``resources(design, family)`` answer; the equations behind take `CoreSizes`, whose numbers
may be arrays or sympy symbols. docs/fpga-resources.md holds them against synthesis.
"""

from costmodel.rtl.cost.core import core_cost
from costmodel.rtl.cost.design import parts, resources, widths_resources
from costmodel.rtl.cost.resources import FpgaCost
from costmodel.rtl.cost.sizes import CoreSizes, PortSizes, core_sizes

__all__ = ["CoreSizes", "FpgaCost", "PortSizes", "core_cost", "core_sizes", "parts", "resources", "widths_resources"]
