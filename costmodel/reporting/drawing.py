"""The network drawn as a graph, layer below layer, with loops as curves at the side: an SVG of fixed size in pixels."""

import math
from collections.abc import Hashable, Mapping
from html import escape

from costmodel.estimates.estimating import Workload
from costmodel.graphs.lowering.summary import DEFAULT_BITS
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.synapses import SynapseNode
from costmodel.graphs.settings.units import pretty
from costmodel.reporting.colours import swatch
from costmodel.reporting.layers import Place, arranged, condensed
from costmodel.reporting.study import NodeRate, Study

ROW, TOP = 46, 26
"""Pixels from node to node, and above the first."""

_STYLE = {
    "input": ("#6b7280", "input"),
    "synapses": ("#0072B2", "weights"),
    "neurons": ("#E69F00", "neurons"),
    "other": ("#009E73", "no weights, no neurons"),
}


def drawing(study: Study) -> str:
    """The SVG, with a title for those who do not see it."""
    workload = study.workload
    graph, members = condensed(workload)
    places, loops = arranged(graph, workload.network.inputs)
    lanes = 1 + max(place.lane for place in places.values())
    step = min(34.0, 150 / lanes)
    back = 14.0 + 9 * min(len(loops), 4) if loops else 0.0
    ahead = 24.0 if any(places[b].layer - places[a].layer > 1 for a, b in graph.edges if (a, b) not in loops) else 0.0
    left, text = 16 + ahead, 16 + ahead + (lanes - 1) * step + 18 + back

    def at(node: Hashable) -> tuple[float, float]:
        return left + places[node].lane * step, TOP + places[node].row * ROW

    lines = [_edge(at(a), at(b), places[b].layer - places[a].layer == 1) for a, b in graph.edges if (a, b) not in loops]
    lines += [_loop(at(a), at(b), text - 14 - 9 * (i % 4)) for i, (a, b) in enumerate(loops)]
    rates = {rate.node: rate for rate in study.rates}
    marks = [_node(workload, name, members[name], at(name), text, rates) for name in graph.nodes]
    size = f'width="100%" height="{TOP + len(places) * ROW}"'
    content = "".join([*lines, *marks, _work(workload, places, members)])
    return (
        f'<svg class="network" {size} role="img" aria-label="The network as a graph of {len(places)} nodes">'
        f"<defs>{_tip('tip')}{_tip('back')}</defs>{content}</svg>"
    )


def legend() -> list[tuple[str, str]]:
    """Signs of the nodes, as HTML, and what they mean."""
    return [(swatch(colour), word) for colour, word in _STYLE.values()]


def _edge(start: tuple[float, float], end: tuple[float, float], near: bool) -> str:
    """An edge downwards: straight in a lane, an S between lanes, a bow on the left past other layers."""
    (x, y), (to, below) = start, end
    if x == to and (near and below - y == ROW):
        path = f"M{x:g} {y + 9:g}V{below - 10:g}"
    elif near or x != to:
        path = f"M{x:g} {y + 9:g}C{x:g} {y + 28:g} {to:g} {y + ROW - 22:g} {to:g} {y + ROW - 8:g}V{below - 10:g}"
    else:
        path = f"M{x - 8:g} {y + 3:g}C{x - 30:g} {y + 20:g} {x - 30:g} {below - 20:g} {x - 9:g} {below - 3:g}"
    return f'<path d="{path}" class="edge" marker-end="url(#tip)"/>'


def _loop(start: tuple[float, float], end: tuple[float, float], side: float) -> str:
    """A recurrent edge: a dashed curve on the right, upwards."""
    (x, y), (to, above) = start, end
    if start == end:
        path = f"M{x + 8:g} {y + 5:g}C{x + 34:g} {y + 22:g} {x + 34:g} {y - 22:g} {x + 9:g} {y - 5:g}"
    else:
        path = f"M{x + 9:g} {y:g}C{side + 8:g} {y:g} {side + 8:g} {above + 2:g} {to + 10:g} {above + 2:g}"
    return f'<path d="{path}" class="loop" marker-end="url(#back)"/>'


def _tip(name: str) -> str:
    """An arrowhead."""
    box = 'viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"'
    return f'<marker id="{name}" {box}><path d="M0 0 8 4 0 8z"/></marker>'


def _work(workload: Workload, places: Mapping[Hashable, Place], members: Mapping[Hashable, list[str]]) -> str:
    """On the right: dense and effective synaptic operations of each node that has any, with bars where it is one node."""
    counts = synops(workload)
    most = max((dense for dense, _ in (counts[node] for node in members if node in counts)), default=0.0)
    if most <= 0:
        return ""
    parts = [f'<text x="0" y="{TOP - 14}" class="what">synaptic operations of a sample: dense, effective</text>']
    for node, place in places.items():
        dense, effective = (sum(counts[name][i] for name in members[node] if name in counts) for i in (0, 1))
        top = TOP + place.row * ROW
        if node in counts:
            parts.append(f'<rect y="{top - 5}" width="{100 * dense / most:.2f}%" height="7" class="dense"/>')
            parts.append(f'<rect y="{top - 5}" width="{100 * effective / most:.2f}%" height="7" class="effective"/>')
        if dense > 0:
            parts.append(f'<text x="0" y="{top + 15}" class="what">{dense:,.0f} → {effective:,.0f}</text>')
    return f'<svg class="work" x="52%" width="48%">{"".join(parts)}</svg>'


def synops(workload: Workload) -> dict[Hashable, tuple[float, float]]:
    """Node → dense and effective synaptic operations of one inference."""
    table, columns = workload.table, workload.columns("mean", DEFAULT_BITS, DEFAULT_BITS, given=True)
    op, found = columns.operators.get("synapses"), dict[Hashable, tuple[float, float]]()
    for j, i in enumerate(columns.rows["synapses"]):
        task = table.tasks[i]
        if op is not None and task.name == task.node:
            times = columns.executions[i, 0]
            found[task.node] = (float(op.connections[j, 0] * times), float(op.synops[j, 0] * times))
    return found


def _node(
    workload: Workload, name: Hashable, members: list[str], at: tuple[float, float], text: float, rates: Mapping[str, NodeRate]
) -> str:
    """A node: its mark, its name, and a line of what it is."""
    x, y = at
    network = workload.network
    if not isinstance(name, str):
        mark = '<g class="rest">' + "".join(f'<circle cx="{x:g}" cy="{y + dot:g}" r="2"/>' for dot in (-5, 0, 5)) + "</g>"
        head, line = f"{len(members):,} more nodes", "smaller than those drawn, gathered here"
    else:
        mark, head, line = _mark(network, name, x, y), name, described(workload, name, rates.get(name))
    return (
        f"<g><title>{escape(head)}: {escape(line)}</title>{mark}"
        f'<text x="{text:g}" y="{y - 2:g}" class="name">{escape(_short(head))}</text>'
        f'<text x="{text:g}" y="{y + 13:g}" class="what">{escape(line)}</text></g>'
    )


def _mark(network: Network, name: str, x: float, y: float) -> str:
    """Round for neurons, square for weights, small for what has neither; filled by kind."""
    node = network.nodes[name]
    if isinstance(node, Population):
        return f'<circle cx="{x:g}" cy="{y:g}" r="9" fill="{_STYLE["neurons"][0]}"/>'
    if isinstance(node, SynapseNode):
        return f'<rect x="{x - 8:g}" y="{y - 8:g}" width="16" height="16" rx="2" fill="{_STYLE["synapses"][0]}"/>'
    colour = _STYLE["input" if isinstance(node, Input) else "other"][0]
    return f'<rect x="{x - 6:g}" y="{y - 6:g}" width="12" height="12" rx="6" fill="{colour}"/>'


def described(workload: Workload, name: str, rate: NodeRate | None) -> str:
    """A node in a few words: type, size, rate."""
    network, node = workload.network, workload.network.nodes[name]
    before, after = network.shapes[name]
    if isinstance(node, Population):
        size = f"{math.prod(after):,} neurons"
    elif isinstance(node, SynapseNode):
        geometry = workload.table.lowering.geometry(name)
        size = f"{_shape(before)} → {_shape(after)} · {geometry.weights:,.0f} weights"
    else:
        size = _shape(after) if before in ((), after) else f"{_shape(before)} → {_shape(after)}"
    said = "" if rate is None else f" · rate {pretty(rate.mean, '', 3)}"
    return f"{node.type} · {size}{said}"


def _shape(shape: tuple[int, ...]) -> str:
    return "×".join(f"{size:,}" for size in shape) or "1"


def _short(name: str) -> str:
    return name if len(name) <= 40 else name[:38] + "…"
