"""Figures of a run: its learning curve, what it confuses, and one sample's spikes and membranes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter, LogLocator, MaxNLocator, NullFormatter

from costmodel.graphs.settings.units import prefixed

INK, ACCENT, SOFT = "#1f2933", "#2166ac", "#b2182b"
MOST_NEURONS = 200
"""Neurons of a population that a raster shows."""

MOST_MEMBRANES = 5
"""Membranes of a population that are drawn."""

STYLE: Any = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "figure.constrained_layout.use": True,
}


def learning_curve(epochs: Sequence[Mapping[str, Any]]) -> Figure:
    """Loss, and accuracy or sMAPE of the test set, over epochs."""
    number = [epoch["epoch"] for epoch in epochs]
    classes = epochs[0]["accuracy"] is not None
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.4, 2.8))
        left, right = figure.subplots(1, 2)
        left.plot(number, [epoch["loss"] for epoch in epochs], color=INK)
        losses = [epoch["loss"] for epoch in epochs]
        wide = min(losses) > 0 and max(losses) > 10 * min(losses)
        left.set(xlabel="epoch", ylabel="training loss", yscale="log" if wide else "linear")
        if wide:
            left.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            left.yaxis.set_major_formatter(FormatStrFormatter("%g"))
            left.yaxis.set_minor_formatter(NullFormatter())
        if classes:
            right.plot(number, [100 * epoch["train_accuracy"] for epoch in epochs], color=INK, alpha=0.5, label="training")
            right.plot(number, [100 * epoch["accuracy"] for epoch in epochs], color=ACCENT, label="test")
            right.legend(frameon=False)
        else:
            right.plot(number, [epoch["smape"] for epoch in epochs], color=ACCENT)
        right.set(xlabel="epoch", ylabel="accuracy, %" if classes else "sMAPE of the test set, %")
        for axes in (left, right):
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def confusion(counts: np.ndarray) -> Figure:
    """Samples of each class (rows) by what they were taken for (columns)."""
    with mpl.rc_context(STYLE):
        size = 1.6 + 0.32 * max(counts.shape)
        figure = Figure(figsize=(size, size))
        axes = figure.subplots()
        share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
        for (i, j), count in np.ndenumerate(counts):
            if count:
                axes.text(j, i, f"{count}", ha="center", va="center", fontsize=7, color="white" if share[i, j] > 0.5 else INK)
        axes.set(xlabel="taken for", ylabel="class", xticks=range(counts.shape[1]), yticks=range(counts.shape[0]))
        axes.spines[:].set_visible(False)
    return figure


def raster(spikes: Mapping[str, tuple[np.ndarray, np.ndarray]], sizes: Mapping[str, int], duration: float) -> Figure:
    """When which neuron spikes in one sample, a panel per population.

    Args:
        spikes: population → (times, s; neurons).
        sizes: population → neurons that it has.
        duration: of the sample, s.
    """
    scale, unit = prefixed(duration, "s")
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.4, 0.8 + 1.3 * len(spikes)))
        panels = figure.subplots(len(spikes), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (name, (times, neurons)) in zip(panels, spikes.items(), strict=True):
            shown = neurons < MOST_NEURONS
            axes.scatter(times[shown] / scale, neurons[shown], marker="|", s=12, linewidths=0.8, color=INK)
            axes.set(ylabel=name, xlim=(0, duration / scale), ylim=(-0.5, min(sizes[name], MOST_NEURONS) - 0.5))
            axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        panels[-1].set_xlabel(f"time, {unit}")
    return figure


def membranes(traces: Mapping[str, np.ndarray], dt: float) -> Figure:
    """Membranes of one sample, a panel per population.

    Args:
        traces: population → (T, neurons), V.
        dt: length of a time step, s.
    """
    duration = dt * max(len(trace) for trace in traces.values())
    scale, unit = prefixed(duration, "s")
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.4, 0.8 + 1.3 * len(traces)))
        panels = figure.subplots(len(traces), 1, sharex=True, squeeze=False)[:, 0]
        for axes, (name, trace) in zip(panels, traces.items(), strict=True):
            clock = (np.arange(len(trace)) + 1) * dt / scale
            for k, one in enumerate(trace.T[:MOST_MEMBRANES]):
                axes.plot(clock, one, color=mpl.colormaps["viridis"](k / MOST_MEMBRANES), linewidth=0.9)
            axes.set(ylabel=f"{name}, V", xlim=(0, duration / scale))
        panels[-1].set_xlabel(f"time, {unit}")
    return figure


def save(figure: Figure, path: Path) -> None:
    """Writes a figure whole, or not at all."""
    temporary = path.with_name(f".{path.name}")
    figure.savefig(temporary, dpi=144, format=path.suffix.removeprefix("."))
    temporary.replace(path)
