"""The node types of a network file, one family a file. A node type enters by subclassing `Node` in a file of this folder."""

import importlib
import pkgutil
from functools import cache

from costmodel.graphs.neurons import all_neurons, neuron
from costmodel.graphs.nodes.node import NODES, Node


def node_type(name: str) -> type[Node] | None:
    """The node class of that type name, or None. Neuron types are made from their neuron when first asked for."""
    _import_families()
    if name not in NODES:
        found = neuron(name)
        if found is not None:
            from costmodel.graphs.nodes.population import population

            NODES[name] = population(found)
    return NODES.get(name)


def node_types() -> dict[str, type[Node]]:
    """Every node class by type name, neurons included."""
    for name in all_neurons():
        node_type(name)
    return dict(sorted(NODES.items()))


@cache
def _import_families() -> None:
    for found in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{found.name}")
