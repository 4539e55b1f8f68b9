"""The page of a report: its sections as HTML, everything that came from outside escaped."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape

from plotly.offline import get_plotlyjs

from costmodel.commands.estimate import span
from costmodel.interval import Interval
from costmodel.report.drawing import drawing, legend
from costmodel.report.figures import NARROW, WIDE, Figure, figures
from costmodel.report.layers import MOST
from costmodel.report.roofline import roofline
from costmodel.report.study import SERIES, Fit, Study
from costmodel.report.style import FRAME, SCRIPT, STYLE
from costmodel.report.words import summary
from devices.device import Limit
from devices.part import Constant, Part
from graphs.units import pretty


def page(study: Study) -> str:
    """The whole page: it loads nothing from anywhere."""
    drawn = [figure for figure in (*figures(study), roofline(study)) if figure is not None]
    content = [
        *_head(study),
        *_costs(study),
        *_unfit(study),
        *_figures(study, drawn),
        *_assumptions(study),
        *_rates(study),
        *_constants(study),
    ]
    return FRAME.substitute(
        title=escape(f"What {study.workload.network.name} costs"), style=STYLE, content="\n".join(content), scripts=_scripts(drawn)
    )


def _head(study: Study) -> Iterator[str]:
    yield f"<h1>What {escape(study.workload.network.name)} costs on {_counted(len(study.parts), 'device')}</h1>"
    yield f'<p class="summary">{escape(" ".join(summary(study)))}</p>'


def _costs(study: Study) -> Iterator[str]:
    if not study.fits:
        return
    yield "<h2>Costs of a sample</h2>"
    what = "of one inference" if study.workload.rule is None else f"of one training step under {escape(study.workload.rule)}"
    yield (
        f'<p class="quiet">Estimates {what}, the most frugal device first; the best latency and energy are bold. Below a figure stands its 90 % '
        "interval: the truth lies inside nine times out of ten, as far as the intervals of its inputs are right. Static energy flows whether "
        "or not the device computes, dynamic energy because it does.</p>"
    )
    best = {"latency": min(e.latency.value for e in study.fits), "energy": min(e.energy.value for e in study.fits)}
    rows = (_cost_row(e, best) for e in study.fits)
    columns = (
        "device",
        "latency",
        "energy",
        "static",
        "dynamic",
        "power",
        "samples per second",
        "area",
        "USD per million",
        "bound by",
    )
    yield _table(columns, rows, "costs", "Costs per device", numbers=range(1, 9))


def _cost_row(e: Fit, best: dict[str, float]) -> list[str]:
    """Cells of a device that fits."""

    def cell(name: str, interval: Interval, unit: str) -> str:
        number = escape(pretty(interval.value, unit))
        under = "exact" if interval.low == interval.high else escape(span(interval, unit))
        return (
            f'<span class="best">{number}</span>' if interval.value == best[name] else number
        ) + f'<span class="under">{under}</span>'

    return [
        f'{escape(e.device)}<span class="under">{escape(e.family)}</span>',
        cell("latency", e.latency, "s"),
        cell("energy", e.energy, "J"),
        escape(pretty(e.static, "J")),
        escape(pretty(e.dynamic, "J")),
        escape(pretty(e.power, "W", 2)),
        escape(pretty(e.throughput, "")),
        escape(pretty(e.area, "m**2")),
        "–" if e.price is None else f"{e.price * 1e6:.3g}",
        escape(e.bound_by or "–"),
    ]


def _unfit(study: Study) -> Iterator[str]:
    if not study.unfit:
        return
    yield "<h2>Devices that cannot run it as it is</h2>"
    yield '<p class="quiet">What each lacks, and what would make the network fit.</p><dl class="unfit">'
    for e in study.unfit:
        yield f"<dt>{escape(e.device)}</dt>" + "".join(f"<dd>{escape(_reason(limit))}</dd>" for limit in e.violations)
    yield "</dl>"


def _reason(limit: Limit) -> str:
    tried = f" Try: {'; '.join(limit.levers)}." if limit.levers else ""
    return f"{limit.limit}: needs {_amount(limit.needs)}, has {_amount(limit.has)}.{tried}"


def _amount(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,.0f}" if value == int(value) or value >= 1000 else f"{value:.4g}"


def _figures(study: Study, drawn: list[Figure]) -> Iterator[str]:
    yield "<h2>Figures</h2>"
    yield "<noscript><p>The figures need JavaScript; the tables hold the same numbers.</p></noscript>"
    if len(study.operators) > MOST:
        yield f'<p class="quiet">The network has {len(study.operators):,} operators; figures name the {MOST} largest and sum up the rest.</p>'
    for number, figure in enumerate(drawn, start=1):
        title = f"Figure {number}. {figure.title}"
        yield f"<figure><h3>{title}</h3>{_key(figure.key)}"
        yield f'<div class="plot" data-figure="{number - 1}" role="img" aria-label="{title}"></div><figcaption>{figure.caption}</figcaption></figure>'
    yield f"<figure><h3>Figure {len(drawn) + 1}. The network</h3>{_key(legend())}{drawing(study)}"
    yield (
        "<figcaption>Spikes and values run downwards, from layer to layer; dashed curves run back (recurrent connections). Beside each node "
        "stand its type, its size, and the rate used: the share of its elements that sends something at a time step.</figcaption></figure>"
    )


def _key(signs: list[tuple[str, str]]) -> str:
    return '<ul class="key">' + "".join(f"<li>{sign} {escape(word)}</li>" for sign, word in signs) + "</ul>"


def _assumptions(study: Study) -> Iterator[str]:
    yield "<h2>Assumptions</h2><ul>"
    for note in study.notes:
        yield f"<li>{escape(note)}</li>"
    yield "<li>Costs come from equations over the network's work and the constants listed below; nothing was run on the devices.</li>"
    yield "<li>Intervals combine the intervals of these constants and of the rates, taken as independent; they hold no error of the equations.</li></ul>"
    provenance = study.workload.network.settings.provenance
    if provenance:
        text = provenance if isinstance(provenance, str) else json.dumps(provenance, ensure_ascii=False)
        yield f"<h3>Where the network comes from</h3><p>{escape(text)}</p>"


def _rates(study: Study) -> Iterator[str]:
    yield "<h2>Rates</h2>"
    if not study.rates:
        yield "<p>No node has a rate of its own: every node sends a value at every step.</p>"
        return
    yield '<p class="quiet">How often each node sends something: events per element and time step.</p>'
    rows = (
        [
            escape(r.node),
            f"{r.mean:.3g}",
            "exact" if r.low == r.high else f"{r.low:.3g} – {r.high:.3g}",
            escape(r.kind),
            escape(r.source),
        ]
        for r in study.rates[: 10 * MOST]
    )
    yield _table(("node", "rate", "90 % interval", "kind", "source"), rows, "rates", "Rates per node", numbers=(1, 2))
    if len(study.rates) > 10 * MOST:
        yield f'<p class="quiet">{len(study.rates) - 10 * MOST:,} more nodes are left out here; the network file has them all.</p>'


def _constants(study: Study) -> Iterator[str]:
    yield "<h2>Constants of the devices</h2>"
    yield '<p class="quiet">Every number that went into the estimates, with its 90 % interval, how it is known, and its source.</p>'
    for on in study.parts:
        kinds = Counter(constant.kind for constant in on.constants.values())
        known = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        yield f"<details><summary><b>{escape(on.name)}</b> {escape(on.title)} <span class=quiet>({len(on.constants)} constants: {known})</span></summary>"
        rows = (_constant_row(on, name, constant) for name, constant in on.constants.items())
        columns = ("constant", "value", "90 % interval", "kind", "source")
        yield _table(columns, rows, "constants", f"Constants of {escape(on.name)}", numbers=(1, 2)) + "</details>"


def _constant_row(on: Part, name: str, constant: Constant) -> list[str]:
    param = on.device.params[name]
    unit = "" if param.unit == "1" else param.unit
    if constant.value is None:
        interval = "–"
    else:
        interval = "exact" if constant.low == constant.high else f"{pretty(constant.low, unit)} – {pretty(constant.high, unit)}"
    note = f'<span class="quiet"> [{escape(constant.note)}]</span>' if constant.note else ""
    return [
        f'{escape(name)}<span class="under">{escape(param.meaning)}</span>',
        escape(pretty(constant.value, unit, 4)),
        escape(interval),
        escape(constant.kind),
        escape(constant.source) + note,
    ]


def _table(columns: Iterable[str], rows: Iterable[list[str]], kind: str, label: str, numbers: Iterable[int] = ()) -> str:
    """A table that scrolls sideways where it is too wide, also by keyboard; cells are HTML."""
    right = set(numbers)
    style = ['class="number"' if i in right else f'class="{name}"' for i, name in enumerate(columns)]
    head = "".join(f'<th scope="col" {style[i]}>{name}</th>' for i, name in enumerate(columns))
    body = []
    for row in rows:
        cells = "".join(f"<td {style[i]}>{cell}</td>" for i, cell in enumerate(row) if i > 0)
        body.append(f'<tr><th scope="row">{row[0]}</th>{cells}</tr>')
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table class="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>"
    )


def _scripts(drawn: list[Figure]) -> str:
    """plotly.js once, the figures as JSON, and the script that draws them; nothing where there is no figure."""
    if not drawn:
        return ""
    both = [{"wide": figure.draw(WIDE).to_plotly_json(), "narrow": figure.draw(NARROW).to_plotly_json()} for figure in drawn]
    data = json.dumps(both, ensure_ascii=False, default=list).replace("<", "\\u003c")
    return f'<script>{get_plotlyjs()}</script>\n<script type="application/json" id="figures">{data}</script>\n<script>{SCRIPT}</script>'


def _counted(count: int, word: str) -> str:
    return f"{count:,} {word}" + ("" if count == 1 else "s")
