"""Tables for people read back: their cells, held against the values of the JSON."""

import math
import re

from costmodel.graphs.settings.units import parse

_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?(e[+-]\d+)?")


def holds(cell: str, wanted: float, unit: str = "", scale: float = 1.0, digits: int = 3) -> None:
    """A cell is a value, to so many significant digits.

    Args:
        cell: "3.72 ms".
        wanted: the value, SI.
        unit: of the value; "": the cell has none.
        scale: what the cell counts in, where it has no unit.
    """
    text, name = cell.rsplit(" ", 1) if unit else (cell, "")
    assert _NUMBER.fullmatch(text), f"'{text}' is no number"
    scale = parse(f"1 {name}", unit) if unit else scale
    assert math.isclose(float(text.replace(",", "")) * scale, wanted, rel_tol=0.5001 * 10.0 ** (1 - digits)), (cell, wanted)


def between(cell: str, cost: dict[str, float], unit: str, of: str) -> None:
    """A cell is an interval in the unit of the cost beside it."""
    if cell == "exact":
        assert cost["low"] == cost["high"]
        return
    scale = parse(f"1 {of.rsplit(' ', 1)[1]}", unit)
    low, high = cell.split("–")
    holds(low, cost["low"], scale=scale, digits=2)
    holds(high, cost["high"], scale=scale, digits=2)


def side_by_side(text: str) -> tuple[str, list[list[str]]]:
    """Headings as one line, and the cells of every row, of the one table in a text."""
    lines = text.splitlines()
    (rule,) = (i for i, line in enumerate(lines) if line and set(line) == {"─"})
    top = max(i for i in range(rule) if not lines[i]) + 1
    rows = lines[rule + 1 : lines.index("", rule)]
    return " ".join(lines[top:rule]), [re.split(r" {2,}", row.strip()) for row in rows]


def stacked(text: str) -> list[list[str]]:
    """The cells of every record, of the one stack in a text."""
    records: list[list[str]] = []
    block = next(block for block in text.strip("\n").split("\n\n") if "\n  " in block)
    for line in block.splitlines():
        if line.startswith("   "):
            records[-1][-1] += f" {line.strip()}"
        elif line.startswith("  "):
            records[-1].append(re.split(r" {2,}", line.strip(), maxsplit=1)[1])
        else:
            records.append([line])
    return records


def is_estimate(cells: list[str], wanted: dict, *, hosted: bool = False) -> None:
    """A row of an estimate, of at least the costs with their intervals, and what the energy counts.

    Args:
        cells: the row's.
        wanted: the estimate, as in JSON.
        hosted: whether some part of the table has host modes.
    """
    device, latency, latency_90, energy, energy_90, boundary, *rest = cells
    assert boundary == wanted["boundary"]
    if hosted and rest:
        assert rest.pop(0) == (wanted["host"] or "–")
    assert device == wanted["device"]
    holds(latency, wanted["latency_s"]["value"], "s")
    between(latency_90, wanted["latency_s"], "s", latency)
    holds(energy, wanted["energy_j"]["value"], "J")
    between(energy_90, wanted["energy_j"], "J", energy)
    if len(rest) == 2:
        price = rest.pop(0)
        assert (price == "–") == (wanted["price_usd"] is None)
        if price != "–":
            holds(price, 1e6 * wanted["price_usd"], digits=2)
    assert rest in ([], [wanted["bound_by"]])
