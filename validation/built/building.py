"""A network made into hardware: planned, written as Verilog, checked sample by sample, synthesised, and reported."""

from pathlib import Path

import numpy as np
import torch

from costmodel.devices.fitting import excess, fastest, told
from costmodel.devices.part import Part, part
from costmodel.estimates.estimated import Estimate
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.errors import InputError
from costmodel.graphs.files import make_folder, write
from costmodel.graphs.network import Network
from costmodel.rtl.boards import bitstream, find_board
from costmodel.rtl.cost.design import resources
from costmodel.rtl.cycles.core import MOST_UNITS
from costmodel.rtl.design import Design
from costmodel.rtl.planning import Options, plan
from costmodel.rtl.reference import QuantisedNetwork
from costmodel.rtl.stream import meaning
from costmodel.rtl.synthesis import PARTS, synthesise
from costmodel.rtl.system import System
from costmodel.rtl.testbench import EXPECTED, MEANING, TOKENS, testbench, write_memory_files
from costmodel.rtl.token import Token
from costmodel.rtl.verilog import convert
from costmodel.validation.built.hardware import Verification, stimuli, verify
from costmodel.validation.built.order import Built, Order
from costmodel.validation.built.ranges import measured_ranges
from costmodel.validation.built.report import markdown

TRIED = 32
"""Samples on which activity and ranges are measured where none are asked to be simulated."""


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
    widths = {"lanes": float(first.lanes), "units": float(min(first.units, MOST_UNITS))}
    return Estimator(workload, on.override(widths)).estimate({"f_clk": clock_hz})
