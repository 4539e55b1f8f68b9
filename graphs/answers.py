"""Where a network's answers leave it, and how they are read where the file says nothing of it."""

from collections.abc import Mapping

import networkx as nx

from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes import Node
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.readouts.readout import READOUTS, Readout


def answering(nodes: Mapping[str, Node], graph: nx.DiGraph, where: str) -> list[str]:
    """Ids of the nodes whose output is the answer: output nodes; without one, the ends of the network.

    An end is a node that feeds nothing, or the one population of a loop that nothing leaves.

    Args:
        nodes, graph: of the network.
        where: what errors call it.

    Raises:
        InputError: a loop that nothing leaves has several populations, or none, so that nothing says which node answers.
    """
    marked = [name for name, node in nodes.items() if node.type == "output"]
    if marked:
        return marked
    found = set()
    for end in nx.attracting_components(graph):
        members = [name for name in nodes if name in end]
        own = members if len(members) == 1 else [name for name in members if isinstance(nodes[name], Population)]
        if len(own) != 1:
            could = own or members
            what = f"nothing leaves the loop of {', '.join(members)}: its answer could be that of {' or '.join(could)}"
            mend = f'add {{"id": "out", "type": "output"}} and an edge to it, as in ["{could[-1]}", "out"]'
            raise InputError(what, mend=mend, where=where)
        found.add(own[0])
    return [name for name in nodes if name in found]


def only_answer(outputs: list[str], where: str) -> str:
    """The one of ``outputs``.

    Raises:
        InputError: there are several.
    """
    if len(outputs) != 1:
        what = f"{len(outputs)} nodes answer: {', '.join(outputs)}"
        raise InputError(what, mend="one can be read: let an output node follow it, and no other", where=where)
    return outputs[0]


def default_readout(nodes: Mapping[str, Node], graph: nx.DiGraph, output: str) -> Readout:
    """First spikes of neurons that spike once, counts of other spikes, and maxima of values."""
    source = nodes[output]
    while not isinstance(source, Population) and (before := list(graph.pred[source.id])):
        source = nodes[before[0]]
    neuron = source.neuron if isinstance(source, Population) else None
    return READOUTS.read("max" if neuron is None or not neuron.spiking() else "first-spike" if neuron.single_spike else "count")
