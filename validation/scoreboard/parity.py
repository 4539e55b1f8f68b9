"""Predicted against measured, every row of every family, on logarithmic axes."""

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from costmodel.validation.records.figures import ACCENT, INK, SOFT, STYLE
from costmodel.validation.scoreboard.score import Row

COLOURS = (ACCENT, SOFT, "#4d9221", "#8073ac", "#b35806")
"""Of a family's quantities, in the order in which they come."""

MOST_IN_A_ROW = 4
UNITS = {"s": "seconds", "J": "joules", "B": "bytes", "1": "cycles"}


def parity(families: Mapping[str, Sequence[Row]]) -> Figure:
    """A panel for each family and unit: scored rows filled, rows that are only shown hollow; bars are 90 % intervals.

    Args:
        families: name → rows, those with at least one.
    """
    panels: dict[tuple[str, str], list[Row]] = {}
    for name, rows in families.items():
        for row in rows:
            panels.setdefault((name, row.unit), []).append(row)
    across = min(len(panels), MOST_IN_A_ROW)
    down = -(-len(panels) // across)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(2.9 * across, 2.9 * down))
        axes = np.ravel(figure.subplots(down, across, squeeze=False))
        for panel, ((name, unit), rows) in zip(axes, panels.items(), strict=False):
            _panel(panel, name, UNITS.get(unit, unit), rows)
        for empty in axes[len(panels) :]:
            empty.set_axis_off()
    return figure


def _panel(panel: Any, name: str, unit: str, rows: Sequence[Row]) -> None:
    """One family's quantities of one unit."""
    ends = [value for row in rows for value in (row.measured, row.predicted)]
    low, high = min(ends) / 2, max(ends) * 2
    panel.plot([low, high], [low, high], color=INK, linewidth=0.8, zorder=1)
    for colour, quantity in zip(COLOURS, dict.fromkeys(row.quantity for row in rows), strict=False):
        for scored in (False, True):
            some = [row for row in rows if row.quantity == quantity and row.scored is scored]
            if not some:
                continue
            x, y = (np.array([getattr(row, side) for row in some]) for side in ("measured", "predicted"))
            bars = np.abs(np.array([[row.low, row.high] for row in some]).T - y)
            panel.errorbar(
                x, y, yerr=bars, fmt="o", markersize=3.2, linewidth=0.6, color=colour, zorder=2,
                markerfacecolor=colour if scored else "white", label=quantity.replace("_", " ") if scored else None,
            )  # fmt: skip
    panel.set(xscale="log", yscale="log", xlim=(low, high), ylim=(low, high), title=f"{name}, {unit}")
    panel.set_xlabel("measured")
    panel.set_ylabel("predicted")
    if panel.get_legend_handles_labels()[0]:
        panel.legend(fontsize=6.5, frameon=False, loc="upper left")
