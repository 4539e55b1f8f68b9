"""Where a report's numbers come from: assumptions, rates, and every constant of every device, as HTML."""

import json
from collections import Counter
from collections.abc import Iterator
from html import escape

from costmodel.devices.part import Constant, Part
from costmodel.graphs.settings.units import pretty
from costmodel.reporting.study import NodeRate, Study
from costmodel.reporting.table import table

_ROWS = 200
"""Nodes whose rates are listed."""


def sources(study: Study) -> Iterator[str]:
    """The sections, in order."""
    yield from _assumptions(study)
    yield from _rates(study)
    yield from _constants(study)


def _assumptions(study: Study) -> Iterator[str]:
    yield "<h2>Assumptions</h2><ul>"
    for note in study.notes:
        yield f"<li>{escape(note)}</li>"
    yield "<li>Costs come from equations over the network's work and the constants below; nothing was run on the devices.</li>"
    yield "<li>Intervals combine those of constants and rates, taken as independent. They hold no error of the equations.</li>"
    yield "</ul>"
    provenance = study.workload.network.settings.provenance
    if provenance:
        text = provenance if isinstance(provenance, str) else json.dumps(provenance, ensure_ascii=False)
        yield f"<h3>Where the network comes from</h3><p>{escape(text)}</p>"


def _rates(study: Study) -> Iterator[str]:
    yield "<h2>Rates</h2>"
    if not study.rates:
        yield "<p>No node has a rate of its own: every node sends a value at every step.</p>"
        return
    yield '<p class="quiet">How often each node sends something: events per element and time step; below, the 90 % interval.</p>'
    yield table(("node", "rate", "kind", "source"), map(_rate_row, study.rates[:_ROWS]), "records", "Rates per node", numbers=(1,))
    if len(study.rates) > _ROWS:
        yield f'<p class="quiet">{len(study.rates) - _ROWS:,} more nodes are left out here; the network file has them all.</p>'


def _rate_row(rate: NodeRate) -> list[str]:
    interval = "exact" if rate.low == rate.high else f"{rate.low:.3g} – {rate.high:.3g}"
    return [escape(rate.node), _value(f"{rate.mean:.3g}", interval), escape(rate.kind), escape(rate.source)]


def _constants(study: Study) -> Iterator[str]:
    yield "<h2>Constants of the devices</h2>"
    yield '<p class="quiet">Every number that went into the estimates; below it, its 90 % interval; then its kind and source.</p>'
    for on in study.parts:
        kinds = Counter(constant.kind for constant in on.constants.values())
        known = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        count = f'<span class="quiet">({len(on.constants)} constants: {known})</span>'
        yield f"<details><summary><b>{escape(on.name)}</b> {escape(on.title)} {count}</summary>"
        columns = ("constant", "value", "kind", "source")
        rows = (_constant_row(on, name, constant) for name, constant in on.constants.items())
        yield table(columns, rows, "records", f"Constants of {on.name}", numbers=(1,)) + "</details>"


def _constant_row(on: Part, name: str, constant: Constant) -> list[str]:
    param = on.device.params[name]
    unit = "" if param.unit == "1" else param.unit
    if constant.value is None:
        interval = "none"
    else:
        interval = "exact" if constant.low == constant.high else f"{pretty(constant.low, unit)} – {pretty(constant.high, unit)}"
    note = f'<span class="quiet"> [{escape(constant.note)}]</span>' if constant.note else ""
    return [
        f'{escape(name)}<span class="under">{escape(param.meaning)}</span>',
        _value(pretty(constant.value, unit, 4), interval),
        escape(constant.kind),
        escape(constant.source) + note,
    ]


def _value(value: str, interval: str) -> str:
    return f'{escape(value)}<span class="under">{escape(interval)}</span>'
