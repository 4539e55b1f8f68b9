"""Solutions, sensitivities and crossovers as text for people, 80 columns wide."""

from typing import TYPE_CHECKING

import numpy as np

from costmodel.graphs.settings.units import prefixed, pretty, rounded
from costmodel.output import console, table

if TYPE_CHECKING:
    from costmodel.deciding.crossing import Line, Map
    from costmodel.deciding.sensitivities import Sensitivities, Sensitivity
    from costmodel.deciding.solving import Solution

BAR = 7
"""Characters of the longest bar."""


def show_solution(found: "Solution", device: str) -> None:
    """The value, what it was put back to, where the condition holds, and how it was found; or why there is none."""
    out, over = console(), found.parameter
    if found.value is None or found.verified is None:
        out.print(f"{device}: {over.name} has no boundary. {found.reason}.", markup=False)
        return
    now = "" if over.value is None else f" (now {over.pretty(over.value)})"
    out.print(f"{device}: {over.name} = {over.pretty(found.value)}{now}", markup=False)
    for c in found.condition.comparisons:
        told = c.pretty(found.verified[c.left.text], found.verified[c.right.text])
        out.print(f"  put back: {c.text} is {told}", markup=False)
        if "beyond" in found.verified:
            beyond = found.verified["beyond"]
            told = c.pretty(beyond[c.left.text], beyond[c.right.text]).replace(f" {c.sign} ", " against ")
            out.print(f"  at {over.name} = {over.pretty(beyond[over.name])}: {told}", markup=False)
    if len(found.values) > 1:
        out.print(f"  it turns at {', '.join(over.pretty(value) for value in found.values)}", markup=False)
    spans = " and ".join(f"{over.pretty(low)} to {over.pretty(high)}" for low, high in found.intervals)
    if spans:
        out.print(f"  it holds for {over.name} from {spans}", markup=False)
    others = [name for name in found.varied if name not in (device, "network")]
    if others:
        out.print(f"  {over.name} is the same quantity on {', '.join(others)}, and was varied there too", markup=False)
    out.print(f"  found by: {found.method}" if found.equation is None else f"  {found.method}: {found.equation}", markup=False)


def show_sensitivities(found: "Sensitivities") -> None:
    """A row for each parameter that matters, and how many do not."""
    out = console()
    out.print(f"{found.metric} on {found.device}: {pretty(found.value, found.unit, 4)}", markup=False)
    title = f"{found.metric} over it"
    rows = table("parameter", "value", "% per %", "", "90 %", title, right=("value", "% per %", "90 %", title))
    shown = [row for row in found.rows if _matters(row)]
    most = max((abs(row.elasticity) for row in shown), default=1.0) or 1.0
    kinks = False
    for row in shown:
        kinks |= row.kink
        bar = "█" * max(round(BAR * abs(row.elasticity) / most), 1 if row.elasticity else 0)
        slope = f"{row.elasticity:+.3f}" + ("*" if row.kink else "")
        value = f"{row.value:,.0f}" if row.whole else pretty(row.value, row.unit)
        over, costs = "exact", ""
        if row.low is not None and row.high is not None and row.at_low is not None and row.at_high is not None:
            over = ends(row.low, row.high, row.unit)
            costs = ends(row.at_low, row.at_high, found.unit)
        rows.add_row(row.parameter, value, slope, bar, over, costs)
    if shown:
        out.print(rows)
    if kinks:
        out.print("* a kink: another term takes over here, and the two sides differ")
    if rest := len(found.rows) - len(shown):
        out.print(f"{rest} other parameters hardly change it, or not at all")


def show_line(found: "Line") -> None:
    """Who leads where over one parameter."""
    out, (one, other) = console(), found.devices
    out.print(f"{found.metric} of {one} and {other} over {found.over.name} ({moved(found.varied)})", markup=False)
    if found.reason is not None:
        out.print(f"no comparison: {found.reason}", markup=False)
        return
    rows = table("from", "to", "better", "by", right=("from", "to", "by"))
    for lead in found.leads:
        times = rounded(lead.least), rounded(lead.most)
        turns = {lead.low, lead.high} & set(found.crossings)
        by = f"up to {times[1]} times" if turns else f"{times[0]} times" if len(set(times)) == 1 else f"{' to '.join(times)} times"
        rows.add_row(found.over.pretty(lead.low), found.over.pretty(lead.high), lead.winner, by)
    out.print(rows)
    if not found.crossings:
        out.print("the lead does not change")


def show_map(found: "Map") -> None:
    """Who wins over two parameters, as characters."""
    out, (one, other) = console(), found.devices
    across, down = found.over
    out.print(f"{found.metric}: █ {one} is better, · {other} is, blank: one of them cannot be", markup=False)
    wins = found.first_wins()
    labels = [down.pretty(value) for value in found.down]
    width = max(len(label) for label in labels)
    out.print(f"{down.name}", markup=False)
    for i in reversed(range(len(found.down))):
        marks = "".join(" " if np.isnan(r) else "█" if w else "·" for r, w in zip(found.ratio[i], wins[i], strict=True))
        out.print(f"{labels[i] if i % 4 == 0 or i == len(labels) - 1 else '':>{width}} │{marks}", markup=False)
    out.print(f"{'':>{width}} └{'─' * len(found.across)}")
    low, high = across.pretty(found.across[0]), across.pretty(found.across[-1])
    gap = max(len(found.across) - len(low) - len(high) - len(across.name), 2)
    out.print(f"{'':>{width}}  {low}{' ' * (gap // 2)}{across.name}{' ' * (gap - gap // 2)}{high}", markup=False)


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
