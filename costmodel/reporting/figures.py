"""The figures of a report, drawn with plotly: costs per device, and what they are made of."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import plotly.graph_objects as go

from costmodel.estimates.tables import span
from costmodel.graphs.settings.units import pretty
from costmodel.reporting.colours import FAINT, FAMILIES, GREY, INK, OTHERS_FILL, STATIC_FILL, fill, mark, swatch
from costmodel.reporting.labels import place
from costmodel.reporting.study import LEAST, OTHERS, STATIC, Fit, Study, ranked
from costmodel.reporting.words import counted

WIDE, NARROW = 920, 358
"""Widths that figures are drawn for, in pixels: a screen or a printed page, and a phone."""

_HATCH = {"size": 7, "solidity": 0.25, "fillmode": "overlay", "fgcolor": "white", "fgopacity": 0.6}

LETTER = 6.2
"""Mean width of a letter in figures, in pixels."""


@dataclass(frozen=True)
class Figure:
    """A figure: its title, how to read it, its key (a sign as HTML and what it means), and the drawing for a width in pixels."""

    title: str
    caption: str
    key: list[tuple[str, str]]
    draw: Callable[[int], go.Figure]


def figures(study: Study) -> list[Figure]:
    """Costs, and shares of energy and time; none where no device runs the network."""
    if not study.fits:
        return []
    return [
        Figure(
            "Time and energy of a sample on each device",
            "Each point is a device; lower is more frugal, further left is faster. Both axes are logarithmic: each grid line "
            "is ten times the one before. Bars are 90 % intervals; where two overlap, the order of the two devices is uncertain."
            + (" The wide grey line joins the devices that no other beats in both." if len(_front(study.fits)) > 1 else "")
            + (f" {counted(study)}" if counted(study) else ""),
            [
                (mark(colour, sign), family)
                for family, (colour, _, sign) in FAMILIES.items()
                if any(e.family == family for e in study.fits)
            ],
            lambda width: cost(study, width),
        ),
        Figure(
            "Where the energy goes",
            "Each bar is the energy of one sample on a device, split into what it draws whether or not it computes (static) and "
            "the shares that the network's operators cause. The whole is written on the right; the most frugal device comes first.",
            [(swatch(*look), name) for name, look in fills(study.energy_shares, study.shown).items()],
            lambda width: shares(study.energy_shares, study.shown, _energies(study), width),
        ),
        Figure(
            "Which operators take the time",
            "Each bar is the time that operators are busy, added up, and each operator's share of it. Devices that work on several "
            "layers at once finish sooner than this sum; the latency of a sample is written to the right.",
            [(swatch(*look), name) for name, look in fills(study.time_shares, study.shown).items()],
            lambda width: shares(study.time_shares, study.shown, _latencies(study), width),
        ),
        Figure(
            "What the time is spent on",
            "The same time by cause: the largest share is what the table calls “bound by”. Speeding up anything else helps little. "
            "Some causes compete (a device computes while memory delivers): shares say which is larger, not how long each lasts.",
            [(swatch(*look), name) for name, look in fills(study.causes, ranked(study.causes)).items()],
            lambda width: shares(study.causes, ranked(study.causes), _latencies(study), width),
        ),
    ]


def cost(study: Study, width: int) -> go.Figure:
    """Energy against latency with 90 % intervals, coloured and marked by family."""
    found = study.fits
    height = 620 if width > 600 else 700
    margin = {"l": 62, "r": 14, "t": 10, "b": 54, "autoexpand": False}
    size = (width - margin["l"] - margin["r"], height - margin["t"] - margin["b"])
    x = log_axis(min(e.latency.low for e in found), max(e.latency.high for e in found), "s", size[0])
    y = log_axis(min(e.energy.low for e in found), max(e.energy.high for e in found), "J", size[1])
    drawn = go.Figure(layout=base(height, margin))
    front = _front(found)
    drawn.add_scatter(
        x=[e.latency.value for e in front], y=[e.energy.value for e in front], mode="lines",
        line={"color": FAINT, "width": 6}, hoverinfo="skip",
    )  # fmt: skip
    for family, (colour, marker, _) in FAMILIES.items():
        own = [e for e in found if e.family == family]
        if own:
            drawn.add_scatter(
                x=[e.latency.value for e in own], y=[e.energy.value for e in own], name=family, mode="markers",
                marker={"color": colour, "symbol": marker, "size": 10, "line": {"color": "white", "width": 1}},
                error_x=_bars([e.latency for e in own], colour), error_y=_bars([e.energy for e in own], colour),
                hovertext=[_hover(e) for e in own], hoverinfo="text",
            )  # fmt: skip
    drawn.update_xaxes(**x, title_text="latency: time until the answers are out")
    drawn.update_yaxes(**y, title_text="energy of a sample")
    points = [(to_pixel(e.latency.value, x, size[0]), to_pixel(e.energy.value, y, size[1])) for e in found]
    obstacles = []
    for e, (across, up) in zip(found, points, strict=True):
        obstacles.append((to_pixel(e.latency.low, x, size[0]), up - 1.5, to_pixel(e.latency.high, x, size[0]), up + 1.5))
        obstacles.append((across - 1.5, to_pixel(e.energy.low, y, size[1]), across + 1.5, to_pixel(e.energy.high, y, size[1])))
    annotate(drawn, [(e.latency.value, e.energy.value) for e in found], [e.device for e in found], points, obstacles, size)
    return drawn


def shares(rows: Mapping[str, Mapping[str, float]], shown: Mapping[str, int], totals: Mapping[str, str], width: int) -> go.Figure:
    """Stacked horizontal bars, a row per device, with its total to the right; what is not shown by name is summed."""
    rest = _rest(rows, shown)
    left, right = (LETTER * max(len(word) for word in words) for words in (rows, totals.values()))
    top = 26 if width > 600 else 4  # room for the button that saves the figure
    margin = {"l": left + 20, "r": right + 16, "t": top, "b": 24, "autoexpand": False}
    across, up = width - margin["l"] - margin["r"], 26 * len(rows)
    drawn = go.Figure(layout=base(up + top + 24, margin))
    for name, (colour, hatch) in fills(rows, shown).items():
        values = [rest[device] if name == OTHERS else rows[device].get(name, 0.0) for device in rows]
        drawn.add_bar(
            x=values, y=[escape(device) for device in rows], name=escape(name), orientation="h",
            marker={"color": colour, "line": {"color": "white", "width": 0.5}, "pattern": {"shape": hatch, **_HATCH}},
            text=[escape(name) if value * across > LETTER * len(name) + 8 else "" for value in values],
            textposition="inside", insidetextanchor="middle", textangle=0, textfont={"size": 11},
            hovertext=[f"{escape(device)}: {escape(name)} {value:.1%}" for device, value in zip(rows, values, strict=True)],
            hoverinfo="text",
        )  # fmt: skip
    drawn.update_layout(barmode="stack", bargap=0.28)
    ticks = [0, 0.25, 0.5, 0.75, 1] if across > 300 else [0, 0.5, 1]
    drawn.update_xaxes(range=[0, 1], tickvals=ticks, tickformat=".0%", gridcolor=FAINT, fixedrange=True)
    drawn.update_yaxes(autorange="reversed", fixedrange=True, ticks="", ticklabelstandoff=6)
    for device, total in totals.items():
        drawn.add_annotation(
            x=1, xref="paper", y=escape(device), text=total, showarrow=False, xanchor="left", xshift=6, font={"color": GREY}
        )
    return drawn


def fills(rows: Mapping[str, Mapping[str, float]], shown: Mapping[str, int]) -> dict[str, tuple[str, str]]:
    """Series of the bars, in order, with colour and hatch."""
    first = {STATIC: STATIC_FILL} if any(STATIC in row for row in rows.values()) else {}
    last = {OTHERS: OTHERS_FILL} if max(_rest(rows, shown).values()) > LEAST else {}
    return first | {name: fill(rank) for name, rank in shown.items()} | last


def _rest(rows: Mapping[str, Mapping[str, float]], shown: Mapping[str, int]) -> dict[str, float]:
    """Device → share of what is not shown by name."""
    return {
        device: sum(share for name, share in row.items() if name not in shown and name != STATIC) for device, row in rows.items()
    }


def base(height: float, margin: Mapping[str, float | bool]) -> go.Layout:
    """What all figures share: white ground, quiet grid, the page's font, no dragging (a finger scrolls the page)."""
    return go.Layout(
        template="none",
        autosize=True,
        height=height,
        margin=dict(margin),
        paper_bgcolor="white",
        plot_bgcolor="white",
        font={"family": "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif", "size": 12, "color": INK},
        hoverlabel={"bgcolor": "white", "font": {"color": INK}, "align": "left"},
        dragmode=False,
        showlegend=False,
    )


def log_axis(low: float, high: float, unit: str, pixels: float) -> dict:
    """A logarithmic axis over an interval, some room around it, with a tick every few decades, written with units."""
    first, last = math.log10(low), math.log10(high)
    first, last = first - 0.06 * (last - first + 1), last + 0.06 * (last - first + 1)
    step = max(1, math.ceil(46 * (last - first) / pixels))
    powers = range(math.ceil(first), math.floor(last) + 1)
    return {
        "type": "log",
        "range": [first, last],
        "tickvals": [10.0**power for power in powers],
        "ticktext": [pretty(10.0**power, unit) if power % step == 0 else "" for power in powers],
        "gridcolor": FAINT,
        "zeroline": False,
        "showline": True,
        "linecolor": GREY,
    }


def to_pixel(value: float, axis: Mapping, pixels: float) -> float:
    """Where a value lies on a logarithmic axis."""
    first, last = axis["range"]
    return (math.log10(value) - first) / (last - first) * pixels


def annotate(
    drawn: go.Figure,
    at: Sequence[tuple[float, float]],
    names: Sequence[str],
    points: Sequence,
    obstacles: Sequence,
    size: tuple[float, float],
    **axes: str,
) -> None:
    """Writes names beside points of logarithmic axes, with a thin line where one had to move away."""
    boxes = [(LETTER * len(name) + 2, 14) for name in names]
    offsets = place(points, boxes, obstacles, (0, 0, *size))
    for (x, y), name, (dx, dy), (width, _) in zip(at, names, offsets, boxes, strict=True):
        far = abs(dx) > width / 2 + 14 or abs(dy) > 24
        drawn.add_annotation(
            x=math.log10(x), y=math.log10(y), ax=dx, ay=-dy, text=escape(name), font={"size": 11}, showarrow=True, arrowhead=0,
            arrowwidth=0.8, arrowcolor=GREY if far else "rgba(0,0,0,0)", standoff=6, borderpad=0, **axes,
        )  # fmt: skip


def _front(found: Sequence[Fit]) -> list[Fit]:
    """Those that no other beats in both latency and energy, the fastest first."""
    front: list[Fit] = []
    for e in sorted(found, key=lambda e: (e.latency.value, e.energy.value)):
        if not front or e.energy.value < front[-1].energy.value:
            front.append(e)
    return front


def _bars(intervals: Sequence, colour: str) -> dict:
    return {
        "type": "data", "symmetric": False, "color": colour, "thickness": 1.2, "width": 0,
        "array": [i.high - i.value for i in intervals], "arrayminus": [i.value - i.low for i in intervals],
    }  # fmt: skip


def _hover(e: Fit) -> str:
    latency = f"{pretty(e.latency.value, 's')} ({span(e.latency, 's')})"
    energy = f"{pretty(e.energy.value, 'J')} ({span(e.energy, 'J')})"
    return f"<b>{escape(e.device)}</b><br>latency {latency}<br>energy {energy}<br>bound by {e.bound_by}"


def _energies(study: Study) -> dict[str, str]:
    return {e.device: pretty(e.energy.value, "J") for e in study.fits}


def _latencies(study: Study) -> dict[str, str]:
    return {e.device: pretty(e.latency.value, "s") for e in study.fits}
