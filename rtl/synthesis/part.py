"""A part that components are synthesised for; one that nextpnr knows also has them placed, routed and made a bitstream."""

import json
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from amaranth.lib import wiring

from costmodel.graphs.errors import InputError
from costmodel.rtl.synthesis.harness import Harness
from costmodel.rtl.synthesis.resources import Resources
from costmodel.rtl.synthesis.tools import run
from costmodel.rtl.verilog import Verilog, convert

DESIGN, SCRIPT, CELLS, NETLIST = "design.v", "synthesis.ys", "cells.json", "netlist.json"
PLACED, REPORT = "placed.json", "report.json"


@dataclass(frozen=True)
class Part(ABC):
    """A device in a package.

    Attributes:
        name: the name it is asked for by.
        fabric: "ice40", "ecp5" or "xilinx", by which memories are laid and costs told.
    """

    name: str
    fabric: ClassVar[str]

    @abstractmethod
    def synthesise(
        self,
        component: wiring.Component,
        folder: Path,
        *,
        seed: int,
        frequency: float,
        system: bool,
    ) -> Resources:
        """What the component takes; see :func:`rtl.synthesis.synthesise`."""


class PlacedPart(Part):
    """A part that nextpnr places for. A family says how its tools are called and which of their figures are LUTs."""

    tool: str
    pins_option: str
    loose_option: str  # that ports without a pin may go to any
    output_option: str
    output: str

    @abstractmethod
    def mapping(self) -> str:
        """The yosys command that maps to the family's cells, without the top module."""

    @abstractmethod
    def device(self) -> list[str]:
        """nextpnr's options for device and package."""

    @abstractmethod
    def resources(self, cells: Counter[str], placed: Counter[str], fmax_hz: float | None) -> Resources:
        """The figures in the family's units, from the cells mapped and the cells placed, by type."""

    @abstractmethod
    def pack(self, folder: Path, system: bool) -> Path:
        """Make a bitstream of what nextpnr has written in the folder; its file."""

    def synthesise(
        self,
        component: wiring.Component,
        folder: Path,
        *,
        seed: int,
        frequency: float,
        system: bool,
    ) -> Resources:
        """Map, place and route the component in a :class:`~costmodel.rtl.synthesis.harness.Harness`, and count what is its own."""
        # The component keeps its ports while it is mapped, so that it is the same circuit as without the harness.
        whole = "setattr -mod -set keep_hierarchy 1 top.core"
        cells = map_cells(convert(Harness(component), "top"), [whole, f"{self.mapping()} -top top"], folder, system)
        self._place([self.loose_option, "--timing-allow-fail", "--write", PLACED], folder, seed, frequency, system)
        names = json.loads((folder / PLACED).read_text())["modules"]["top"]["cells"]
        placed = Counter(cell["type"] for name, cell in names.items() if _is_core(name))
        clocks = json.loads((folder / REPORT).read_text())["fmax"].values()
        fmax_hz = min((clock["achieved"] * 1e6 for clock in clocks), default=None)
        return self.resources(cells["top.core"], placed, fmax_hz)

    def bitstream(self, design: Verilog, pins: str, folder: Path, *, seed: int, frequency: float, system: bool) -> Path:
        """Make a bitstream that meets the clock.

        Args:
            design: whose module ``top`` has a port for each pin.
            pins: the constraint file's text.
            folder: an existing folder for all files.
            seed: of the placement.
            frequency: the clock [Hz].
            system: tools from PATH.

        Returns:
            The file to load into the part.

        Raises:
            InputError: if a tool is missing or fails: the design does not fit, or is too slow for the clock.
        """
        map_cells(design, [f"{self.mapping()} -top top"], folder, system)
        constraints = "pins" + self.pins_option.replace("--", ".")
        (folder / constraints).write_text(pins)
        self._place([self.pins_option, constraints, self.output_option, self.output], folder, seed, frequency, system)
        return self.pack(folder, system)

    def _place(self, options: list[str], folder: Path, seed: int, frequency: float, system: bool) -> None:
        if not frequency > 0:
            raise InputError(f"frequency is {frequency} Hz, more than 0 is needed")
        aim = ["--freq", f"{frequency / 1e6:.6f}", "--seed", str(seed)]
        run(self.tool, ["--json", NETLIST, "--report", REPORT, *self.device(), *aim, *options], folder, system=system)


def map_cells(design: Verilog, commands: list[str], folder: Path, system: bool) -> dict[str, Counter[str]]:
    """Run yosys commands on a design in Verilog and leave the netlist in the folder; the cells of each module, by type."""
    (folder / DESIGN).write_text(design.text)
    for name, words in design.memories.items():
        (folder / name).write_text(words)
    ends = [f"tee -q -o {CELLS} stat -json", f"write_json {NETLIST}"]
    (folder / SCRIPT).write_text("\n".join([f"read_verilog {DESIGN}", *commands, *ends, ""]))
    run("yosys", ["-Q", "-s", SCRIPT], folder, system=system)
    modules = json.loads((folder / CELLS).read_text())["modules"]
    return {name.removeprefix("\\"): Counter(module["num_cells_by_type"]) for name, module in modules.items()}


def _is_core(name: str) -> bool:
    # nextpnr names what it adds with "$nextpnr"; only carry chains get such cells, and the harness has none. The drivers of
    # constant nets ("$PACKER_VCC") exist once in a design, whatever the component.
    return name.startswith(("core.", "$nextpnr"))
