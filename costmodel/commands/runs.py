"""``costmodel runs``: what the runs in a folder came to, in one table."""

from pathlib import Path
from typing import Annotated

import typer

from costmodel.commands.options import Json


def run(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="a run's folder, or one above several")],
    json: Json = False,
) -> None:
    """Every run at or below FOLDER: network, rule, seed, epochs, accuracy."""
    import json as js
    from datetime import timedelta

    from costmodel.output import console, print_json, table
    from costmodel.validation.records.reading import runs

    found = runs(folder)
    if json:
        print_json(
            {"schema": 1, "runs": js.loads(found.reset_index().to_json(orient="records", date_format="iso", double_precision=15))}
        )
        return
    shown = table("network", "rule", "seed", "epochs", "test", "time", "folder", right=("seed", "epochs", "test", "time"))
    for where, row in found.iterrows():
        told = f"{100 * row.accuracy:.2f} %" if row.accuracy == row.accuracy and row.accuracy is not None else "–"
        told = f"sMAPE {row.smape:.2f}" if row.smape == row.smape and row.smape is not None else told
        shown.add_row(
            row.network, row.rule, f"{row.seed}", f"{row.epochs}", told, str(timedelta(seconds=round(row.seconds))), str(where)
        )
    console().print(shown)
