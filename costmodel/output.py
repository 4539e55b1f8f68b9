"""Printing: tables and notes for people, one JSON document for programs."""

import json
import sys
from collections.abc import Iterable
from typing import Any


def print_json(document: Any) -> None:
    """The one JSON document on standard output.

    Raises:
        ValueError: it holds a number that is not finite.
    """
    sys.stdout.write(json.dumps(document, allow_nan=False, ensure_ascii=False) + "\n")


def print_notes(notes: Iterable[str]) -> None:
    """Warnings, one a line, on standard error."""
    for note in notes:
        sys.stderr.write(f"note: {note}\n")


def console() -> Any:
    """The console that tables are printed on; 80 columns where there is no terminal."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 80, highlight=False)


_WHOLE = ("device", "part", "parameter", "bound by")
"""Columns of names that are not broken over lines."""


def table(*columns: str, right: Iterable[str] = ()) -> Any:
    """A table without lines between columns, numbers to the right."""
    from rich import box
    from rich.table import Table

    result = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    numbers = set(right)
    for column in columns:
        result.add_column(
            column,
            justify="right" if column in numbers else "left",
            overflow="fold",
            no_wrap=column in numbers or column in _WHOLE,
        )
    return result
