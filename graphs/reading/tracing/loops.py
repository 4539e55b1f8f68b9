"""Loops of a folded run: what comes back must come through neurons, one step later."""

import networkx as nx

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.tracing.folding import Feed, Folded

REGISTER = "leave it out, or register the module that it stands in (costmodel.register)"


def loops(folded: Folded, needed: set[int], where: str) -> dict[int, int]:
    """Number of a folded node → number of the loop that it lies in.

    Raises:
        InputError: something comes back within a step, or later than in the next, or through no neurons.
    """
    graph = nx.DiGraph()
    for number in needed:
        if number >= 0:
            graph.add_node(number)
            for feed in folded.nodes[number].operands:
                if isinstance(feed, Feed) and feed.source >= 0:
                    graph.add_edge(feed.source, number, lag=feed.lag)
    found = {}
    for index, loop in enumerate(nx.strongly_connected_components(graph)):
        if len(loop) == 1 and not graph.has_edge(*(list(loop) * 2)):
            continue
        within = graph.subgraph(loop)
        neurons = [n for n in loop if folded.nodes[n].call.layer is not None]
        if not neurons:
            name = folded.nodes[min(loop)].call.name
            raise InputError("what it sends comes back to it through no neurons", mend=REGISTER, where=f"{where}: layer '{name}'")
        for start in neurons:
            for end, lag in _ways(folded, within, start):
                if lag != 1:
                    names = [folded.nodes[n].call.name for n in (start, end)]
                    what = f"'{names[0]}' excites '{names[1]}' {lag} steps later on a way that comes back"
                    mend = "let all neurons of a loop receive what the loop sent a step before"
                    raise InputError(what, mend=mend, where=where)
        found |= dict.fromkeys(loop, index)
    return found


def _ways(folded: Folded, graph: nx.DiGraph, start: int) -> list[tuple[int, int]]:
    """(Neuron layer, time steps) for every way from one neuron layer to the next within a loop."""
    found, waiting, seen = set(), [(start, 0)], set()
    while waiting:
        here, lag = waiting.pop()
        for after in graph.succ[here]:
            state = (after, lag + graph.edges[here, after]["lag"])
            if folded.nodes[after].call.layer is not None:
                found.add(state)
            elif state not in seen and state[1] < 4:
                seen.add(state)
                waiting.append(state)
    return sorted(found)
