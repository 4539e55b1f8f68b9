"""Xilinx 7 series: 6-input LUTs, mapped by yosys; without open tools to place for it, there is no clock."""

import re
from dataclasses import dataclass
from pathlib import Path

from amaranth.lib import wiring

from costmodel.rtl.synthesis.part import Part, map_cells
from costmodel.rtl.synthesis.resources import Resources
from costmodel.rtl.verilog import convert

# LUT sites that a cell occupies: logic, shift registers, and memories, which take a site a port, an output and 64 words.
LUT_SITES = {f"LUT{inputs}": 1 for inputs in range(1, 7)} | {
    "LUT6_2": 1,
    "INV": 1,
    "SRL16E": 1,
    "SRLC32E": 1,
    "RAM32X1S": 1,
    "RAM64X1S": 1,
    "RAM128X1S": 2,
    "RAM256X1S": 4,
    "RAM32X1D": 2,
    "RAM64X1D": 2,
    "RAM128X1D": 4,
    "RAM32M": 4,
    "RAM64M": 4,
}
BLOCKS = {"RAMB36E1": 1.0, "RAMB18E1": 0.5}
ESTIMATE = "estimated LCs"


@dataclass(frozen=True)
class Xilinx7(Part):
    """A part of the 7 series.

    ``luts`` are sites of cells as mapped, memories and shift registers of LUTs included: what Vivado calls slice LUTs, but
    before Vivado would put two small LUTs into one site and trim across hierarchies, so a published figure of the same
    circuit is often lower. ``cells["estimated LCs"]`` is yosys' own guess of the sites after such pairing, without
    memories. ``brams`` are blocks of 36 kbit, and halves of them (RAMB18E1); ``dsps`` are DSP48E1.
    """

    fabric = "xilinx"

    def synthesise(
        self,
        component: wiring.Component,
        folder: Path,
        *,
        seed: int,
        frequency: float,
        system: bool,
    ) -> Resources:
        """Map the component by itself. Nothing is placed: seed and frequency have no effect."""
        commands = [
            "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf -top core",
            "tee -q -o estimate.txt stat -tech xilinx",
        ]
        cells = map_cells(convert(component, "core"), commands, folder, system)["core"]
        estimate = re.search(r"Estimated number of LCs:\s*(\d+)", (folder / "estimate.txt").read_text())
        return Resources(
            luts=sum(sites * cells[cell] for cell, sites in LUT_SITES.items()),
            ffs=sum(count for cell, count in cells.items() if cell.startswith(("FDRE", "FDSE", "FDCE", "FDPE"))),
            brams=sum(share * cells[cell] for cell, share in BLOCKS.items()),
            dsps=cells["DSP48E1"],
            fmax_hz=None,
            cells=dict(cells) | ({ESTIMATE: int(estimate[1])} if estimate else {}),
        )


PARTS = [Xilinx7("artix7-100t")]
