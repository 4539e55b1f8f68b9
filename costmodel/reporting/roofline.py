"""The roofline figure: what a processor could attain on each operator of the network, and what it does attain."""

import math
from dataclasses import dataclass
from html import escape

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from costmodel.devices.bases.roofline import Roofline
from costmodel.estimates.estimating import Estimator
from costmodel.graphs.equations.algebra import Value
from costmodel.graphs.settings.units import pretty
from costmodel.reporting.colours import GREY, INK, mark
from costmodel.reporting.figures import Figure, annotate, base, log_axis, to_pixel
from costmodel.reporting.labels import Box
from costmodel.reporting.study import Study

_BOUND = {
    "launch": ("#D55E00", "circle-open", "○"),
    "arithmetic": ("#0072B2", "square", "■"),
    "memory": ("#009E73", "diamond", "◆"),
}
"""Colour, marker, and the marker as a character, of what an operator is bound by."""

_DRAWN = 60
"""Points of a device that are drawn."""

_LABELLED, _APART = 6, 16
"""Points of a device that are named in the figure, and how far apart they must lie, in pixels; all are named when pointed at."""


@dataclass(frozen=True)
class Point:
    """An operator on a processor: operations per byte moved, operations per second attained, and what it is bound by."""

    name: str
    intensity: float
    attained: float
    bound: str
    time: float


def points(study: Study, estimator: Estimator) -> list[Point]:
    """The operators of a workload that compute something, those that take most time first.

    Operations and bytes are read off a twin of the device that is never short of parallel work and never misses its cache:
    there the bounds are operations / peak and bytes / cache bandwidth.
    """
    part, columns, found = estimator.part, estimator.columns(), []
    device, twin = part.device(part.values), part.device({**part.values, "saturation": 1e-30, "cache": 1e30})
    _, bandwidth, peak, _ = _roofs(estimator)[0]
    for kind, op in columns.operators.items():
        cost, ideal, rows = device.cost(op), twin.cost(op).bounds, columns.rows[kind]
        if not set(_BOUND) <= set(ideal):
            continue
        time, ops, moved = (
            _column(value, len(rows)) for value in (cost.time, ideal["arithmetic"] * peak, ideal["memory"] * bandwidth)
        )
        bounds = {name: _column(value, len(rows)) for name, value in cost.bounds.items()}
        for j, row in enumerate(rows):
            if ops[j] > 0 and moved[j] > 0:
                bound = max(bounds, key=lambda name: bounds[name][j])
                busy = float(time[j] * columns.executions[row, 0])
                found.append(Point(study.operators[row], float(ops[j] / moved[j]), float(ops[j] / time[j]), bound, busy))
    return sorted(found, key=lambda point: -point.time)


def _column(value: Value, rows: int) -> np.ndarray:
    return np.broadcast_to(value, (rows, 1))[:, 0]


def roofline(study: Study) -> Figure | None:
    """The figure, a panel per processor that runs the network; None where there is none."""
    fitting = {e.device for e in study.fits}
    chosen = [s for s in study.estimators if issubclass(s.part.device, Roofline) and s.part.name in fitting]
    panels = [(estimator, found) for estimator in chosen if (found := points(study, estimator))]
    cut = any(len(found) > _DRAWN for _, found in panels)
    panels = [(estimator, found[:_DRAWN]) for estimator, found in panels]
    if not panels:
        return None
    return Figure(
        "Rooflines of the processors",
        "A processor attains no more operations a second than the roof: on the left it waits for bytes (the slopes: from cache, "
        "solid; from main memory, dotted), on the right for its arithmetic units (the flat part). Each point is an operator of the "
        "network at one step. Open circles lie below the roof because dispatching an operator takes longer than computing it: "
        "a larger batch, or fusing operators, lifts them; a faster processor does not. Squares wait for arithmetic (below the roof "
        "where the operator is too small to fill the units), diamonds for memory. "
        + (
            f"Only the {_DRAWN} operators that take most time are drawn." if cut else "The operators that take most time are named."
        ),
        [(mark(colour, sign), f"bound by {bound}") for bound, (colour, _, sign) in _BOUND.items()],
        lambda width: _drawn(panels, width),
    )


def _drawn(panels: list[tuple[Estimator, list[Point]]], width: int) -> go.Figure:
    columns = min(len(panels), 1 if width < 600 else 3 if len(panels) != 2 else 2)
    rows = math.ceil(len(panels) / columns)
    inner, gap = 250, 74
    margin = {"l": 88, "r": 12, "t": 26, "b": 52, "autoexpand": False}
    up, between = rows * inner + (rows - 1) * gap, 30
    across = (width - margin["l"] - margin["r"] - (columns - 1) * between) / columns
    drawn = make_subplots(
        rows, columns, shared_xaxes="all", shared_yaxes="all",
        horizontal_spacing=between / (width - margin["l"] - margin["r"]), vertical_spacing=gap / up,
        subplot_titles=[escape(estimator.part.name) for estimator, _ in panels],
    )  # fmt: skip
    titles = drawn.layout.annotations
    drawn.update_layout(base(up + margin["t"] + margin["b"], margin))
    drawn.layout.annotations = titles
    drawn.update_annotations(font={"size": 13, "color": INK}, yshift=2)
    every = [point for _, found in panels for point in found]
    highest = max(_roofs(estimator)[0][2] for estimator, _ in panels)
    x = log_axis(min(p.intensity for p in every) / 2, max(10.0, *(p.intensity * 2 for p in every)), "", across)
    y = log_axis(min(p.attained for p in every), highest, "op/s", inner)
    for i, (estimator, found) in enumerate(panels):
        row, column = i // columns + 1, i % columns + 1
        _panel(drawn, estimator, found, x, (row, column))
        _name(drawn, estimator, found, x, y, (across, inner), number=str(i + 1) if i else "")
        drawn.update_xaxes(showticklabels=True, row=row, col=column)
        if i + columns >= len(panels):
            drawn.update_xaxes(title_text="operations per byte moved", row=row, col=column)
    drawn.update_xaxes(**x)
    drawn.update_yaxes(**y)
    drawn.update_yaxes(title_text="operations per second", col=1)
    return drawn


def _panel(drawn: go.Figure, estimator: Estimator, found: list[Point], x: dict, at: tuple[int, int]) -> None:
    """One processor: its roofs and its operators."""
    row, column = at
    first, last = (10.0**end for end in x["range"])
    for name, bandwidth, peak, dash in _roofs(estimator):
        ends = sorted({first, min(max(peak / bandwidth, first), last), last})
        drawn.add_scatter(
            x=ends, y=[min(peak, bandwidth * end) for end in ends], mode="lines", line={"color": GREY, "width": 1.5, "dash": dash},
            hovertext=f"roof of {name}: {pretty(bandwidth, 'B/s')}, {pretty(peak, 'op/s')}", hoverinfo="text",
            row=row, col=column,
        )  # fmt: skip
    for bound, (colour, marker, _) in _BOUND.items():
        own = [p for p in found if p.bound == bound]
        drawn.add_scatter(
            x=[p.intensity for p in own], y=[p.attained for p in own], mode="markers",
            marker={"color": colour, "symbol": marker, "size": 8, "line": {"width": 1.6 if "open" in marker else 0}},
            hovertext=[f"{escape(p.name)}: {pretty(p.attained, 'op/s')} at {p.intensity:.2g} op/B, bound by {bound}" for p in own],
            hoverinfo="text", row=row, col=column,
        )  # fmt: skip


def _name(
    drawn: go.Figure, estimator: Estimator, found: list[Point], x: dict, y: dict, size: tuple[float, float], *, number: str
) -> None:
    """Names the operators that take most time, where they do not lie on one another."""
    places = [(to_pixel(p.intensity, x, size[0]), to_pixel(p.attained, y, size[1])) for p in found]
    named: list[int] = []
    for i, place in enumerate(places):
        if len(named) < _LABELLED and all(math.dist(place, places[j]) > _APART for j in named):
            named.append(i)
    obstacles = _obstacles(estimator, x, y, *size) + [(across - 6, up - 6, across + 6, up + 6) for across, up in places]
    at, names = [(found[i].intensity, found[i].attained) for i in named], [found[i].name for i in named]
    annotate(drawn, at, names, [places[i] for i in named], obstacles, size, xref=f"x{number}", yref=f"y{number}")


def _roofs(estimator: Estimator) -> list[tuple[str, float, float, str]]:
    """Name, bandwidth (B/s), peak (op/s) and dash of the roofs."""
    f_ops, efficiency, cache, memory = (
        float(estimator.part.values[name] or 0) for name in ("f_ops", "efficiency", "b_cache", "b_memory")
    )
    return [("cache", cache, f_ops * efficiency, "solid"), ("main memory", memory, f_ops * efficiency, "dot")]


def _obstacles(estimator: Estimator, x: dict, y: dict, across: float, up: float) -> list[Box]:
    """The roofs as small boxes, for labels to keep away from."""
    boxes = []
    for step in np.linspace(x["range"][0], x["range"][1], round(across / 5)):
        for _, bandwidth, peak, _ in _roofs(estimator):
            left, low = to_pixel(10.0**step, x, across), to_pixel(min(peak, bandwidth * 10.0**step), y, up)
            boxes.append((left - 2.5, low - 2.5, left + 2.5, low + 2.5))
    return boxes
