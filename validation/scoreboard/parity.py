"""Predicted against measured, every row of every family, on logarithmic axes."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from validation.figures import ACCENT, INK, SOFT, STYLE
from validation.scoreboard.score import Row

COLOURS = (ACCENT, SOFT, "#4d9221", "#8073ac", "#b35806")
"""Of a family's quantities, in the order in which they come."""

MOST_IN_A_ROW = 3


def parity(families: Mapping[str, Sequence[Row]]) -> Figure:
    """A panel for each family: scored rows filled, rows that are only shown hollow; bars are 90 % intervals.

    Args:
        families: name → rows, those with at least one.
    """
    across = min(len(families), MOST_IN_A_ROW)
    down = -(-len(families) // across)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(3.4 * across + 0.4, 3.3 * down))
        panels = np.ravel(figure.subplots(down, across, squeeze=False))
        for panel, (name, rows) in zip(panels, families.items(), strict=False):
            _panel(panel, name, rows)
        for empty in panels[len(families) :]:
            empty.set_axis_off()
    return figure


def _panel(panel: Any, name: str, rows: Sequence[Row]) -> None:
    """One family. Quantities of different units share the axes: what counts is the distance from the diagonal."""
    ends = [value for row in rows for value in (row.measured, row.predicted)]
    low, high = min(ends) / 2, max(ends) * 2
    panel.plot([low, high], [low, high], color=INK, linewidth=0.8, zorder=1)
    for colour, quantity in zip(COLOURS, dict.fromkeys(row.quantity for row in rows), strict=False):
        label = quantity.replace("_", " ")
        for scored in (False, True):
            some = [row for row in rows if row.quantity == quantity and row.scored is scored]
            if not some:
                continue
            x, y = (np.array([getattr(row, side) for row in some]) for side in ("measured", "predicted"))
            bars = np.abs(np.array([[row.low, row.high] for row in some]).T - y)
            panel.errorbar(
                x, y, yerr=bars, fmt="o", markersize=3.2, linewidth=0.6, color=colour, zorder=2,
                markerfacecolor=colour if scored else "white", label=label if scored else f"{label}, not scored",
            )  # fmt: skip
    panel.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high), title=name)
    panel.set_xlabel(f"measured ({_units(rows)})")
    panel.set_ylabel("predicted")
    panel.legend(fontsize=6.5, frameon=False, loc="upper left")


def _units(rows: Sequence[Row]) -> str:
    return ", ".join(dict.fromkeys("cycles" if row.unit == "1" else row.unit for row in rows))
