"""``costmodel report``: one HTML file with the costs, the figures, and where every number comes from."""

from pathlib import Path
from typing import Annotated

import typer

from costmodel.commands.options import (
    Batch,
    Devices,
    Json,
    Measured,
    NetworkArgument,
    PhaseOption,
    Rates,
    Settings,
    Timesteps,
    measured,
    phase,
)


def run(
    network: NetworkArgument,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.html", help="the file to write")],
    device: Devices = None,
    phase_: PhaseOption = "inference",
    batch: Batch = None,
    timesteps: Timesteps = None,
    rate: Rates = None,
    rates: Measured = None,
    set_: Settings = None,
    json: Json = False,
) -> None:
    """A report of what a sample costs on each part: tables, figures, assumptions and sources in one HTML file."""
    from costmodel.commands.estimate import document
    from costmodel.output import print_json, print_notes
    from costmodel.reporting.page import page
    from costmodel.reporting.study import Study
    from costmodel.request import request
    from costmodel.tables import show
    from graphs.errors import InputError
    from graphs.files import write

    if out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"'{out.name}' is no HTML file", mend="let it end in .html", where="--out")
    asked = request(
        network, device, phase=phase(phase_), batch=batch, timesteps=timesteps, rate=rate, settings=set_, measured=measured(rates)
    )
    study = Study(asked.workload, asked.parts, asked.notes)
    write(out, page(study))
    print_notes(asked.notes)
    if json:
        print_json(document(asked, study.estimates) | {"out": str(out)})
    else:
        show(asked, study.estimates)
        typer.echo(f"report: {out}")
