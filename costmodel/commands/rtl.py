"""``costmodel rtl``: a network as synthesisable Verilog, checked, and what it takes, predicted and measured."""

from pathlib import Path
from typing import Annotated

import typer

from costmodel.commands.options import Json, NetworkArgument


def run(
    network: NetworkArgument,
    part: Annotated[str, typer.Option("--part", metavar="P", help="an FPGA: ecp5-25f, ice40-hx8k, artix7-100t, …")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="the folder to write")],
    parallel: Annotated[
        list[str] | None, typer.Option("--parallel", metavar="[LAYER=]N", help="lanes of all layers or of one; default: what fits")
    ] = None,
    units: Annotated[int | None, typer.Option("--units", metavar="R", help="neurons that a layer updates in a cycle")] = None,
    bits: Annotated[int | None, typer.Option("--bits", metavar="N", help="bits of all weights; default: the file's, or 8")] = None,
    state_bits: Annotated[int, typer.Option("--state-bits", metavar="N", help="least bits of a state")] = 16,
    decay: Annotated[str, typer.Option("--decay", help="leaks by 'multiply', or by the nearest 'shift'")] = "multiply",
    multiply: Annotated[str, typer.Option("--multiply", help="constants by 'shift-add' or by 'dsp'")] = "shift-add",
    queue: Annotated[int | None, typer.Option("--queue", metavar="N", help="tokens that wait between layers")] = None,
    readout: Annotated[bool, typer.Option("--readout", help="answer with the class alone, read on the chip")] = False,
    samples: Annotated[int, typer.Option("--verify", metavar="N", help="samples to simulate clock by clock; 0: none")] = 0,
    synthesise: Annotated[bool, typer.Option("--synthesise", help="run yosys and nextpnr, and read back what is taken")] = False,
    board: Annotated[str | None, typer.Option("--board", help="icebreaker, ulx3s-25f or ulx3s-85f: makes its bitstream")] = None,
    system_tools: Annotated[bool, typer.Option("--system-tools", help="use yosys and nextpnr on PATH")] = False,
    simulator: Annotated[str | None, typer.Option("--simulator", help="verilator, cxxrtl or amaranth")] = None,
    data: Annotated[Path | None, typer.Option("--data", metavar="PATH", help="where the benchmark's files are")] = None,
    seed: Annotated[int, typer.Option("--seed", help="of the samples' encoder and of placement")] = 0,
    json: Json = False,
) -> None:
    """Writes NETWORK as Verilog with memory files, a testbench and a report into DIR."""
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.installing import install
    from costmodel.graphs.reading.loading import load
    from costmodel.output import print_json, print_notes

    loaded = load(network)
    try:
        from costmodel.rtl.datapath import Precision
        from costmodel.validation.built.building import build
        from costmodel.validation.built.order import Order
        from costmodel.validation.built.report import text
    except ImportError as error:
        what = f"{error.name} is needed to build hardware, and not installed"
        raise InputError(what, mend=install("torch", "fpga", "synthesis", "simulation")) from None
    order = Order(
        part=part,
        out=out,
        lanes=_lanes(parallel or []),
        units=units,
        weight_bits=bits,
        precision=Precision(state_bits=state_bits, decay=decay, multiply=multiply),
        queue=queue,
        readout=readout,
        samples=samples,
        synthesise=synthesise,
        board=board,
        system_tools=system_tools,
        simulator=simulator,
        data=data,
        seed=seed,
    )
    built = build(loaded, order)
    print_notes([*loaded.told, *built.notes])
    if json:
        print_json({"schema": 1, **built.to_dict()})
    else:
        typer.echo(text(built))


def _lanes(words: list[str]) -> "int | dict[str, int] | None":
    """One number for all layers, or numbers by layer.

    Raises:
        InputError: something else.
    """
    from costmodel.graphs.errors import InputError

    found: dict[str, int] = {}
    for word in words:
        layer, _, number = word.rpartition("=")
        if not number.isdecimal() or int(number) < 1:
            raise InputError(f"'{word}' will not do", mend="write N or LAYER=N, with N of 1 or more", where="--parallel")
        found[layer] = int(number)
    if not found:
        return None
    if "" in found and len(found) > 1:
        raise InputError("a number for all layers and others for some", mend="give one or the other", where="--parallel")
    return found.get("", found)
