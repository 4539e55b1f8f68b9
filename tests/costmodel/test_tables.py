"""Tables for people: whatever the width, each name and each number is printed whole, and reads back as the JSON's value."""

import json
import os
import pty
import struct
import subprocess
import sys
from fcntl import ioctl
from termios import TIOCSWINSZ

import pytest

from costmodel.commands.estimate import document
from costmodel.estimates.request import request
from costmodel.estimates.tables import COLUMNS, show
from costmodel.graphs.reading.loading import examples
from costmodel.output import wrapped
from costmodel.tabulating import Column, Table, number
from tests.printed import between, holds, is_estimate, side_by_side, stacked

WIDTHS = (60, 80, 120, None)
"""Columns; None: piped, and nobody said how many."""


# -- every example -----------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", examples())
def test_every_cell_of_every_example_reads_back_at_any_width(name, capsys, monkeypatch):
    asked = request(name)
    estimates = [estimator.estimate() for estimator in asked.estimators()]
    wanted = [e for e in json.loads(json.dumps(document(asked, estimates)))["estimates"] if e["feasible"]]
    for width in WIDTHS:
        monkeypatch.delenv("COLUMNS", raising=False)
        if width:
            monkeypatch.setenv("COLUMNS", f"{width}")
        show(asked, estimates)
        text = capsys.readouterr().out
        assert max(map(len, text.splitlines())) <= (width or 80)
        headings, rows = side_by_side(text) if "─" in text else ("", stacked(text))
        assert len(rows) == len(wanted), "every feasible device"
        hosted = any(e["host"] for e in wanted)
        for cells, e in zip(rows, wanted, strict=True):
            is_estimate(cells, e, hosted=hosted)
        shown, whole = {len(cells) for cells in rows}, 8 + hosted
        assert len(shown) == 1
        assert shown <= ({whole} if width == 120 or not headings else {*range(6, whole + 1)}), (
            "all of it where there is room, and where rows are stacked"
        )
        assert ("USD/1M" not in headings and bool(headings)) == ("left out at" in text) == (shown != {whole})
        told = " ".join(text.split())
        for e in estimates:
            assert e.feasible or f"{e.device} does not fit. {e.violations[0].limit}: needs" in told


def test_the_order_in_which_columns_go_is_stated():
    """Costs and intervals are what stays; ranks are those that the table states."""
    assert [c.key for c in sorted(COLUMNS, key=lambda c: c.drop) if c.drop] == ["price", "bound_by", "host"]
    assert [c.key for c in COLUMNS if not c.drop] == ["device", "latency", "latency_90", "energy", "energy_90", "boundary"]


# -- true outputs -----------------------------------------------------------------------------------------------------------------
WORDS = [
    sys.executable,
    "-m",
    "costmodel",
    "estimate",
    "yin-yang-ttfs",
    "-d",
    "cpu-raspberry-pi-4",
    "-d",
    "loihi2",
    "-d",
    "brainscales2",
]


@pytest.fixture(scope="module")
def wanted():
    return json.loads(subprocess.run([*WORDS, "--json"], capture_output=True, check=True).stdout)["estimates"]


@pytest.mark.parametrize(("columns", "shown"), [(None, 7), ("60", 9)])  # at 60 rows are stacked
def test_piped(wanted, columns, shown):
    environment = {key: text for key, text in os.environ.items() if key != "COLUMNS"} | ({"COLUMNS": columns} if columns else {})
    text = subprocess.run(WORDS, capture_output=True, check=True, env=environment | {"PYTHONUTF8": "1"}).stdout.decode()
    rows = side_by_side(text)[1] if "─" in text else stacked(text)
    assert [len(cells) for cells in rows] == [shown] * 3
    for cells, e in zip(rows, wanted, strict=True):
        is_estimate(cells, e, hosted=True)


def test_a_terminal_of_sixty_columns(wanted):
    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    environment = {key: text for key, text in os.environ.items() if key != "COLUMNS"} | {"TERM": "dumb", "PYTHONUTF8": "1"}
    with subprocess.Popen(WORDS, stdout=theirs, stdin=theirs, stderr=subprocess.DEVNULL, env=environment) as running:
        os.close(theirs)
        said = b""
        try:
            while more := os.read(ours, 65536):
                said += more
        except OSError:  # Linux ends a pseudo-terminal so
            pass
    os.close(ours)
    assert running.returncode == 0
    text = said.decode().replace("\r\n", "\n")
    assert max(map(len, text.splitlines())) <= 60
    for cells, e in zip(stacked(text), wanted, strict=True):
        is_estimate(cells, e, hosted=True)


def test_an_encoding_without_the_characters_keeps_units_and_intervals(wanted):
    environment = {key: text for key, text in os.environ.items() if key != "COLUMNS"} | {"PYTHONIOENCODING": "ascii"}
    told = subprocess.run(WORDS, capture_output=True, check=True, env=environment).stdout.decode()
    assert "?" not in told
    (row,) = (line for line in told.splitlines() if line.startswith("brainscales2"))
    _, latency, latency_90, *_ = (cell.strip() for cell in row.split("|"))
    holds(latency, wanted[2]["latency_s"]["value"], "s")
    between(latency_90.replace("-", "–"), wanted[2]["latency_s"], "s", latency)


# -- the layout -------------------------------------------------------------------------------------------------------------------
def made(*columns: Column, rows=(("a-long-name", 1234.5, "some words on it that go on for a while"), ("b", 2.0, "few"))) -> Table:
    known = (
        Column("name", "name", lambda row: row[0]),
        number("count", "how many", lambda row: row[1], lambda count: f"{count:,}"),
        Column("told", "what it is", lambda row: row[2], form="prose", drop=1),
    )
    return Table(columns or known, rows)


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (80, "name         how many  what it is\n" + "─" * 62 + "\na-long-name   1,234.5  some words on it that go on for a while\n"
             "b                 2.0  few"),
        (43, "name         how many  what it is\n" + "─" * 43 + "\na-long-name   1,234.5  some words on it\n"
             "                       that go on for a\n                       while\nb                 2.0  few"),
    ],
)  # fmt: skip
def test_prose_wraps_before_columns_go(width, expected, monkeypatch):
    monkeypatch.setenv("COLUMNS", f"{width}")
    assert made().text() == expected


def test_columns_go_before_rows_are_stacked(monkeypatch):
    monkeypatch.setenv("COLUMNS", "25")
    left = made().text()
    assert left.startswith("name         how many\n")
    assert "left out at 25 columns: what it is (shown at 42, and by --json)" in " ".join(left.split())
    monkeypatch.setenv("COLUMNS", "19")
    assert made().text().splitlines() == [
        "a-long-name", "  how many    1,234.5", "  what it is  some", "              words", "              on it",
        "              that", "              go on", "              for a", "              while",
        "b", "  how many    2.0", "  what it is  few",
    ]  # fmt: skip


def test_cells_are_no_markup(monkeypatch):
    """What looks like a style or a picture to the library that draws is a name all the same."""
    monkeypatch.setenv("COLUMNS", "80")
    rows = (("[red]net[/red]", 1.0, ":smile: [b]"),)
    assert "[red]net[/red]" in made(rows=rows).text()
    assert ":smile: [b]" in made(rows=rows).text()


@pytest.mark.parametrize("width", range(8, 40))
def test_sentences_break_between_words_and_never_in_a_quantity(width):
    text = "T = 25, batch 1; 3.6 M add, 1,270,000 ops in 3.72 ms for 4.87 µJ (try --set chips=2), in /a/very/long-path/of-a/folder"
    lines = wrapped(text, width).splitlines()
    assert " ".join(lines) == text
    for whole in ("T = 25", "3.6 M", "1,270,000", "3.72 ms", "4.87 µJ", "--set chips=2", "/a/very/long-path/of-a/folder"):
        assert any(whole in line for line in lines), whole
