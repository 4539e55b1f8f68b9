"""Hardware that is designed for each network: whether a design fits an FPGA, the fastest that does, and a part with that in it."""

from costmodel.devices.fitting.fitted import AS_PLANNED, fitted
from costmodel.devices.fitting.made import Made
from costmodel.devices.fitting.widths import excess, family_of, fastest, told

__all__ = ["AS_PLANNED", "Made", "excess", "family_of", "fastest", "fitted", "told"]
