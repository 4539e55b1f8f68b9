"""Solutions, sensitivities and crossovers as text for people."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from costmodel.estimates.tables import counted
from costmodel.graphs.settings.units import prefixed, pretty, rounded
from costmodel.output import say, width_of_output
from costmodel.tabulating import Column, Table, number

if TYPE_CHECKING:
    from costmodel.deciding.against import Pair, Versus
    from costmodel.deciding.crossing import Lead, Line, Map
    from costmodel.deciding.sensitivities import Sensitivities, Sensitivity
    from costmodel.deciding.solving import Solution

BAR = 7
"""Characters of the longest bar."""


def show_solution(found: "Solution", device: str) -> None:
    """The value, what it was put back to, where the condition holds, and how it was found; or why there is none."""
    over = found.parameter
    if found.value is None or found.verified is None:
        say(f"{device}: {over.name} has no boundary. {found.reason}.")
        return
    now = "" if over.value is None else f" (now {over.pretty(over.value)})"
    say(f"{device}: {over.name} = {over.pretty(found.value)}{now}")
    for c in found.condition.comparisons:
        told = c.pretty(found.verified[c.left.text], found.verified[c.right.text])
        say(f"  put back: {c.text} is {told}")
        if "beyond" in found.verified:
            beyond = found.verified["beyond"]
            told = c.pretty(beyond[c.left.text], beyond[c.right.text]).replace(f" {c.sign} ", " against ")
            say(f"  at {over.name} = {over.pretty(beyond[over.name])}: {told}")
    if len(found.values) > 1:
        say(f"  it turns at {', '.join(over.pretty(value) for value in found.values)}")
    spans = " and ".join(f"{over.pretty(low)} to {over.pretty(high)}" for low, high in found.intervals)
    if spans:
        say(f"  it holds for {over.name} from {spans}")
    others = [name for name in found.varied if name not in (device, "network")]
    if others:
        say(f"  {over.name} is the same quantity on {', '.join(others)}, and was varied there too")
    say(f"  found by: {found.method}" if found.equation is None else f"  {found.method}: {found.equation}")


def show_sensitivities(found: "Sensitivities") -> None:
    """A row for each parameter that matters, and how many do not."""
    say(f"{found.metric} on {found.device}: {pretty(found.value, found.unit, 4)}")
    shown = [row for row in found.rows if _matters(row)]
    most = max((abs(row.elasticity) for row in shown), default=1.0) or 1.0
    Table(_sensitivity_columns(found, most), shown).print()
    if any(row.kink for row in shown):
        say("* a kink: another term takes over here, and the two sides differ")
    if rest := len(found.rows) - len(shown):
        say(f"{rest} other parameters hardly change it, or not at all")


def _sensitivity_columns(found: "Sensitivities", most: float) -> tuple[Column, ...]:
    """Where there is no room for all the bars go first, then what the parameter's interval does, then that interval.

    Args:
        most: the largest elasticity.
    """

    def over(low: float | None, high: float | None, unit: str) -> str | None:
        return None if low is None or high is None else ends(low, high, unit)

    costs = f"{found.metric} over it"

    return (
        Column("parameter", "parameter", lambda row: row.parameter),
        Column("value", "value", lambda row: f"{row.value:,.0f}" if row.whole else pretty(row.value, row.unit), form="number"),
        Column("elasticity", "% per %", lambda row: f"{row.elasticity:+.3f}{'*' * row.kink}", form="number"),
        Column("bar", "", lambda row: "█" * max(round(BAR * abs(row.elasticity) / most), bool(row.elasticity)), drop=1),
        Column("value_90", "90 %", lambda row: over(row.low, row.high, row.unit) or "exact", form="number", drop=3),
        Column("metric_90", costs, lambda row: over(row.at_low, row.at_high, found.unit) or "", form="number", drop=2),
    )


def show_line(found: "Line") -> None:
    """Who leads where over one parameter."""
    one, other = found.devices
    say(f"{found.metric} of {one} and {other} over {found.over.name} ({moved(found.varied)})")
    if found.reason is not None:
        say(f"no comparison: {found.reason}")
        return
    Table(
        (
            number("low", "from", lambda lead: lead.low, found.over.pretty),
            number("high", "to", lambda lead: lead.high, found.over.pretty),
            Column("better", "better", lambda lead: lead.winner),
            Column("by", "by", lambda lead: _factor(lead, found.crossings), form="number", drop=1),
        ),
        found.leads,
    ).print()
    if not found.crossings:
        say("the lead does not change")


def _factor(lead: "Lead", crossings: Iterable[float]) -> str:
    """How many times better the leader is: "up to 1,190 times" where it turns."""
    times = rounded(lead.least), rounded(lead.most)
    if {lead.low, lead.high} & set(crossings):
        return f"up to {times[1]} times"
    return f"{' to '.join(dict.fromkeys(times))} times"


def show_map(found: "Map") -> None:
    """Who wins over two parameters, as characters."""
    one, other = found.devices
    across, down = found.over
    say(f"{found.metric}: █ {one} is better, · {other} is, blank: one of them cannot be")
    wins = found.first_wins()
    labels = [down.pretty(value) for value in found.down]
    width = max(len(label) for label in labels)
    lines, step = [down.name], -(-len(found.across) // max(width_of_output() - width - 2, 1))
    for i in reversed(range(len(found.down))):
        marks = "".join(
            " " if np.isnan(r) else "█" if w else "·" for r, w in zip(found.ratio[i][::step], wins[i][::step], strict=True)
        )
        lines.append(f"{labels[i] if i % 4 == 0 or i == len(labels) - 1 else '':>{width}} │{marks}")
    points = len(found.across[::step])
    lines.append(f"{'':>{width}} └{'─' * points}")
    low, high = across.pretty(found.across[0]), across.pretty(found.across[-1])
    gap = max(points - len(low) - len(high) - len(across.name), 2)
    lines.append(f"{'':>{width}}  {low}{' ' * (gap // 2)}{across.name}{' ' * (gap - gap // 2)}{high}")
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in lines))


def show_versus(found: "Versus") -> None:
    """Two networks: what they count, what they cost on each part, and the rate at which they cross; and why there is none."""
    names = [workload.network.name for workload in found.workloads]
    summaries = [workload.summary for workload in found.workloads]
    counts = (
        ("time steps", lambda i: found.workloads[i].network.timesteps),
        ("parameters", lambda i: summaries[i].parameters),
        ("neurons", lambda i: summaries[i].neurons),
        ("synaptic operations", lambda i: summaries[i].work.dense_synops),
        ("of them effective", lambda i: summaries[i].work.effective_synops),
        ("multiply-accumulates", lambda i: summaries[i].work.macs),
        ("accumulates", lambda i: summaries[i].work.acs),
        ("spikes", lambda i: summaries[i].work.spikes),
    )
    heads = names if names[0] != names[1] else [f"{name} ({place})" for name, place in zip(names, ("first", "second"), strict=True)]
    columns = [Column("count", "a sample", lambda row: row[0])]
    columns += [number(str(i), heads[i], lambda row, i=i: row[1](i), lambda value: f"{value:,.0f}") for i in (0, 1)]
    Table(tuple(columns), counts).print()
    say("")
    Table(_versus_columns(found, heads), (pair for pair in found.pairs if pair.ratio is not None)).print()
    if found.moving is None:
        say("neither network spikes: there is no rate at which they cross")
    reasons: dict[str, list[str]] = {}
    for pair in found.pairs:
        if pair.crossing is not None and pair.crossing.value is None:
            wins = "costs less at every rate" if pair.crossing.intervals else "costs more at every rate"
            reasons.setdefault(f"{heads[found.moving or 0]} {wins}", []).append(pair.device)
        for head, estimate in zip(heads, pair.estimates, strict=True):
            if not estimate.feasible:
                why = "; ".join(f"{each.limit}: needs {counted(each.needs)}" for each in estimate.violations)
                reasons.setdefault(f"{head} does not fit ({why})", []).append(pair.device)
    say(*(f"{why}: {', '.join(devices)}" for why, devices in reasons.items()))


def _versus_columns(found: "Versus", heads: list[str]) -> tuple[Column, ...]:
    """What the first and the second cost, their ratio, and the rate of the one that spikes at which both cost the same."""
    unit = {"energy": "J", "latency": "s"}[found.metric]

    def rate(pair: "Pair") -> str:
        solved = pair.crossing
        return "–" if solved is None or solved.value is None else rounded(solved.value)

    return (
        Column("device", "device", lambda pair: pair.device),
        *(
            number(f"{found.metric}_{i}", f"{found.metric} of {heads[i]}", lambda pair, i=i: _cost(pair, i, found.metric),
                   lambda value: pretty(value, unit))
            for i in (0, 1)
        ),
        number("ratio", "second / first", lambda pair: pair.ratio, rounded),
        Column("rate", "same at rate", rate, lambda pair: pair.crossing and pair.crossing.value, "number"),
        Column("boundary", "energy of", lambda pair: pair.estimates[0].boundary, drop=1),
    )  # fmt: skip


def _cost(pair: "Pair", i: int, metric: str) -> float:
    return getattr(pair.estimates[i], metric).value


def _matters(row: "Sensitivity") -> bool:
    """Whether a parameter changes the metric by a thousandth, at a slope or over its interval."""
    swing = 0.0 if not row.at_low or not row.at_high else abs(np.log(row.at_high / row.at_low))
    return abs(row.elasticity) >= 5e-4 or row.kink or swing >= 1e-3


def moved(varied: tuple[str, ...]) -> str:
    """Where a parameter moves, in words."""
    return "of the network" if varied == ("network",) else f"of {' and '.join(varied)}"


def ends(low: float, high: float, unit: str) -> str:
    """Two numbers in the unit that the larger reads best in: "2.1–4.5 ms"."""
    scale, name = prefixed(high, unit)
    return f"{rounded(low / scale, 2)}–{rounded(high / scale, 2)} {name}".rstrip()
