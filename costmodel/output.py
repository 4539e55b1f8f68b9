"""Printing: tables and notes for people, one JSON document for programs, and files that are whole or not there."""

import json
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from graphs.errors import InputError


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


def write(path: Path, text: str) -> None:
    """Writes a file whole, or not at all: to a temporary one beside it, then in its place.

    Raises:
        InputError: the folder does not exist or cannot be written.
    """
    write_bytes(path, text.encode("utf-8"))


def check_writable(path: Path) -> None:
    """Refuses a path that cannot become a file, before anything is written.

    Raises:
        InputError: it is a folder, or its folder does not exist.
    """
    if path.is_dir():
        raise InputError("is a folder", mend="give the name of a file", where=str(path))
    if not path.parent.is_dir():
        raise InputError("cannot write there (no such folder)", mend="choose a folder that exists", where=str(path))


def write_bytes(path: Path, content: bytes) -> None:
    """As `write`, for bytes."""
    check_writable(path)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"cannot write there ({error.strerror})", mend="choose a folder that exists", where=str(path)) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
