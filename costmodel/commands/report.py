"""``costmodel report``: one HTML file with the costs, the figures, and where every number comes from."""

from pathlib import Path
from typing import Annotated

import typer

from costmodel.commands.options import (
    Batch,
    BoundaryOption,
    Devices,
    Json,
    Measured,
    NetworkArgument,
    PhaseOption,
    Rates,
    Settings,
    StaticOption,
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
    boundary: BoundaryOption = None,
    static: StaticOption = "whole",
    notebook: Annotated[Path | None, typer.Option("--notebook", metavar="FILE.ipynb", help="a notebook of it, too")] = None,
    json: Json = False,
) -> None:
    """A report of what a sample costs on each part: tables, figures, sliders, assumptions and sources in one HTML file."""
    from costmodel.commands.estimate import document
    from costmodel.estimates.request import request
    from costmodel.estimates.tables import show
    from costmodel.graphs.files import check_kind, write
    from costmodel.output import print_json, print_notes
    from costmodel.reporting.notebook import notebook as notebook_of
    from costmodel.reporting.page import page
    from costmodel.reporting.study import Study

    check_kind(out, "HTML file", ".html", ".htm")
    if notebook is not None:
        check_kind(notebook, "notebook", ".ipynb", where="--notebook")
    found = measured(rates)
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
        measured=found,
    )
    study = Study(asked.workload, asked.parts, asked.notes)
    write(out, page(study))
    if notebook is not None:
        write(notebook, notebook_of(study, network, device or [on.name for on in asked.parts], notebook, found))
    print_notes(asked.notes)
    if json:
        print_json(document(asked, study.estimates) | {"out": str(out)} | ({"notebook": str(notebook)} if notebook else {}))
    else:
        show(asked, study.estimates)
        typer.echo(f"report: {out}")
        if notebook is not None:
            typer.echo(f"notebook: {notebook}")
