"""Printing: sentences and notes for people, one JSON document for programs."""

import codecs
import json
import os
import re
import shutil
import sys
from collections.abc import Iterable
from textwrap import fill
from typing import Any

_PLAIN = {"µ": "u", "Ω": "ohm", "²": "2", "–": "-", "─": "-", "│": "|", "└": "+", "█": "#", "·": ".", "≤": "<=", "≥": ">=",
          "×": "x", "→": "->", "…": "..."}  # fmt: skip


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """What a terminal without a character gets for it: "us" for "µs", so that no number loses its unit."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(c, "?") for c in error.object[error.start : error.end]), error.end


PLAIN = "plain"
"""The handler of characters that an encoding lacks, for ``errors=``."""

codecs.register_error(PLAIN, _plainly)


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


def width_of_output() -> int:
    """Columns of standard output: COLUMNS where it is set, else the terminal's, or 80 where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() or "COLUMNS" in os.environ else 80


def console() -> Any:
    """The console that tables are drawn on."""
    from rich.console import Console

    return Console(width=width_of_output(), highlight=False)


_TIED = re.compile(
    r" (?==[ ])|(?<= =) |(?<=--set) |(?<=\d) (?=(?:[fpnµmkMGTP]?(?:s|J|W|V|A|F|B|Hz|ohm|op)|[kMGTP]|years|mm²|%)(?!\w))"
)
"""Spaces that no line ends at: around an equals sign, between a number and its unit, an option and what it sets."""


def wrapped(text: str, width: int | None = None, hanging: int | None = None) -> str:
    """A sentence on lines of ``width`` columns, by default the output's: broken at spaces only, never within a word or a quantity.

    Args:
        text: on one line; what it is indented by, further lines are twice.
        hanging: spaces before further lines instead.
    """
    indent = 2 * (len(text) - len(text.lstrip())) if hanging is None else hanging
    lines = fill(
        _TIED.sub("\0", text),
        width or width_of_output(),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines.replace("\0", " ")


def say(*sentences: str) -> None:
    """Sentences for people on standard output, each from a new line."""
    for sentence in sentences:
        sys.stdout.write(f"{wrapped(sentence)}\n")
