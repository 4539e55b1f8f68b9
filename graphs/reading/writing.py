"""A network as a document again, with what is now known of it."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from costmodel.graphs.network import Network


def document(
    network: Network, rates: Mapping[str, Mapping[str, Any]], weights: str | None = None, with_arrays: Iterable[str] = ()
) -> dict[str, Any]:
    """The network document.

    Args:
        network: the network.
        rates: node → its rate field, where it was measured.
        weights: name of the .npz beside the file that holds the arrays, keyed ``NODE.array``; None: there is none.
        with_arrays: nodes that have arrays in it.
    """
    holding = set(with_arrays) if weights is not None else set()
    nodes = []
    for raw in network.settings.nodes:
        node = {key: value for key, value in raw.items() if key != "weights"}
        node |= {"weights": weights} if raw["id"] in holding else {}
        node |= {"rate": dict(rates[raw["id"]])} if raw["id"] in rates else {}
        nodes.append(node)
    found = network.settings.model_dump(mode="json", exclude_unset=True)
    chain = network.settings.edges is None
    return {**found, "nodes": nodes, **({} if chain else {"edges": [list(edge) for edge in network.settings.edges or ()]})}


def as_text(found: Mapping[str, Any]) -> str:
    """JSON with a line for every node and every other key."""
    lines = {key: json.dumps(value, ensure_ascii=False) for key, value in found.items()}
    lines["nodes"] = "[\n" + ",\n".join("  " + json.dumps(node, ensure_ascii=False) for node in found["nodes"]) + "]"
    return "{\n" + ",\n".join(f' "{key}": {line}' for key, line in lines.items()) + "\n}\n"
