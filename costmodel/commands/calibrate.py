"""``costmodel calibrate``: measures this machine, and writes a part file of it."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from costmodel.commands.options import Json


def run(
    what: Annotated[Literal["cpu", "gpu", "gpu-graph"], typer.Argument(metavar="cpu|gpu|gpu-graph", help="what to measure")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="the part file to write")] = None,
    threads: Annotated[int | None, typer.Option("--threads", help="threads that torch uses")] = None,
    json: Json = False,
) -> None:
    """Measures this machine in less than a minute, and writes a part file: estimates with it are for costmodel's own runner.

    gpu-graph is the GPU with every call replayed as a CUDA graph.
    """
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.files import check_writable, write
    from costmodel.graphs.installing import install
    from costmodel.output import print_json, say

    path = out or Path(f"{what}-here.toml")
    if path.suffix != ".toml":
        raise InputError(f"'{path.name}' is no part file", mend="let it end in .toml", where="--out")
    check_writable(path)
    try:
        from costmodel.validation.calibration import cpu, gpu, gpu_graph
        from costmodel.validation.calibration.calibrating import calibrate
        from costmodel.validation.runner.process import start_torch
        from costmodel.validation.runs.progress import counted
    except ImportError as error:
        missing = f"{error.name} is needed to measure a machine, and not installed"
        raise InputError(missing, mend=install("torch")) from None
    start_torch("cpu" if what == "cpu" else "cuda", threads, where=f"calibrate {what}")
    target = {"cpu": cpu.target, "gpu": gpu.target, "gpu-graph": gpu_graph.target}[what]()
    with counted("measuring") as told:
        found = calibrate(target, told)
    write(path, found.text)
    if json:
        intervals = {name: {"low": low, "high": high} for name, (low, high) in found.residuals.items()}
        print_json({"schema": 1, "out": str(path), **intervals, **found.provenance})
        return
    say(f"{found.provenance['networks']} random networks, {found.provenance['passes']} passes, {found.measured.seconds:.0f} s")
    off = ", ".join(f"{name} {low:.2f} … {high:.2f}" for name, (low, high) in found.residuals.items())
    say(f"measured over predicted, of networks not fitted (90 %): {off}")
    if not found.measured.quiet:
        say(f"this machine is noisy: passes differ by {100 * found.measured.noise:.0f} %; the interval is wider for it")
    if what != "cpu":
        say("the equations of this class have not been held against a GPU yet: look at the interval")
    typer.echo(f"part file: {path}; use it as in: costmodel estimate yin-yang -d {path}")
