"""``costmodel whatif``: before, after, and the difference to another device."""

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
    StaticOption,
    Timesteps,
    one,
    phase,
)


def run(
    network: NetworkArgument,
    device: OneDevice,
    set_: Annotated[list[str], typer.Option("--set", metavar="PARAM=VALUE", help="what to change; repeat for more")],
    against: Annotated[str | None, typer.Option("--against", metavar="D2", help="another device to hold it against")] = None,
    phase_: PhaseOption = "inference",
    batch: Batch = None,
    timesteps: Timesteps = None,
    rate: Rates = None,
    boundary: BoundaryOption = None,
    static: StaticOption = "whole",
    json: Json = False,
) -> None:
    """What a change of the network or the device does to the costs."""
    from costmodel.deciding.changing import whatif
    from costmodel.devices.part import part
    from costmodel.estimates.counting import Counting
    from costmodel.estimates.request import request
    from costmodel.estimates.tables import show_labelled
    from costmodel.output import print_json, print_notes, say

    before, after = (
        request(
            network,
            one(device),
            phase=phase(phase_),
            batch=batch,
            timesteps=timesteps,
            rate=rate,
            settings=settings,
            boundary=boundary,
            static=static,
        )
        for settings in (None, set_)
    )
    other = None if against is None else Counting(boundary, static).parts([part(against)], {}, after.workload)[0]
    words = tuple(word.replace("=", " = ", 1) for word in set_)
    found = whatif(before.workload, after.workload, before.parts[0], after.parts[0], other, words)
    print_notes(before.notes)
    if json:
        print_json(found.to_dict())
        return
    show_labelled((label, e) for label, e in (("before", found.before), ("after", found.after), ("against", found.against)) if e)
    say(*found.sentences())
