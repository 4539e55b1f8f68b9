"""Lattice ECP5: 4-input LUTs in pairs that a carry or a small memory takes together."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from costmodel.rtl.synthesis.part import PlacedPart
from costmodel.rtl.synthesis.resources import Resources
from costmodel.rtl.synthesis.tools import run


@dataclass(frozen=True)
class Ecp5(PlacedPart):
    """An ECP5.

    ``luts`` are LUT4 sites as nextpnr places them (TRELLIS_COMB): one for a LUT4; two for a pair of carries (CCU2C)
    even where one half is idle, and two more where a chain begins with a signal or its carry is used; six for 16 × 4
    bits of memory in LUTs (TRELLIS_DPR16X4: four hold it, two write it). Diamond's "number of LUT4s" likewise adds
    logic, distributed RAM and ripple logic. LUT4s of logic alone, as yosys maps them, are ``cells["LUT4"]``. ``brams``
    are blocks of 18 kbit (DP16KD), ``dsps`` 18-bit multipliers (MULT18X18D).

    Attributes:
        size: nextpnr's name of the device.
        package: nextpnr's name of the package.
    """

    size: str
    package: str

    fabric = "ecp5"
    tool, pins_option, loose_option = "nextpnr-ecp5", "--lpf", "--lpf-allow-unconstrained"
    output_option, output = "--textcfg", "placed.config"

    def mapping(self) -> str:
        """``synth_ecp5`` as it comes."""
        return "synth_ecp5"

    def device(self) -> list[str]:
        """nextpnr's options for device and package."""
        return [f"--{self.size}", "--package", self.package]

    def resources(self, cells: Counter[str], placed: Counter[str], fmax_hz: float | None) -> Resources:
        """Everything as placed."""
        return Resources(
            luts=placed["TRELLIS_COMB"],
            ffs=placed["TRELLIS_FF"],
            brams=placed["DP16KD"],
            dsps=placed["MULT18X18D"],
            fmax_hz=fmax_hz,
            cells=dict(cells),
            placed=dict(placed),
        )

    def pack(self, folder: Path, system: bool) -> Path:
        """``bitstream.bit``, what openFPGALoader loads."""
        run("ecppack", ["--compress", self.output, "bitstream.bit"], folder, system=system)
        return folder / "bitstream.bit"


PARTS = [Ecp5("ecp5-25f", "25k", "CABGA381"), Ecp5("ecp5-85f", "85k", "CABGA381")]
