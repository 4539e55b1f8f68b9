"""docs/analog.md: closed forms against SPICE, every circuit, worst rows included."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from costmodel.devices.circuits.crossbar import Crossbar
from costmodel.graphs.settings.units import pretty
from costmodel.validation.circuits.cases import Case, kept
from costmodel.validation.circuits.crossbar_speed import POINTS, seconds

TARGET = Path(__file__).resolve().parents[2] / "docs" / "analog.md"
PROSE = Path(__file__).parent / "analog.md"
"""What stands around the tables; ``{{tables}}`` and ``{{worst}}`` are their places."""

WORST = 5
"""Rows that are shown of each circuit's worst quantity."""


@dataclass(frozen=True)
class Errors:
    """Of one quantity: its relative errors, and the cases they are of.

    Attributes:
        quantity, unit: what.
        cases: with a simulated value that is not 0.
        errors: predicted over simulated, less 1.
    """

    quantity: str
    unit: str
    cases: list[Case]
    errors: np.ndarray


def errors(cases: list[Case]) -> list[Errors]:
    """Of each quantity of a circuit."""
    found = []
    for quantity, unit in cases[0].circuit.units.items():
        some = [case for case in cases if case.simulated and case.simulated[quantity] and math.isfinite(case.simulated[quantity])]
        off = [case.circuit.predicted()[quantity] / value(case, quantity) - 1 for case in some]
        found.append(Errors(quantity, unit, some, np.array(off)))
    return found


def value(case: Case, quantity: str) -> float:
    """As simulated.

    Raises:
        ValueError: SPICE did not finish.
    """
    if case.simulated is None:
        raise ValueError(f"'{case.circuit.name}' has no simulated {quantity}")
    return case.simulated[quantity]


def summary(grids: dict[str, list[Case]]) -> str:
    """Median, 90th percentile and worst of every quantity, as a table."""
    lines = ["| circuit | quantity | cases | median | p90 | worst |", "|---|---|---|---|---|---|"]
    for name, cases in grids.items():
        for one in errors(cases):
            size = np.abs(one.errors)
            figures = " | ".join(f"{100 * x:.2f} %" for x in (np.median(size), np.quantile(size, 0.9), size.max()))
            lines.append(f"| {name} | {one.quantity.replace('_', ' ')} | {len(size)} | {figures} |")
    return "\n".join(lines)


def unfinished(grids: dict[str, list[Case]]) -> str:
    """Which SPICE did not finish, or brought forth nothing to compare."""
    counts = {name: sum(case.simulated is None for case in cases) for name, cases in grids.items()}
    told = ", ".join(f"{count} of {name}" for name, count in counts.items() if count)
    return f"SPICE did not finish {told}." if told else "SPICE finished all of them."


def worst(grids: dict[str, list[Case]]) -> str:
    """Of each circuit the cases that are furthest off, whatever the quantity, with their parameters."""
    lines = []
    for name, cases in grids.items():
        rows = [(abs(e), e, one, case) for one in errors(cases) for e, case in zip(one.errors, one.cases, strict=True)]
        lines += [f"\n### {name}\n", "| off by | quantity | simulated | parameters |", "|---|---|---|---|"]
        for _, e, one, case in sorted(rows, key=lambda row: -row[0])[:WORST]:
            unit = "" if one.unit == "1" else one.unit
            shown = pretty(value(case, one.quantity), unit)
            lines.append(f"| {e:+.1%} | {one.quantity.replace('_', ' ')} | {shown} | {_parameters(case)} |")
    return "\n".join(lines)


def _parameters(case: Case) -> str:
    fields = type(case.circuit).__dataclass_fields__
    told = []
    for field in fields.values():
        unit = field.metadata.get("unit")
        if unit is not None and field.name != "seed":
            told.append(f"{field.name} {pretty(getattr(case.circuit, field.name), '' if unit == '1' else unit)}")
    return ", ".join(told)


def faster(grids: dict[str, list[Case]]) -> str:
    """How many times closed forms are faster than SPICE, of crossbars by size, measured now against the seconds kept."""
    lines = [f"| lines | cases | SPICE | alone | times | of {POINTS:,} points, each | times |", "|---|---|---|---|---|---|---|"]
    by_size: dict[int, list[tuple[Crossbar, float]]] = {}
    for case in grids["crossbar"]:
        if case.seconds and isinstance(case.circuit, Crossbar):
            by_size.setdefault(max(case.circuit.rows, case.circuit.columns), []).append((case.circuit, case.seconds))
    for size, cases in sorted(by_size.items()):
        spice = float(np.median([taken for _, taken in cases]))
        alone, each = seconds(cases[0][0])
        told = " | ".join(f"{pretty(one, 's')} | {spice / one:,.0f}" for one in (alone, each))
        lines.append(f"| {size} | {len(cases)} | {pretty(spice, 's')} | {told} |")
    return "\n".join(lines)


def text() -> str:
    """The whole document."""
    grids = kept()
    parts = {"tables": summary(grids), "unfinished": unfinished(grids), "worst": worst(grids), "faster": faster(grids)}
    whole = PROSE.read_text(encoding="utf-8")
    for place, part in parts.items():
        whole = whole.replace(f"{{{{{place}}}}}", part)
    return whole
