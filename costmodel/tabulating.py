"""Tables for people: columns over records, laid out for a width so that no name and no number loses a character.

A table that is too wide for its terminal first sets headings on several lines, then wraps prose at words, then leaves out whole
columns in the order that it states, and, where that does not do, stacks its rows: the first cell, and the others below it.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, Literal

from costmodel.output import console, width_of_output, wrapped

GAP = 2
"""Spaces between columns."""

PROSE = 20
"""Characters that prose has at the least in a column, if it needs as many."""


@dataclass(frozen=True)
class Column:
    """What a column shows of every row.

    Attributes:
        key: its name for programs; no two columns of a table share one.
        heading: above it, for people.
        show: a row → its cell.
        value: a row → the number behind the cell, in SI; None: the cell is all there is.
        form: a "name" stands to the left and a "number" to the right, and neither is ever broken; "prose" may wrap at words.
        drop: when it is left out of a table that is too wide: 1 goes first, then 2, and so on; 0 stays.
    """

    key: str
    heading: str
    show: Callable[[Any], str]
    value: Callable[[Any], Any] | None = None
    form: Literal["name", "number", "prose"] = "name"
    drop: int = 0

    def of(self, pick: Callable[[Any], Any]) -> "Column":
        """The same column of records that hold its rows; ``pick`` takes them out."""
        value = self.value
        return replace(
            self,
            show=lambda record: self.show(pick(record)),
            value=None if value is None else lambda record: value(pick(record)),
        )


def number(key: str, heading: str, value: Callable[[Any], Any], told: Callable[[Any], str], drop: int = 0) -> Column:
    """A column of numbers; ``told`` makes a cell of a value."""
    return Column(key, heading, lambda row: told(value(row)), value, "number", drop)


def ready(headings: Iterable[str], names: int = 1, drop: Iterable[str] = ()) -> Iterator[Column]:
    """Columns of rows that are cells already: so many names, then numbers; those in ``drop`` are left out in that order."""
    ranks = {heading: rank for rank, heading in enumerate(drop, start=1)}
    for i, heading in enumerate(headings):
        yield Column(heading, heading, itemgetter(i), form="name" if i < names else "number", drop=ranks.get(heading, 0))


class Table:
    """Columns over rows.

    Args:
        columns: from left to right; the first is the name of a row.
        rows: records, of any kind that the columns know.
    """

    def __init__(self, columns: Iterable[Column], rows: Iterable[Any]) -> None:
        self.columns, self.rows = tuple(columns), tuple(rows)
        self.cells = {column.key: [column.show(row) for row in self.rows] for column in self.columns}

    def fitted(self, width: int) -> tuple[Column, ...]:
        """The columns that are shown side by side in so many characters; none where the rows are stacked."""
        for rank in range(max((column.drop for column in self.columns), default=0) + 1):
            kept = tuple(column for column in self.columns if not 0 < column.drop <= rank)
            if self._least(kept) <= width:
                return kept
        return ()

    def text(self) -> str:
        """The table as wide as the output at the most, and a line on the columns that were left out."""
        width = width_of_output()
        kept = self.fitted(width)
        if not kept:
            return "\n".join(self._stacked(width))
        left = ", ".join(column.heading for column in self.columns if column not in kept and column.heading)
        told = f"left out at {width} columns: {left} (shown at {self._least(self.columns)}, and by --json)"
        return self._side_by_side(kept, width) + (f"\n\n{wrapped(told)}" if left else "")

    def print(self) -> None:
        """Prints it between blank lines; nothing where there are no rows."""
        if self.rows:
            sys.stdout.write(f"\n{self.text()}\n\n")

    def _least(self, columns: Iterable[Column]) -> int:
        """Characters that columns need side by side."""
        return sum(self._width(column) + GAP for column in columns) - GAP

    def _width(self, column: Column) -> int:
        """Characters that a column needs: its cells, or so much of prose that it can be read, and each word of its heading."""
        cells = self.cells[column.key]
        least = _longest(cells)
        if column.form == "prose":
            least = max(_longest(word for cell in cells for word in cell.split()), min(least, PROSE))
        return max(_longest(column.heading.split()), least)

    def _side_by_side(self, columns: tuple[Column, ...], width: int) -> str:
        """Drawn by rich, with the width of each column settled: what is over goes to headings and prose, from the left."""
        from rich import box
        from rich.table import Table as Drawn
        from rich.text import Text

        drawn = Drawn(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        over, told = width - self._least(columns), []
        for column in columns:
            cells, least = self.cells[column.key], self._width(column)
            given = min(_longest([column.heading, *cells]) - least, over)
            over -= given
            drawn.add_column(Text(column.heading), justify="right" if column.form == "number" else "left", width=least + given)
            told.append([wrapped(cell, least + given) for cell in cells] if column.form == "prose" else cells)
        for row in zip(*told, strict=True):
            drawn.add_row(*map(Text, row))
        out = console()
        with out.capture() as captured:
            out.print(drawn)
        return "\n".join(line.rstrip() for line in captured.get().splitlines())

    def _stacked(self, width: int) -> Iterator[str]:
        """Each row's first cell on a line of its own, and below it a line for every other cell that says something."""
        head, *fields = self.columns
        indent = _longest(field.heading for field in fields)
        for i in range(len(self.rows)):
            yield self.cells[head.key][i]
            for field in fields:
                cell, start = self.cells[field.key][i], f"  {field.heading:<{indent}}  "
                if cell and field.heading:
                    yield wrapped(start + cell, width, hanging=len(start)) if field.form == "prose" else start + cell


def _longest(texts: Iterable[str]) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, texts), default=0)
