"""The page of a report: its sections as HTML, everything that came from outside escaped."""

import json
from collections.abc import Iterator
from html import escape

from plotly.offline import get_plotlyjs

from costmodel.devices.device import Limit
from costmodel.estimates.interval import Interval
from costmodel.estimates.tables import span
from costmodel.graphs.settings.units import pretty
from costmodel.reporting.drawing import drawing, legend
from costmodel.reporting.figures import NARROW, WIDE, Figure, figures
from costmodel.reporting.layers import MOST
from costmodel.reporting.roofline import roofline
from costmodel.reporting.sliders.whatif import WhatIf, asset
from costmodel.reporting.sources import sources
from costmodel.reporting.study import SERIES, Fit, Study
from costmodel.reporting.style import FRAME, SCRIPT, STYLE
from costmodel.reporting.table import table
from costmodel.reporting.words import plural, summary


def page(study: Study) -> str:
    """The whole page: it loads nothing from anywhere."""
    drawn = [figure for figure in (*figures(study), roofline(study)) if figure is not None]
    whatif = WhatIf(study)
    content = [*_head(study), *_costs(study), *whatif.html(), *_unfit(study), *_figures(study, drawn)]
    content += [*_widths(study), *sources(study)]
    scripts = "\n".join((_scripts(drawn), whatif.scripts()))
    title = escape(f"What {study.workload.network.name} costs")
    return FRAME.substitute(title=title, style=STYLE + asset("whatif.css"), content="\n".join(content), scripts=scripts)


def _head(study: Study) -> Iterator[str]:
    yield f"<h1>What {escape(study.workload.network.name)} costs on {plural(len(study.parts), 'device')}</h1>"
    yield f'<p class="summary">{escape(" ".join(summary(study)))}</p>'


def _costs(study: Study) -> Iterator[str]:
    if not study.fits:
        return
    what = "one inference" if study.workload.rule is None else f"one training step under {escape(study.workload.rule)}"
    yield "<h2>Costs of a sample</h2>"
    yield (
        f'<p class="quiet">Estimates of {what}, the most frugal device first; the best latency and energy are bold. Below '
        "a name stand its family, what its energy counts (the chip, its board, or the system with its host), and how it is fed "
        "where that is a choice; below a figure its 90 % interval: the truth lies inside nine times out of ten, as far as the "
        "intervals of its inputs are right. Static energy flows whether or not the device computes, dynamic energy because it "
        "does. The price of a million samples is rent where a device is rented by the hour, else its purchase over lifetime and "
        "utilisation, and electricity; a dash where it is not for sale.</p>"
    )
    best = {"s": min(e.latency.value for e in study.fits), "J": min(e.energy.value for e in study.fits)}
    columns = ("device", "latency", "energy", "static", "dynamic", "power")
    columns += ("samples per second", "area", "USD per million", "bound by")
    yield table(columns, (_cost_row(e, best) for e in study.fits), "costs", "Costs per device", numbers=range(1, 9))


def _cost_row(e: Fit, best: dict[str, float]) -> list[str]:
    """Cells of a device that fits."""
    return [
        f'{escape(e.device)}<span class="under">{escape(" · ".join(_counted(e)))}</span>',
        _cost(e.latency, "s", best),
        _cost(e.energy, "J", best),
        escape(pretty(e.static, "J")),
        escape(pretty(e.dynamic, "J")),
        escape(pretty(e.power, "W", 2)),
        escape(pretty(e.throughput)),
        escape(pretty(e.area, "m**2")),
        "–" if e.price is None else f"{e.price * 1e6:.3g}",
        escape(e.bound_by),
    ]


def _counted(e: Fit) -> Iterator[str]:
    """The family, what the energy counts, and how the device is fed."""
    yield from (e.family, e.boundary, *([e.host] if e.host else []))


def _widths(study: Study) -> Iterator[str]:
    """What makes the intervals, device by device."""
    if not study.fits:
        return
    yield "<h2>What makes the intervals</h2>"
    yield (
        '<p class="quiet">The inputs that an interval hangs on, with their shares of it. Activity is measured by a run of the '
        "network; how a device is fed is said by --set host; the others are constants of it, whose measurement would narrow it. "
        "<code>costmodel explain</code> tells what would narrow each.</p>"
    )
    rows = ([escape(name), escape(told["latency"] or "–"), escape(told["energy"] or "–")] for name, told in study.widths.items())
    yield table(("device", "of the latency", "of the energy"), rows, "widths", "What makes the intervals, per device")


def _cost(interval: Interval, unit: str, best: dict[str, float]) -> str:
    """A cost with its interval below; bold where it is the best."""
    kind = "best" if interval.value == best[unit] else "usual"
    under = "exact" if interval.low == interval.high else span(interval, unit)
    return f'<span class="{kind}">{escape(pretty(interval.value, unit))}</span><span class="under">{escape(under)}</span>'


def _unfit(study: Study) -> Iterator[str]:
    """Devices that do not run it, those together that lack the same."""
    if not study.unfit:
        return
    lacking: dict[tuple[str, ...], list[str]] = {}
    for e in study.unfit:
        lacking.setdefault(tuple(_reason(limit) for limit in e.violations), []).append(e.device)
    yield "<h2>Devices that cannot run it as it is</h2>"
    yield '<p class="quiet">What each lacks, and what would make the network fit.</p><dl class="unfit">'
    for reasons, devices in lacking.items():
        yield f"<dt>{escape(', '.join(devices))}</dt>" + "".join(f"<dd>{escape(reason)}</dd>" for reason in reasons)
    yield "</dl>"


def _reason(limit: Limit) -> str:
    levers = f" Try: {'; '.join(limit.levers)}." if limit.levers else ""
    return f"{limit.limit}: needs {_amount(limit.needs)}, has {_amount(limit.has)}.{levers}"


def _amount(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else f"{value:.4g}"


def _figures(study: Study, drawn: list[Figure]) -> Iterator[str]:
    yield "<h2>Figures</h2>"
    yield "<noscript><p>All figures but the last need JavaScript; the tables hold the same numbers.</p></noscript>"
    if len(study.operators) > SERIES:
        count = f"{len(study.operators):,}"
        yield f'<p class="quiet">Of the network\'s {count} operators, bars name the largest and sum the others by what they do.</p>'
    for number, figure in enumerate(drawn, start=1):
        title = f"Figure {number}. {figure.title}"
        plot = f'<div class="plot" data-figure="{number - 1}" role="img" aria-label="{title}"></div>'
        yield f"<figure><h3>{title}</h3>{_key(figure.key)}{plot}<figcaption>{figure.caption}</figcaption></figure>"
    caption = (
        "Spikes and values run downwards, from layer to layer; dashed curves run back (recurrent connections). Beside each node "
        "stand its type, its size, and its rate: the share of its elements that sends something at a time step."
    )
    if len(study.workload.network.nodes) > MOST:
        caption += f" The {MOST} largest of {len(study.workload.network.nodes):,} nodes are drawn; the others are gathered."
    title = f"Figure {len(drawn) + 1}. The network"
    yield f"<figure><h3>{title}</h3>{_key(legend())}{drawing(study)}<figcaption>{caption}</figcaption></figure>"


def _key(signs: list[tuple[str, str]]) -> str:
    return '<ul class="key">' + "".join(f"<li>{sign} {escape(word)}</li>" for sign, word in signs) + "</ul>"


def _scripts(drawn: list[Figure]) -> str:
    """plotly.js once, the figures as JSON, and the script that draws them; nothing where there is no figure."""
    if not drawn:
        return ""
    both = [{"wide": figure.draw(WIDE).to_plotly_json(), "narrow": figure.draw(NARROW).to_plotly_json()} for figure in drawn]
    data = json.dumps(both, ensure_ascii=False, default=list).replace("<", "\\u003c")
    scripts = (f"<script>{get_plotlyjs()}</script>", f'<script type="application/json" id="figures">{data}</script>')
    return "\n".join((*scripts, f"<script>{SCRIPT}</script>"))
