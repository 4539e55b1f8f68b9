"""The scoreboard for a terminal, and as JSON."""

from collections.abc import Sequence
from typing import Any

from costmodel.graphs.settings.units import pretty
from costmodel.output import say
from costmodel.tabulating import Column, Table, number, ready
from costmodel.validation.scoreboard.report import SUMMARY, Scored, scores
from costmodel.validation.scoreboard.score import score


def show(boards: Sequence[Scored]) -> None:
    """Every row of every family, then a line for each of its quantities."""
    for board in boards:
        say(f"{board.family.name}: {board.family.title}")
        Table(ROWS, board.rows).print()
    # What is promised is in the document; the logarithm goes first where there is no room, then the upper tail.
    Table(ready(SUMMARY[:-1], names=2, drop=("log10", "p90")), (cells for board in boards for cells in scores(board))).print()


def _told(value: float, unit: str) -> str:
    return pretty(value, "" if unit == "1" else unit)


ROWS = (
    Column("case", "case", lambda row: row.case),
    Column("quantity", "quantity", lambda row: row.quantity.replace("_", " ")),
    Column("predicted", "predicted", lambda row: _told(row.predicted, row.unit), lambda row: row.predicted, "number", drop=2),
    Column("measured", "measured", lambda row: _told(row.measured, row.unit), lambda row: row.measured, "number", drop=2),
    number("error", "error", lambda row: row.error, lambda error: f"{100 * error:+.1f}%"),
    Column("held", "held", lambda row: ("yes" if row.inside else "no") if row.scored else "not scored", drop=1),
)
"""Of a row of the scoreboard; where there is no room whether the interval held goes first, then what the error is of."""


def as_json(boards: Sequence[Scored]) -> dict[str, Any]:
    """As the contract has it: figures of the scored rows of each family, and every row."""
    families, rows = {}, []
    for board in boards:
        found = score(board.rows)
        families[board.family.name] = {
            "rows": 0 if found is None else found.rows,
            "median_abs_error": None if found is None else found.median,
            "p90_abs_error": None if found is None else found.p90,
            "coverage_90": None if found is None else found.coverage,
        }
        for row in board.rows:
            rows.append(
                {
                    "family": row.family, "case": row.case, "quantity": row.quantity, "unit": row.unit,
                    "predicted": row.predicted, "low": row.low, "high": row.high, "measured": row.measured,
                    "error": row.error, "inside": row.inside, "scored": row.scored, "source": row.source, "note": row.note,
                }
            )  # fmt: skip
    return {"schema": 1, "families": families, "rows": rows}
