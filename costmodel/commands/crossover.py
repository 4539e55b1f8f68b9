"""``costmodel crossover``: which of two devices wins, over one parameter or two."""

from typing import Annotated

import typer

from costmodel.commands.figures import Figure, check, draw
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
)


def run(
    network: NetworkArgument,
    device: Annotated[list[str], typer.Option("-d", "--device", metavar="DEVICE", help="a part or part file; give two")],
    over: Annotated[
        list[str], typer.Option("--over", metavar="[D.]P[=LO:HI]", help="a parameter, as in r_on=1kΩ:1MΩ; twice for a map")
    ],
    metric: Annotated[str, typer.Option("--metric", help="latency, energy, power, area, price or throughput")] = "latency",
    out: Figure = None,
    phase_: PhaseOption = "inference",
    batch: Batch = None,
    timesteps: Timesteps = None,
    rate: Rates = None,
    set_: Settings = None,
    boundary: BoundaryOption = None,
    static: StaticOption = "whole",
    json: Json = False,
) -> None:
    """Which of two devices is better, over one parameter (where the lead changes) or two (a map)."""
    from costmodel.deciding.crossing import Line, crossover
    from costmodel.deciding.tables import show_line, show_map
    from costmodel.estimates.counting import counted
    from costmodel.estimates.request import request
    from costmodel.graphs.errors import InputError
    from costmodel.output import print_json, print_notes

    check(out)
    if len(device) != 2:
        raise InputError(f"{len(device)} devices were given ({', '.join(device)})", mend="give two", where="-d")
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
    first, second = asked.parts
    found = crossover(asked.workload, first, second, over, metric)
    print_notes(asked.notes)
    if json:
        print_json(found.to_dict() | counted(asked.parts) | {"out": None if out is None else str(out)})
    elif isinstance(found, Line):
        show_line(found)
    else:
        show_map(found)
    draw(found, out)
