"""The bias of what stands in a loop, moved to what enters from outside.

Here what comes back in a loop is nothing in the first step, its bias neither. In the libraries and in NIR's equations that bias is
a constant current, there from the first step on.
"""

from collections.abc import Callable, Mapping

import numpy as np

Nodes = list[dict]
Edges = list[tuple[str, str]]
Arrays = dict[str, dict[str, np.ndarray]]


def move(nodes: Nodes, edges: Edges, arrays: Arrays, source: str, add: Callable[[str, Mapping, Mapping], str]) -> Edges:
    """The edges, once the bias of ``source`` acts from outside; nodes and arrays are changed in place.

    It becomes part of the bias of a node like it that feeds the same neurons alone; where there is none, a shift of its own.

    Args:
        nodes, edges, arrays: of a network's document.
        source: what stands in a loop and has an array ``bias``.
        add: adds a node of an id near the one given; returns its id.
    """
    own = arrays[source]
    bias, known = own["bias"], {node["id"]: node for node in nodes}
    targets = [b for a, b in edges if a == source]
    own["bias"] = np.zeros_like(bias)
    if not bias.any():
        return edges
    kept = False
    for target in targets:
        before = [a for a, b in edges if b == target and a != source]
        only = [a for a in before if known[a]["type"] == known[source]["type"] and [b for x, b in edges if x == a] == [target]]
        if only:
            feeds = arrays.setdefault(only[0], {})
            kept = kept or "bias" in feeds
            feeds["bias"] = feeds.get("bias", np.zeros_like(bias)) + bias
            known[only[0]]["bias"] = True
        else:
            id_ = add(f"{target}.bias", {"type": "shift"}, {"shift": bias})
            edges = [(a, id_) if b == target and a in before else (a, b) for a, b in edges]
            edges = [*edges, (id_, target)]
    if not kept:  # it is there once, as before
        known[source]["bias"] = False
        del own["bias"]
    return edges


def outside(nodes: Nodes, edges: Edges, arrays: Arrays) -> tuple[Edges, list[str]]:
    """The edges, once every bias in a loop of one population acts from outside; and the nodes whose it was."""

    def add(id_: str, fields: Mapping, values: Mapping) -> str:
        nodes.append({"id": id_, **fields})
        arrays[id_] = dict(values)
        return id_

    moved = []
    for source in [node["id"] for node in nodes]:
        back = {b for a, b in edges if a == source}
        if back and back == {a for a, b in edges if b == source} and arrays.get(source, {}).get("bias", np.zeros(1)).any():
            edges = move(nodes, edges, arrays, source, add)
            moved.append(source)
    return edges, moved
