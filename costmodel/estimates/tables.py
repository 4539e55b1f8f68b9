"""Estimates as tables for people."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from costmodel.devices.device import Limit
from costmodel.graphs.settings.units import prefixed, pretty, rounded
from costmodel.output import say
from costmodel.tabulating import Column, Table, number

if TYPE_CHECKING:
    from costmodel.estimates.estimated import Estimate
    from costmodel.estimates.interval import Interval
    from costmodel.estimates.reaching import Curve, Reach
    from costmodel.estimates.request import Request
    from costmodel.graphs.network import Network


def measured(key: str, heading: str, unit: str, of: Callable[[Any], "Interval | None"]) -> tuple[Column, Column]:
    """Two columns: a cost, and its interval in the cost's unit."""

    def value(row: Any) -> float | None:
        found = of(row)
        return None if found is None else found.value

    return (
        number(key, heading, value, lambda found: pretty(found, unit)),
        number(f"{key}_90", "90 %", of, lambda found: "–" if found is None else span(found, unit)),
    )


def money(key: str, heading: str, of: Callable[[Any], float | None], drop: int) -> Column:
    """A column of dollars."""
    return number(key, heading, of, lambda found: "–" if found is None else rounded(found, 2), drop)


COLUMNS: tuple[Column, ...] = (
    Column("device", "device", lambda e: e.device),
    *measured("latency", "latency", "s", lambda e: e.latency),
    *measured("energy", "energy", "J", lambda e: e.energy),
    Column("boundary", "energy of", lambda e: e.boundary),
    Column("host", "host", lambda e: e.host or "–", drop=3),
    money("price", "USD/1M", lambda e: None if e.price is None else e.price * 1e6, drop=1),
    Column("bound_by", "bound by", lambda e: e.bound_by, drop=2),
)
"""Of an estimate. Where there is no room for all, the price goes first, then what it is bound by, then how a part is fed; costs,
intervals and what the energy counts stay."""


def show(asked: "Request", estimates: list["Estimate"]) -> None:
    """What was asked, a table of the parts that fit, and what would make the others fit."""
    say(headline(asked))
    Table(_needed(estimates), (e for e in estimates if e.feasible)).print()
    say(*(refusal(e) for e in estimates if not e.feasible))


def _needed(estimates: "Iterable[Estimate]") -> tuple[Column, ...]:
    """The columns, without that of host modes where no part has any."""
    hosted = any(e.host for e in estimates)
    return tuple(column for column in COLUMNS if hosted or column.key != "host")


def show_labelled(rows: Iterable[tuple[str, "Estimate"]]) -> None:
    """The same with a label before each row, as in "before" and "after"."""
    rows = list(rows)
    label = Column("label", "", lambda row: row[0])
    columns = _needed(e for _, e in rows)
    Table((label, *(column.of(lambda row: row[1]) for column in columns)), (row for row in rows if row[1].feasible)).print()
    say(*(f"{label}: {refusal(e)}" for label, e in rows if not e.feasible))


REACHES: tuple[Column, ...] = (
    Column("device", "device", lambda reach: reach.device),
    *measured("time", "time", "s", lambda reach: reach.time),
    *measured("energy", "energy", "J", lambda reach: reach.energy),
    money("price", "USD", lambda reach: reach.price, drop=1),
)
"""Of training to an accuracy; the price goes first where there is no room."""


def show_reaches(network: "Network", found: "Curve", operations: Mapping[str, float], reaches: Iterable["Reach"]) -> None:
    """What it takes to reach an accuracy: in a sentence, operations by kind, and a table of the parts that can train so."""
    reaches = list(reaches)
    rule = network.settings.training.rule if network.settings.training else "bptt"
    what = "reaches" if found.reached else f"does not reach {100 * found.target:g} %; its best is"
    told = ", ".join(f"{pretty(count, 'op').removesuffix('op')} {kind}" for kind, count in operations.items() if count)
    say(
        f"{network.name} under {rule} {what} {100 * found.accuracy:.2f} % of the test set after {found.epochs} epochs: "
        f"{found.samples:,} samples in {found.steps:,} steps of {found.batch}; {pretty(found.seconds, 's')} here",
        f"operations: {told}",
    )
    Table(REACHES, (reach for reach in reaches if reach.time is not None and reach.energy is not None)).print()
    refused: dict[str, list[str]] = {}
    for reach in reaches:
        if reach.violations:
            refused.setdefault("; ".join(_limit(v) for v in reach.violations), []).append(reach.device)
    say(*(f"{', '.join(devices)} cannot train so. {why}" for why, devices in refused.items()))


def headline(asked: "Request") -> str:
    """The network, how it is run, and its work, in one sentence."""
    summary, workload = asked.workload.summary, asked.workload
    what = "one inference" if workload.rule is None else f"one training step under {workload.rule}"
    work = summary.work
    apart = summary.delivered_synops > 1.0001 * work.effective_synops
    delivered = f" ({summary.delivered_synops:,.0f} where spikes that meet are delivered one by one)" if apart else ""
    return (
        f"{asked.network.name}: {what}, T = {asked.network.timesteps}, batch {workload.batch}; {summary.neurons:,} neurons, "
        f"{summary.parameters:,} parameters, {work.effective_synops:,.0f} of {work.dense_synops:,.0f} "
        f"synaptic operations{delivered}"
    )


def refusal(e: "Estimate") -> str:
    """Why a part cannot run the network, and the levers."""
    return f"{e.device} does not fit. " + "; ".join(_limit(v) for v in e.violations)


def _limit(v: Limit) -> str:
    levers = f" (try {', '.join(v.levers)})" if v.levers else ""
    return f"{v.limit}: needs {counted(v.needs)}, has {counted(v.has)}{levers}"


def span(interval: "Interval", unit: str) -> str:
    """An interval in the unit that its value reads best in: "2.1–4.5"; "exact" for a point."""
    if interval.low == interval.high:
        return "exact"
    scale, _ = prefixed(interval.value, unit)
    digits = 2 if interval.high > 1.1 * interval.low else 4
    return f"{rounded(interval.low / scale, digits)}–{rounded(interval.high / scale, digits)}"


def counted(value: float | str) -> str:
    """What a limit needs or has: words, or a number with thousands apart."""
    return value if isinstance(value, str) else f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else rounded(value)
