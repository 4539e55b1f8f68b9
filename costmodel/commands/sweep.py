"""``costmodel sweep``: costs over a grid of design points."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costmodel.commands.options import (
    Batch,
    BoundaryOption,
    Json,
    NetworkArgument,
    OneDevice,
    PhaseOption,
    Rates,
    Settings,
    StaticOption,
    Timesteps,
    one,
    phase,
    require,
)

if TYPE_CHECKING:
    from costmodel.sweeping.reducing import Extreme
    from costmodel.sweeping.running import Sweep


def run(
    network: NetworkArgument,
    device: OneDevice,
    over: Annotated[list[str], typer.Option("--over", metavar="P=LO:HI:N[:log]", help="what to sweep; repeat for more")],
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.parquet", help="all design points, as a table")] = None,
    scheduler: Annotated[str | None, typer.Option("--scheduler", metavar="ADDRESS", help="a Dask cluster to compute on")] = None,
    phase_: PhaseOption = "inference",
    batch: Batch = None,
    timesteps: Timesteps = None,
    rate: Rates = None,
    set_: Settings = None,
    boundary: BoundaryOption = None,
    static: StaticOption = "whole",
    json: Json = False,
) -> None:
    """Latency and energy at every design point: the best ones, or all of them in a table."""
    require("sweep", "numba", *(["pyarrow"] if out else []))
    require("cluster", *(["distributed"] if scheduler else []))
    from costmodel.estimates.counting import counted
    from costmodel.estimates.request import request
    from costmodel.output import print_json, print_notes
    from costmodel.sweeping.running import sweep
    from costmodel.sweeping.space import read_space

    asked = request(
        network,
        one(device),
        phase=phase(phase_),
        batch=batch,
        timesteps=timesteps,
        rate=rate,
        settings=set_,
        boundary=boundary,
        static=static,
    )
    on = asked.parts[0]
    found = sweep(asked.workload, on, read_space(over, asked.network, on), out, scheduler)
    print_notes(asked.notes)
    if json:
        print_json(found.to_dict() | counted(asked.parts))
    else:
        show(found)


def show(found: "Sweep") -> None:
    """What was computed, in a sentence, and the best points as columns."""
    from costmodel.graphs.settings.units import pretty
    from costmodel.output import say
    from costmodel.sweeping.program import METRICS
    from costmodel.tabulating import Column, Table

    where = "" if found.out is None else f" in {found.out}"
    fit = "" if found.fit == found.rows else f", {found.fit:,} of them feasible"
    resumed = f" ({found.resumed:,} were there already)" if found.resumed else ""
    say(
        f"{found.rows:,} design points{fit}{where}{resumed}: {pretty(found.seconds, 's')}, "
        f"{found.points_per_second:.2g} a second; the loop was compiled in {pretty(found.compile_seconds, 's')}",
    )
    if not found.extremes:
        return
    units = METRICS | {axis.over.name: axis.over.unit for axis in found.space.axes}

    def best(extreme: "Extreme") -> Column:
        values, end = extreme.point | extreme.values, "most" if extreme.most else "least"
        heading = f"{end} {extreme.metric}"
        return Column(heading, heading, lambda name: pretty(values[name], units[name]), lambda name: values[name], "number")

    Table((Column("parameter", "parameter", str), *map(best, found.extremes)), units).print()
