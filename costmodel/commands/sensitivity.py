"""``costmodel sensitivity``: what a cost hangs on most."""

from typing import Annotated

import typer

from costmodel.commands.figures import Figure, check, draw
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
)


def run(
    network: NetworkArgument,
    device: OneDevice,
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
    """By how many per cent a cost changes for a per cent of every parameter, the largest first."""
    from costmodel.deciding.sensitivities import sensitivity
    from costmodel.deciding.tables import show_sensitivities
    from costmodel.estimates.counting import counted
    from costmodel.estimates.request import request
    from costmodel.output import print_json, print_notes

    check(out)
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
    found = sensitivity(asked.workload, asked.parts[0], metric)
    print_notes(asked.notes)
    if json:
        print_json(found.to_dict() | counted(asked.parts) | {"out": None if out is None else str(out)})
    else:
        show_sensitivities(found)
    draw(found, out)
