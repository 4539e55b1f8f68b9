"""Figures of sensitivities and crossovers."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from costmodel.deciding.costs import METRICS
from costmodel.deciding.crossing import Line, Map
from costmodel.deciding.sensitivities import Sensitivities
from costmodel.graphs.settings.units import prefixed, pretty

FIRST, SECOND, INK = "#2166ac", "#b2182b", "#1f2933"

STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
    "svg.hashsalt": "costmodel",
}

MOST_BARS = 15
"""Parameters that a tornado shows."""


def draw(found: Line | Map | Sensitivities, path: Path) -> None:
    """Writes the figure of an answer; the format is the file's ending."""
    with mpl.rc_context(STYLE):
        figure = tornado(found) if isinstance(found, Sensitivities) else line(found) if isinstance(found, Line) else leads(found)
        figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def line(found: Line) -> Figure:
    """Both costs over the parameter, the crossings marked."""
    figure = Figure(figsize=(6.0, 3.6))
    axes = figure.subplots()
    kept = found.points > 0
    scale, unit = prefixed(float(np.median(found.costs)), METRICS[found.metric]) if found.costs.size else (1.0, "")
    for name, costs, colour, dash in zip(found.devices, found.costs, (FIRST, SECOND), ("-", "--"), strict=True):
        axes.loglog(found.points[kept], costs[kept] / scale, dash, color=colour, label=name)
    for place in found.crossings:
        axes.axvline(place, color=INK, linewidth=0.7)
        axes.annotate(found.over.pretty(place), (place, 1), xycoords=("data", "axes fraction"), ha="center", va="bottom")
    axes.set_xlabel(_named(found.over.name, found.over.unit))
    axes.set_ylabel(_named(found.metric, unit))
    axes.legend(frameon=False)
    return figure


def leads(found: Map) -> Figure:
    """How many times better the first device is, over both parameters, and the line where they are equal."""
    figure = Figure(figsize=(6.0, 4.2))
    axes = figure.subplots()
    better = np.log10(found.ratio) * (1 if found.metric == "throughput" else -1)
    most = max(float(np.nanmax(np.abs(better), initial=0.0)), 0.1)
    drawn = axes.pcolormesh(found.across, found.down, better, cmap="RdBu", vmin=-most, vmax=most, shading="nearest")
    if np.nanmin(better) < 0 < np.nanmax(better):
        axes.contour(found.across, found.down, better, levels=[0.0], colors=INK, linewidths=1)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(_named(found.over[0].name, found.over[0].unit))
    axes.set_ylabel(_named(found.over[1].name, found.over[1].unit))
    one, other = found.devices
    figure.colorbar(drawn, label=f"{found.metric}: powers of ten by which\n{one} beats {other}")
    return figure


def tornado(found: Sensitivities) -> Figure:
    """The metric at either end of each parameter's 90 % interval, the widest first."""
    swings = [row for row in found.rows if row.at_low is not None and row.at_high is not None and row.at_low != row.at_high]
    swings.sort(key=lambda row: abs(np.log((row.at_high or 1e-300) / (row.at_low or 1e-300))))
    swings = swings[-MOST_BARS:]
    figure = Figure(figsize=(6.0, 0.8 + 0.28 * max(len(swings), 1)))
    axes = figure.subplots()
    scale, unit = prefixed(found.value, found.unit)
    for i, row in enumerate(swings):
        for end, cost, colour in ((row.low, row.at_low, FIRST), (row.high, row.at_high, SECOND)):
            length = ((cost or 0.0) - found.value) / scale
            axes.barh(i, length, left=found.value / scale, color=colour, height=0.7)
            aside = "right" if length < 0 else "left"
            if length:
                axes.annotate(f" {pretty(end, row.unit, 2)} ", ((cost or 0.0) / scale, i), ha=aside, va="center", fontsize=7)
    axes.set_yticks(range(len(swings)), [row.parameter for row in swings])
    axes.axvline(found.value / scale, color=INK, linewidth=0.7)
    axes.margins(x=0.15)
    axes.set_xlabel(f"{_named(found.metric, unit)} on {found.device}\nblue at the low end of each 90 % interval, red at the high")
    return figure


def _named(name: str, unit: str) -> str:
    return name if unit in ("", "1") else f"{name} ({unit})"
