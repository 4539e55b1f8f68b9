"""The scoreboard for a terminal, and as JSON."""

from collections.abc import Sequence
from typing import Any

from costmodel.graphs.settings.units import pretty
from costmodel.output import console, table
from costmodel.validation.scoreboard.report import SUMMARY, Scored, scores
from costmodel.validation.scoreboard.score import score


def show(boards: Sequence[Scored]) -> None:
    """Every row of every family, then a line for each of its quantities, 80 columns wide."""
    out = console()
    for board in boards:
        out.print(f"{board.family.name}: {board.family.title}", markup=False)
        lines = table("case", "quantity", "predicted", "measured", "error", "held", right=("predicted", "measured", "error"))
        for row in board.rows:
            unit = "" if row.unit == "1" else row.unit
            held = ("yes" if row.inside else "no") if row.scored else "not scored"
            cells = (row.case, row.quantity.replace("_", " "), pretty(row.predicted, unit), pretty(row.measured, unit))
            lines.add_row(*cells, f"{100 * row.error:+.1f}%", held)
        if lines.row_count:
            out.print(lines)
    told = table(*SUMMARY[:-1], right=SUMMARY[2:-1])
    for board in boards:
        for cells in scores(board):
            told.add_row(*cells[:-1])
    out.print(told)


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
