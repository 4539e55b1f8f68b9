"""``costmodel pareto``: the designs that no other beats."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costmodel.commands.options import (
    Batch,
    BoundaryOption,
    Json,
    NetworkArgument,
    PhaseOption,
    Rates,
    Settings,
    StaticOption,
    Timesteps,
    phase,
    require,
)
from costmodel.commands.training import Benchmark, Data, Epochs, Noises, Threads

if TYPE_CHECKING:
    from costmodel.searching.nsga import Design
    from costmodel.sweeping.space import Range


def run(
    network: NetworkArgument,
    device: Annotated[list[str], typer.Option("-d", "--device", metavar="DEVICE", help="a part or part file; repeat for more")],
    over: Annotated[list[str], typer.Option("--over", metavar="P=LO:HI[:log]", help="what may vary; repeat for more")],
    minimise: Annotated[str, typer.Option("--minimise", metavar="A,B…", help="latency, energy, error")] = "latency,energy",
    evaluations: Annotated[
        int | None, typer.Option("--evaluations", metavar="N", help="designs to look at per device; 6000, or 64 with error")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="of the search, and of training")] = 0,
    phase_: PhaseOption = "inference",
    batch: Batch = None,
    timesteps: Timesteps = None,
    rate: Rates = None,
    set_: Settings = None,
    boundary: BoundaryOption = None,
    static: StaticOption = "whole",
    benchmark: Benchmark = None,
    epochs: Epochs = None,
    noise: Noises = None,
    data: Data = None,
    threads: Threads = None,
    json: Json = False,
) -> None:
    """The front: the designs that no other beats in one objective without losing in another."""
    require("search", "pymoo")
    from costmodel.estimates.counting import counted
    from costmodel.estimates.request import request
    from costmodel.output import print_json, print_notes
    from costmodel.searching.candidates import Candidates, Run
    from costmodel.searching.front import read_objectives, read_ranges
    from costmodel.searching.nsga import merged, search

    asked = request(
        network,
        device,
        phase=phase(phase_),
        batch=batch,
        timesteps=timesteps,
        rate=rate,
        settings=set_,
        boundary=boundary,
        static=static,
    )
    objectives = read_objectives(minimise)
    error_of = None
    if "error" in objectives:
        error_of = _error(benchmark, epochs, noise or [], seed, data, threads)
    workload = asked.workload
    how = Run(asked.network, phase(phase_), workload.batch, workload.bits, workload.activities["mean"].given)
    varying = read_ranges(over, asked.network, asked.parts)
    count = evaluations or (6000 if error_of is None else 64)
    front = merged([search(Candidates(how, on, varying[on.name], objectives, error_of), count, seed) for on in asked.parts])
    print_notes(asked.notes)
    if json:
        told = {"objectives": list(objectives), "evaluations": count * len(asked.parts), "front": [d.to_dict() for d in front]}
        print_json(told | counted(asked.parts))
    else:
        _show(front, [over for ranges in varying.values() for over in ranges])


def _error(benchmark: str | None, epochs: int | None, noise: list[str], seed: int, data: Path | None, threads: int | None):
    """What measures an error, torch being set up."""
    from costmodel.commands.training import torch_needed
    from costmodel.graphs.noise.noise import read_noise
    from costmodel.output import print_notes

    disturbed = [read_noise(word) for word in noise]
    with torch_needed():
        from costmodel.validation.runner.process import start_torch
        from costmodel.validation.runs.error import measured_error
    start_torch("cpu", threads)
    return measured_error({"epochs": epochs}, disturbed, benchmark, seed, data, lambda text: print_notes([text]))


SHOWN = 20
"""Designs that fit on a screen."""


def _show(front: list["Design"], ranges: list["Range"]) -> None:
    """The designs as a table, evenly picked where there are many."""
    from costmodel.graphs.settings.units import pretty
    from costmodel.output import say
    from costmodel.sweeping.program import METRICS
    from costmodel.tabulating import Column, Table, number

    def cost(name: str) -> Column:
        unit = METRICS.get(name)
        told = (lambda share: f"{100 * share:.1f} %") if unit is None else (lambda cost: pretty(cost, unit))
        return number(name, name, lambda design: design.costs[name], told)

    def varied(name: str, unit: str) -> Column:
        return number(f"point.{name}", name, lambda design: design.point.get(name), lambda value: pretty(value, unit))

    if not front:
        say("No design that was looked at fits. Widen a range, or try another part.")
        return
    picked = front if len(front) <= SHOWN else [front[round(i * (len(front) - 1) / (SHOWN - 1))] for i in range(SHOWN)]
    units = {over.name: over.unit for over in ranges}
    device = Column("device", "device", lambda design: design.device)
    of = f"{len(picked)} of " if len(picked) < len(front) else ""
    count = f"{of}{len(front):,} design" + ("s" if len(front) > 1 else "")
    say(f"{count} that no other beats:")
    Table((device, *map(cost, picked[0].costs), *(varied(*each) for each in units.items())), picked).print()
