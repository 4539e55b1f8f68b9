"""docs/validation.md: what every family scored, its worst rows, all of its rows, and the misses explained in prose."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costmodel.graphs.files import write, write_bytes
from costmodel.graphs.settings.units import pretty
from costmodel.validation.scoreboard.family import Family
from costmodel.validation.scoreboard.parity import parity
from costmodel.validation.scoreboard.score import Row, score

PROSE = Path(__file__).with_name("prose")
"""``intro.md``, and one file for each family, by its name."""

WORST = 5
SUMMARY = ("family", "quantity", "rows", "median", "p90", "log10", "90 % holds", "width", "promised")


@dataclass(frozen=True)
class Scored:
    """A family that has been run.

    Attributes:
        family: of its name, title and bounds.
        rows: all.
    """

    family: Family
    rows: Sequence[Row]


def write_report(path: Path, boards: Sequence[Scored]) -> None:
    """Writes the document, and its figure beside it as ``NAME.svg``."""
    figure = path.with_suffix(".svg")
    drawn = {board.family.name: board.rows for board in boards if board.rows}
    parts = [(PROSE / "intro.md").read_text(encoding="utf-8").strip(), summary(boards)]
    if drawn:
        write_bytes(figure, _svg(parity(drawn)))
        parts.append(f"![predicted against measured, every row]({figure.name})\n\nEvery row; hollow ones are not scored.")
    write(path, "\n\n".join([*parts, *(_family(board) for board in boards)]) + "\n")


def _svg(figure: Any) -> bytes:
    made = io.BytesIO()
    figure.savefig(made, format="svg", metadata={"Date": None})
    return made.getvalue()


def summary(boards: Sequence[Scored]) -> str:
    """A row for each quantity of each family."""
    lines = [f"| {' | '.join(SUMMARY)} |", "|---|---|--:|--:|--:|--:|--:|--:|---|"]
    for board in boards:
        lines += [f"| {' | '.join(cells)} |" for cells in scores(board)]
    return "\n".join(lines)


def scores(board: Scored) -> list[list[str]]:
    """The summary's cells of one family."""
    found = []
    for quantity in board.family.units:
        result, bound = score(row for row in board.rows if row.quantity == quantity), board.family.bounds.get(quantity)
        told = quantity.replace("_", " ")
        if result is None:
            found.append([board.family.name, told, "0", "", "", "", "", "", ""])
            continue
        promised = [] if bound is None else [
            *([f"median {100 * bound.median:g} %"] if bound.median is not None else []),
            *([f"p90 {100 * bound.p90:g} %"] if bound.p90 is not None else []),
            *([f"log10 {bound.median_log10:g}"] if bound.median_log10 is not None else []),
        ]  # fmt: skip
        found.append(
            [
                board.family.name, told, str(result.rows), f"{100 * result.median:.1f} %", f"{100 * result.p90:.1f} %",
                f"{result.median_log10:.3f}", f"{100 * result.coverage:.0f} %", f"{result.width:.1f} ×", ", ".join(promised),
            ]
        )  # fmt: skip
    return found


def _family(board: Scored) -> str:
    """A section: what it is, prose, groups, the worst rows, and all rows folded away."""
    family, rows = board.family, board.rows
    parts = [f"## {family.name}", f"{family.title[0].upper()}{family.title[1:]}."]
    prose = PROSE / f"{family.name}.md"
    if prose.exists():
        parts.append(prose.read_text(encoding="utf-8").strip())
    kept = {
        key: value for key, value in family.provenance.items() if isinstance(value, str | int | float) and "\n" not in str(value)
    }
    if kept:
        parts.append("Run: " + ", ".join(f"{key} {value}" for key, value in kept.items()) + ".")
    if len({row.group for row in rows}) > 1:
        parts.append(_groups(board))
    ordered = sorted((row for row in rows if row.scored), key=lambda row: -abs(row.log10))
    if ordered:
        parts += ["The worst rows:", _table(ordered[:WORST])]
    if rows:
        parts.append(f"<details><summary>All {len(rows)} rows</summary>\n\n{_table(rows)}\n\n</details>")
    return "\n\n".join(parts)


def _groups(board: Scored) -> str:
    lines = ["| kind | quantity | scored | shown | median | log10 | 90 % holds | width |", "|---|---|--:|--:|--:|--:|--:|--:|"]
    for group in dict.fromkeys(row.group for row in board.rows):
        for quantity in board.family.units:
            some = [row for row in board.rows if row.group == group and row.quantity == quantity]
            if not some:
                continue
            result, told = score(some), quantity.replace("_", " ")
            shown = sum(not row.scored for row in some)
            if result is None:
                lines.append(f"| {group} | {told} | 0 | {shown} | | | | |")
            else:
                held = f"{100 * result.coverage:.0f} % | {result.width:.1f} ×"
                figures = f"{100 * result.median:.1f} % | {result.median_log10:.3f} | {held}"
                lines.append(f"| {group} | {told} | {result.rows} | {shown} | {figures} |")
    return "\n".join(lines)


def _table(rows: Sequence[Row]) -> str:
    lines = ["| case | quantity | predicted | 90 % | measured | error | held | |", "|---|---|--:|--:|--:|--:|---|---|"]
    for row in rows:
        unit = "" if row.unit == "1" else row.unit
        span = f"{pretty(row.low, unit)} … {pretty(row.high, unit)}"
        cells = [
            row.case, row.quantity.replace("_", " "), pretty(row.predicted, unit), span, pretty(row.measured, unit),
            f"{100 * row.error:+.1f} %", "yes" if row.inside else "no", row.note if row.scored else f"not scored; {row.note}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)
