"""``costmodel solve``: the value of a parameter at which a condition on costs turns."""

from typing import Annotated

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
)


def run(
    network: NetworkArgument,
    device: OneDevice,
    for_: Annotated[str, typer.Option("--for", metavar="P", help="the parameter, of the device or of the network")],
    until: Annotated[
        str, typer.Option("--until", metavar="CONDITION", help='as in "latency <= 1ms" or "energy < h100.energy / 10"')
    ],
    range_: Annotated[
        str | None, typer.Option("--range", metavar="LO:HI", help="where to look; six decades either way by default")
    ] = None,
    phase_: PhaseOption = "inference",
    batch: Batch = None,
    timesteps: Timesteps = None,
    rate: Rates = None,
    set_: Settings = None,
    boundary: BoundaryOption = None,
    static: StaticOption = "whole",
    json: Json = False,
) -> None:
    """The value of one parameter at which a condition on costs begins or ceases to hold, or why there is none."""
    from costmodel.deciding.conditions import condition
    from costmodel.deciding.solving import solve
    from costmodel.devices.part import part
    from costmodel.estimates.counting import Counting, across, counted
    from costmodel.estimates.request import request
    from costmodel.graphs.errors import InputError, nearest
    from costmodel.output import print_json, print_notes

    wanted = condition(until)
    own = part(one(device)[0]).name
    others = []
    for name in wanted.devices:
        if name != own:
            try:
                others.append(part(name))
            except InputError as error:
                from costmodel.devices.part import parts

                raise InputError(f"there is no device '{name}'", mend=nearest(name, parts()), where="--until") from error
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
    others = Counting(boundary, static).parts(others, {}, asked.workload)
    found = solve(asked.workload, asked.parts[0], for_.removeprefix(f"{own}."), wanted, within=range_, rivals=others)
    costly = {"energy", "power", "price"} & {each.metric for each in wanted.comparisons}
    held = {on.name: on.boundary for on in (asked.parts[0], *others)} if costly else {}
    print_notes([*asked.notes, *across(held)])
    if json:
        print_json(found.to_dict() | counted((asked.parts[0], *others)))
        return
    from costmodel.deciding.tables import show_solution

    show_solution(found, own)
