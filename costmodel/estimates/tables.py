"""Estimates as tables for people, 80 columns wide."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from costmodel.devices.device import Limit
from costmodel.graphs.settings.units import prefixed, pretty, rounded
from costmodel.output import console, table

if TYPE_CHECKING:
    from costmodel.estimates.estimating import Estimate
    from costmodel.estimates.interval import Interval
    from costmodel.estimates.reaching import Curve, Reach
    from costmodel.estimates.request import Request
    from costmodel.graphs.network import Network

_COLUMNS = ("device", "latency", "90 %", "energy", "90 % ", "USD/1M", "bound by")
_NUMBERS = _COLUMNS[1:-1]


def show(asked: "Request", estimates: list["Estimate"]) -> None:
    """What was asked, a table of the parts that fit, and what would make the others fit."""
    out = console()
    out.print(headline(asked), markup=False)
    fits = table(*_COLUMNS, right=_NUMBERS)
    for e in estimates:
        if e.feasible:
            fits.add_row(*cells(e))
    if fits.row_count:
        out.print(fits)
    for e in estimates:
        if not e.feasible:
            out.print(refusal(e), markup=False)


def show_labelled(rows: Iterable[tuple[str, "Estimate"]]) -> None:
    """The same with a label before each row, as in "before" and "after"."""
    out, rows = console(), list(rows)
    fits = table("", *_COLUMNS, right=_NUMBERS)
    for label, e in rows:
        if e.feasible:
            fits.add_row(label, *cells(e))
    if fits.row_count:
        out.print(fits)
    for label, e in rows:
        if not e.feasible:
            out.print(f"{label}: {refusal(e)}", markup=False)


def show_reaches(network: "Network", found: "Curve", operations: Mapping[str, float], reaches: Iterable["Reach"]) -> None:
    """What it takes to reach an accuracy: in a sentence, operations by kind, and a table of the parts that can train so."""
    out, reaches = console(), list(reaches)
    rule = network.settings.training.rule if network.settings.training else "bptt"
    what = "reaches" if found.reached else f"does not reach {100 * found.target:g} %; its best is"
    out.print(
        f"{network.name} under {rule} {what} {100 * found.accuracy:.2f} % of the test set after {found.epochs} epochs: "
        f"{found.samples:,} samples in {found.steps:,} steps of {found.batch}; {pretty(found.seconds, 's')} here",
        markup=False,
    )
    told = ", ".join(f"{pretty(count, 'op').removesuffix('op')} {kind}" for kind, count in operations.items() if count)
    out.print(f"operations: {told}", markup=False)
    fits = table("device", "time", "90 %", "energy", "90 % ", "USD", right=("time", "90 %", "energy", "90 % ", "USD"))
    for reach in reaches:
        if reach.time is not None and reach.energy is not None:
            money = "–" if reach.price is None else rounded(reach.price, 2)
            times, energies = (
                (pretty(reach.time.value, "s"), span(reach.time, "s")),
                (pretty(reach.energy.value, "J"), span(reach.energy, "J")),
            )
            fits.add_row(reach.device, *times, *energies, money)
    if fits.row_count:
        out.print(fits)
    refused: dict[str, list[str]] = {}
    for reach in reaches:
        if reach.violations:
            refused.setdefault("; ".join(_limit(v) for v in reach.violations), []).append(reach.device)
    for why, devices in refused.items():
        out.print(f"{', '.join(devices)} cannot train so. {why}", markup=False)


def headline(asked: "Request") -> str:
    """The network, how it is run, and its work, in one sentence."""
    summary, workload = asked.workload.summary, asked.workload
    what = "one inference" if workload.rule is None else f"one training step under {workload.rule}"
    return (
        f"{asked.network.name}: {what}, T = {asked.network.timesteps}, batch {workload.batch}; {summary.neurons:,} neurons, "
        f"{summary.parameters:,} parameters, {summary.work.effective_synops:,.0f} of {summary.work.dense_synops:,.0f} "
        "synaptic operations"
    )


def cells(e: "Estimate") -> list[Any]:
    """One row: device, latency, energy, price per million samples, what it is bound by."""
    money = "–" if e.price is None else rounded(e.price * 1e6, 2)
    if e.latency is None or e.energy is None:
        return [e.device, "–", "", "–", "", money, ""]
    times, energies = (pretty(e.latency.value, "s"), span(e.latency, "s")), (pretty(e.energy.value, "J"), span(e.energy, "J"))
    return [e.device, *times, *energies, money, e.bound_by]


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
