"""``costmodel runs``: what the runs in a folder came to, in one table."""

from pathlib import Path
from typing import Annotated, Any

import typer

from costmodel.commands.options import Json


def run(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="a run's folder, or one above several")],
    json: Json = False,
) -> None:
    """Every run at or below FOLDER: network, rule, seed, epochs, accuracy."""
    import json as js
    from datetime import timedelta

    from costmodel.output import print_json
    from costmodel.tabulating import Column, Table
    from costmodel.validation.records.reading import runs

    found = runs(folder)
    if json:
        print_json(
            {"schema": 1, "runs": js.loads(found.reset_index().to_json(orient="records", date_format="iso", double_precision=15))}
        )
        return
    columns = (
        Column("network", "network", lambda row: row.network),
        Column("rule", "rule", lambda row: row.rule, drop=2),
        Column("seed", "seed", lambda row: f"{row.seed}", form="number"),
        Column("epochs", "epochs", lambda row: f"{row.epochs}", form="number", drop=3),
        Column("test", "test", _tested, form="number"),
        Column("time", "time", lambda row: str(timedelta(seconds=round(row.seconds))), form="number", drop=1),
        Column("folder", "folder", lambda row: str(row.Index)),
    )
    Table(columns, found.itertuples()).print()


def _tested(row: Any) -> str:
    """What a run came to, of the two kinds of figures there are."""
    if row.smape is not None and row.smape == row.smape:
        return f"sMAPE {row.smape:.2f}"
    return "–" if row.accuracy is None or row.accuracy != row.accuracy else f"{100 * row.accuracy:.2f} %"
