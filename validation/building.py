"""A network made into hardware: planned, written as Verilog, checked sample by sample, synthesised, and reported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from costmodel.estimating import Estimate, Estimator, Workload
from devices.fitting import excess, fastest, told
from devices.part import Part, part
from graphs.errors import InputError
from graphs.files import make_folder, write
from graphs.network import Network
from rtl.boards import bitstream, find_board
from rtl.cost.design import resources
from rtl.cost.resources import FpgaCost
from rtl.datapath import Precision
from rtl.design import Design
from rtl.planning import Options, plan
from rtl.reference import QuantisedNetwork
from rtl.stream import meaning
from rtl.synthesis import PARTS, Resources, synthesise
from rtl.system import System
from rtl.testbench import EXPECTED, MEANING, TOKENS, testbench, write_memory_files
from rtl.token import Token
from rtl.verilog import convert
from validation.hardware import Verification, stimuli, verify
from validation.hardware_report import markdown, text
from validation.ranges import measured_ranges

TRIED = 32
"""Samples on which activity and ranges are measured where none are asked to be simulated."""


@dataclass(frozen=True)
class Order:
    """What somebody wants built; see the options of ``costmodel rtl``."""

    part: str
    out: Path
    lanes: int | Mapping[str, int] | None = None
    units: int | None = None
    weight_bits: int | None = None
    precision: Precision = field(default_factory=Precision)
    queue: int | None = None
    readout: bool = False
    samples: int = 0
    synthesise: bool = False
    board: str | None = None
    system_tools: bool = False
    simulator: str | None = None
    data: Path | None = None
    seed: int = 0


@dataclass(frozen=True)
class Built:
    """What was built.

    Attributes:
        design: the hardware.
        part: the FPGA.
        files: what was written.
        predicted: resources, before anything was synthesised.
        measured: as yosys and nextpnr have them; None where they were not asked.
        checked: the samples; their cycles are None where nothing was simulated.
        simulated: whether a clocked simulation was asked for.
        estimate: the part's cost equations with this design's P, R and activity.
        source: where the samples come from.
        clock_hz: measured, or else predicted.
        notes: what was assumed, in words.
    """

    design: Design
    part: Part
    files: list[Path]
    predicted: FpgaCost
    measured: Resources | None
    checked: Verification
    simulated: bool
    estimate: Estimate
    source: str
    clock_hz: float
    notes: list[str]

    def text(self) -> str:
        """For a terminal."""
        return text(self)

    def to_dict(self) -> dict[str, object]:
        """As in ``rtl --json``."""
        checked = self.checked
        verified = {"samples": checked.samples, "mismatches": checked.mismatches, "unequal_cycles": checked.unequal}
        return {
            "files": [str(path) for path in self.files],
            "part": self.part.name,
            "predicted": {"cycles": checked.predicted, **_figures(self.predicted)},
            "measured": {"cycles": checked.cycles, **_figures(self.measured)},
            "verify": verified if self.simulated else {"samples": 0, "mismatches": 0, "unequal_cycles": 0},
            "accuracy": checked.accuracy,
            "events": checked.events,
            "layers": {layer.name: {"lanes": layer.lanes, "units": layer.units} for layer in self.design.layers.values()},
        }


def build(network: Network, order: Order) -> Built:
    """Builds it.

    Raises:
        InputError: no such FPGA or board; nodes without hardware; no weights; it does not fit; a tool fails or is missing.
    """
    on = part(order.part)
    if on.name not in PARTS:
        raise InputError(f"'{order.part}' is no FPGA that Verilog is made for", mend=f"take {', '.join(PARTS)}")
    family = PARTS[on.name].fabric
    if order.board is not None and find_board(order.board).part != on.name:
        raise InputError(
            f"the board {order.board} has an {find_board(order.board).part}", mend=f"--part {find_board(order.board).part}"
        )
    options = Options(
        lanes=order.lanes or 8,
        units=order.units or 1,
        weight_bits=order.weight_bits,
        queue=order.queue,
        precision=order.precision,
        readout=order.readout,
    )
    plan(network, family, options)  # refuses what has no hardware before any sample is looked for
    given = stimuli(network, order.samples or TRIED, order.seed, order.data)
    design = plan(network, family, options, measured_ranges(network, given.inputs))
    if order.lanes is None:
        design = fastest(design, on, activity(design, given.inputs[:, :TRIED]), order.units)
    predicted = resources(design)
    if limits := excess(predicted, on):
        levers = ", or ".join(dict.fromkeys(lever for limit in limits for lever in limit.levers))
        raise InputError(f"'{network.name}' does not fit {on.name}: {told(limits)}", mend=f"try {levers}")
    checked = verify(network, design, given, simulate=order.samples > 0, backend=order.simulator)
    make_folder(order.out)
    files = _write_verilog(design, checked, order.out)
    measured = None
    if order.synthesise:
        measured = synthesise(System(design), on.name, order.out / "synthesis", seed=order.seed + 1, system=order.system_tools)
    if order.board is not None:
        files.append(
            bitstream(System(design), order.board, order.out / order.board, seed=order.seed + 1, system=order.system_tools)
        )
    placed = None if measured is None else measured.fmax_hz
    clock = float(placed or predicted.fmax_hz or on.values["f_clk"] or 0)
    built = Built(
        design=design,
        part=on,
        files=files,
        predicted=predicted,
        measured=measured,
        checked=checked,
        simulated=order.samples > 0,
        estimate=_estimate(network, design, on, checked, clock),
        source=given.source,
        clock_hz=clock,
        notes=list(network.assumptions),
    )
    report = order.out / "report.md"
    write(report, markdown(built))
    files.append(report)
    return built


@torch.no_grad()
def activity(design: Design, inputs: torch.Tensor) -> dict[str, np.ndarray]:
    """Mean events of every element of the input and all layers at every step, (T, elements) in hardware order."""
    model = QuantisedNetwork(design)
    return {name: (sent != 0).double().mean(dim=1).numpy() for name, sent in model(model.quantised(inputs)).items()}


def _write_verilog(design: Design, checked: Verification, folder: Path) -> list[Path]:
    name = _identifier(design.name)
    verilog = convert(System(design), name)
    texts = {f"{name}.v": verilog.text, **verilog.memories}
    streams = (design.entries, design.value_bits), (design.answer_space, design.answer_value_bits)
    widths = [Token(space.address_bits, bits).size for space, bits in streams]
    texts["testbench.v"] = testbench(
        name, event_bits=widths[0], answer_bits=widths[1], tokens=len(checked.tokens), answers=len(checked.answers)
    )
    for file, content in texts.items():
        write(folder / file, content)
    told = meaning(checked.answers, design.answer_space, design.answer_value_bits)
    write_memory_files(folder, checked.tokens, checked.answers, told)
    return [folder / file for file in (*texts, TOKENS, EXPECTED, MEANING)]


def _identifier(name: str) -> str:
    kept = "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in name)
    return kept if kept[0].isalpha() else f"net_{kept}"


def _estimate(network: Network, design: Design, on: Part, checked: Verification, clock_hz: float) -> Estimate:
    """The part's equations at this design's P, R and measured activity, at a clock."""
    rates = {name: checked.events[name] / (design.space(name).elements * design.timesteps) for name in checked.events}
    known = {name: rate for name, rate in rates.items() if name in network.nodes and network.nodes[name].max_rate is not None}
    first = max(design.layers.values(), key=lambda layer: layer.lanes)
    workload = Workload(network, rates=known)
    return Estimator(workload, on).estimate({"lanes": float(first.lanes), "units": float(first.units), "f_clk": clock_hz})


def _figures(taken: FpgaCost | Resources | None) -> dict[str, float | None]:
    names = ("luts", "ffs", "brams", "dsps", "fmax_hz")
    return {name: None if taken is None else getattr(taken, name) for name in names}
