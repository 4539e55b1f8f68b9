"""The figure that a command writes on request."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from costmodel.deciding.crossing import Line, Map
    from costmodel.deciding.sensitivities import Sensitivities

Figure = Annotated[Path | None, typer.Option("--out", metavar="FIGURE", help="write a figure: .svg, .pdf or .png")]


def check(out: Path | None) -> None:
    """Refuses a file that is no figure or cannot be written, before anything is computed.

    Raises:
        InputError: such a file.
    """
    from costmodel.graphs.files import check_kind

    if out is not None:
        check_kind(out, "figure", ".svg", ".pdf", ".png")


def draw(found: "Line | Map | Sensitivities", out: Path | None) -> None:
    """Writes the figure, where one was asked for.

    Raises:
        InputError: what draws it is not installed.
    """
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.installing import install

    if out is None:
        return
    try:
        from costmodel.deciding import figures as deciding_figures
    except ImportError as error:
        raise InputError(f"{error.name} is needed to draw, and not installed", mend=install("torch")) from None
    deciding_figures.draw(found, out)
    typer.echo(f"figure: {out}", err=True)
