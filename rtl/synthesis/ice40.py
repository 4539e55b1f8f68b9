"""Lattice iCE40: 4-input LUTs, each in a logic cell with a carry and a flip-flop."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from costmodel.rtl.synthesis.part import PlacedPart
from costmodel.rtl.synthesis.resources import Resources
from costmodel.rtl.synthesis.tools import run


@dataclass(frozen=True)
class Ice40(PlacedPart):
    """An iCE40.

    ``luts`` are logic cells as nextpnr places them (ICESTORM_LC): what iCE40 reports call LCs or LUTs. A flip-flop shares
    the cell of the LUT that drives nothing else; alone it occupies a whole cell, and so does a carry whose LUT is not its
    sum. LUT4s as yosys maps them are ``cells["SB_LUT4"]``, carries ``cells["SB_CARRY"]``. A memory is in blocks of 4 kbit
    (SB_RAM40_4K) where its read is registered, and otherwise in flip-flops and multiplexers: LUTs cannot be written. Where a
    read may meet a write, a block is joined by flip-flops for address and data and a comparator. Small tables that are only
    read are in LUTs.

    Attributes:
        grade: yosys' name of the timing: "hx", "lp" or "u".
        size: nextpnr's name of the device.
        package: nextpnr's name of the package.
        multipliers: whether there are 16-bit multipliers to map to (SB_MAC16).
    """

    grade: str
    size: str
    package: str
    multipliers: bool

    fabric = "ice40"
    tool, pins_option, loose_option = "nextpnr-ice40", "--pcf", "--pcf-allow-unconstrained"
    output_option, output = "--asc", "placed.asc"

    def mapping(self) -> str:
        """``synth_ice40``, with multipliers where there are any."""
        return f"synth_ice40 -device {self.grade}" + " -dsp" * self.multipliers

    def device(self) -> list[str]:
        """nextpnr's options for device and package."""
        return [f"--{self.size}", "--package", self.package]

    def resources(self, cells: Counter[str], placed: Counter[str], fmax_hz: float | None) -> Resources:
        """Logic cells as placed; flip-flops as mapped, since nextpnr counts them within its logic cells."""
        return Resources(
            luts=placed["ICESTORM_LC"],
            ffs=sum(count for cell, count in cells.items() if cell.startswith("SB_DFF")),
            brams=placed["ICESTORM_RAM"],
            dsps=placed["ICESTORM_DSP"],
            fmax_hz=fmax_hz,
            cells=dict(cells),
            placed=dict(placed),
        )

    def pack(self, folder: Path, system: bool) -> Path:
        """``bitstream.bin``, what iceprog loads."""
        run("icepack", [self.output, "bitstream.bin"], folder, system=system)
        return folder / "bitstream.bin"


PARTS = [
    Ice40("ice40-hx8k", "hx", "hx8k", "ct256", multipliers=False),
    Ice40("ice40-up5k", "u", "up5k", "sg48", multipliers=True),
]
