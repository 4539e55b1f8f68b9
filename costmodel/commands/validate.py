"""``costmodel validate``: the scoreboard, predictions made first and measurements second."""

from pathlib import Path
from typing import Annotated

import typer

from costmodel.commands.options import Json


def run(
    families: Annotated[
        list[str] | None, typer.Argument(metavar="[FAMILY]…", help="of hardware; all that can be measured here by default")
    ] = None,
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="where rows are kept as they come")] = Path("scoreboard"),
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE.md", help="the document; FOLDER/validation.md")] = None,
    threads: Annotated[int | None, typer.Option("--threads", help="threads that torch uses")] = None,
    json: Json = False,
) -> None:
    """Predicts every case of each FAMILY, then measures it, and prints both, the error, and whether the interval held.

    A run that was interrupted goes on. What has been predicted is not predicted again: remove FOLDER to start anew.
    """
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.files import check_kind, check_writable, make_folder
    from costmodel.graphs.installing import install
    from costmodel.output import print_json, print_notes

    document = report or out / "validation.md"
    if report is not None:
        check_kind(report, "Markdown document", ".md", where="--report")
    try:
        from costmodel.validation.runner.process import start_torch
        from costmodel.validation.runs.progress import counted
        from costmodel.validation.scoreboard.board import left_out
        from costmodel.validation.scoreboard.board import run as run_family
        from costmodel.validation.scoreboard.families import family, known
        from costmodel.validation.scoreboard.printing import as_json, show
        from costmodel.validation.scoreboard.report import Scored, write_report
    except ImportError as error:
        what = f"{error.name} is needed to measure, and not installed"
        raise InputError(what, mend=install("torch")) from None
    chosen = [family(name).name for name in families or ()]
    make_folder(out)
    check_writable(document)
    start_torch(threads=threads)
    absent = {} if families else left_out(out)
    print_notes(f"{name} is left out: {missing}" for name, missing in absent.items())
    asked = chosen or [name for name in known() if name not in absent]
    boards = []
    for name in asked:
        with counted(name) as told:
            made, _, rows = run_family(name, out, told)
        boards.append(Scored(made, rows))
    write_report(document, boards)
    if json:
        print_json(as_json(boards))
        return
    show(boards)
    typer.echo(f"document: {document}")
