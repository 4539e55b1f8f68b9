"""A network as a document again, with what is now known of it."""

from collections.abc import Mapping
from typing import Any

from graphs.network import Network


def document(
    network: Network, weights: str, with_arrays: Mapping[str, object], rates: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The network document.

    Args:
        network: the network.
        weights: name of the .npz beside the file that will hold the arrays, keyed ``NODE.array``.
        with_arrays: nodes that have arrays in it.
        rates: node → its rate field, where it was measured.
    """
    found = network.settings.model_dump(mode="json", exclude_unset=True)
    nodes = []
    for raw in network.settings.nodes:
        node = {key: value for key, value in raw.items() if key != "weights"}
        name = raw["id"]
        node |= {"weights": weights} if name in with_arrays else {}
        node |= {"rate": dict(rates[name])} if name in rates else {}
        nodes.append(node)
    return {**found, "nodes": nodes, "edges": [list(edge) for edge in network.graph.edges]}
