"""Where the nodes of a network are drawn: layer below layer, small ones gathered, loops told from the way forward."""

from collections.abc import Hashable
from dataclasses import dataclass

import networkx as nx

from costmodel.estimates.estimating import Workload

MOST = 20
"""Nodes that are drawn one by one."""

_ROOT = object()
"""Stands before all inputs."""


@dataclass(frozen=True)
class Place:
    """Where a node is drawn: its row from the top, its lane from the left, its layer."""

    row: int
    lane: int
    layer: int


def condensed(workload: Workload) -> tuple[nx.DiGraph, dict[Hashable, list[str]]]:
    """The graph with all but the `MOST` largest nodes gathered into groups, and the members of each of its nodes."""
    network = workload.network
    kept = set(_largest(workload))
    rest = network.graph.subgraph(name for name in network.nodes if name not in kept)
    order = {name: i for i, name in enumerate(network.nodes)}
    groups = [sorted(group, key=order.__getitem__) for group in nx.weakly_connected_components(rest)]
    if len(groups) > MOST:
        groups = [sorted(rest, key=order.__getitem__)]
    members: dict[Hashable, list[str]] = {name: [name] for name in kept}
    members |= dict(enumerate(groups))
    owner = {name: node for node, group in members.items() for name in group}
    graph = nx.DiGraph()
    graph.add_nodes_from(sorted(members, key=lambda node: order[members[node][0]]))
    edges = ((owner[a], owner[b]) for a, b in network.graph.edges)
    graph.add_edges_from((a, b) for a, b in edges if a != b or isinstance(a, str))
    return graph, members


def arranged(graph: nx.DiGraph, inputs: list[str]) -> tuple[dict[Hashable, Place], list[tuple]]:
    """A place for every node by its layer (longest way from an input), and the edges that run back."""
    rooted = nx.DiGraph()
    rooted.add_edges_from((_ROOT, name) for name in (*(n for n in inputs if n in graph), *graph.nodes))
    rooted.add_edges_from(graph.edges)
    finished = {node: order for order, node in enumerate(nx.dfs_postorder_nodes(rooted, _ROOT))}
    loops = [(a, b) for a, b in graph.edges if finished[b] >= finished[a]]
    forward = nx.DiGraph()
    forward.add_nodes_from(graph)
    forward.add_edges_from(edge for edge in graph.edges if edge not in set(loops))
    height: dict[Hashable, int] = {}
    for node in reversed(list(nx.topological_sort(forward))):
        height[node] = 1 + max((height[after] for after in forward.succ[node]), default=0)
    places: dict[Hashable, Place] = {}
    for layer, nodes in enumerate(nx.topological_generations(forward)):
        for lane, node in enumerate(sorted(nodes, key=lambda node: -height[node])):
            places[node] = Place(len(places), lane, layer)
    return places, loops


def _largest(workload: Workload) -> list[str]:
    """Inputs, outputs, and the nodes of the largest layers, at most `MOST`."""
    network, table = workload.network, workload.table
    size = dict.fromkeys(network.nodes, 0.0)
    for task in table.tasks:
        if task.name == task.node:
            size[task.node] = task.sizes.get("connections", 0.0) + task.sizes.get("neurons", 0.0)
    layer = {name: table.lowering.layer_of[name] for name in network.nodes}
    whole = dict.fromkeys(layer.values(), 0.0)
    for name, value in size.items():
        whole[layer[name]] += value
    ends = {*network.inputs[:3], *network.outputs[:3]}
    order = {name: i for i, name in enumerate(whole)}

    def rank(name: str) -> tuple:
        return name not in ends, -whole[layer[name]], order[layer[name]], -size[name]

    return sorted(network.nodes, key=rank)[:MOST]
