"""NIR graphs, from memory or from a `.nir` file, as network documents.

A NIR file is HDF5: a tree of groups that mirrors `NIRGraph.to_dict()`. Both are converted from that tree, so files of every
NIR 1.0 release read the same and a file's type annotations, which releases check differently, do not matter.
(Pedersen et al., "Neuromorphic intermediate representation", Nature Communications 15, 8122, 2024.)
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.dialects import OURS, PLAIN, Dialect, understood
from costmodel.graphs.reading.recurrent_bias import outside
from costmodel.graphs.reading.samples import without_batch

if TYPE_CHECKING:
    import nir

Arrays = dict[str, dict[str, np.ndarray]]
"""Arrays of each node: id → name → array."""


SUFFIXES = (".nir",)


def read(path: Path, sample: tuple[int, ...] | None = None, by: Dialect = PLAIN) -> tuple[dict, Arrays, list[str]]:
    """The network document of a NIR file, named after the file.

    Args:
        path: the file.
        sample: no use: a NIR graph has the shape of its input.
        by: the dialect that it is written in.

    Returns:
        The document, in SI numbers; per node its arrays: ``weight`` (out, in) or (out, in / groups, *kernel), ``bias``
        (out,), and parameters that differ between neurons, of which the document holds the mean (of delays the longest); and what
        was taken for granted, in words.

    Raises:
        InputError: no such file, not a whole HDF5 file, or a graph that `from_nir` refuses.
    """
    import h5py

    path, where = Path(path), str(path)
    if not path.is_file():
        raise InputError("there is no such file", mend="give the path of a NIR file, as nir.write makes it", where=where)
    try:
        with h5py.File(path, "r") as file:
            root = _tree(file)
    except (OSError, RuntimeError, TypeError, KeyError, ValueError, MemoryError) as error:
        reason = f"it is not a readable HDF5 file ({error})"
        raise InputError(reason, mend="write it again with nir.write", where=where) from None
    if not isinstance(root.get("node"), dict):
        raise InputError("this HDF5 file holds no NIR graph", mend="write it with nir.write", where=where)
    version = root.get("version", "of unknown version")
    provenance = f"Imported from the NIR file {path.name} (nir {version})."
    try:
        return _understood(root["node"], path.stem, where, provenance, by)
    except InputError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError, MemoryError) as error:
        reason = f"the graph inside is damaged ({type(error).__name__}: {error})"
        raise InputError(reason, mend="write it again with nir.write", where=where) from None


def from_nir(graph: "nir.NIRGraph", name: str, by: Dialect = PLAIN) -> tuple[dict, Arrays, list[str]]:
    """The network document of a NIR graph in memory; nodes of subgraphs are called ``subgraph.node``.

    Returns:
        The document, the arrays of each node, and what was taken for granted, as `read`.

    Raises:
        InputError: a node type that is not NIR's, parameters that are missing or not finite, an edge to no node, a graph
            without input, or a subgraph without exactly one input and one output.
    """
    return _understood(graph.to_dict(), name, name, "Imported from a NIR graph.", by)


def _tree(group) -> dict:
    """An HDF5 group as nested dicts of arrays, numbers and texts."""
    items = {key: _tree(item) if hasattr(item, "keys") else item[()] for key, item in group.items()}
    return {key: item.decode() if isinstance(item, bytes) else item for key, item in items.items()}


def _understood(tree: dict, name: str, where: str, provenance: str, by: Dialect) -> tuple[dict, Arrays, list[str]]:
    document, arrays, dropped = _document(tree, name, where, provenance, batched=by.batched)
    writer = (tree.get("metadata") or {}).get("writer")
    document, arrays, told = understood(document, arrays, by, where, writer)
    if writer != OURS["writer"]:
        edges, moved = outside(document["nodes"], [(a, b) for a, b in document["edges"]], arrays)
        document["edges"] = [list(edge) for edge in edges]
        if moved:
            told = [*told, f"the bias of {', '.join(moved)} acts from the first step on, with what enters from outside"]
    return document, arrays, dropped + told


def _document(tree: dict, name: str, where: str, provenance: str, *, batched: bool) -> tuple[dict, Arrays, list[str]]:
    if tree.get("type") != "NIRGraph":
        tree = {"type": "NIRGraph", "nodes": {"node": tree}, "edges": []}
    found, edges = _flatten(tree, "", where)
    if not any(node["type"] == "Input" for node in found.values()):
        raise InputError("the graph has no Input node", mend="add an nir.Input with the shape of one sample", where=where)
    _no_made_up_input(found, edges, where)
    dropped = [told for key in found if (told := without_batch(key, found, edges, batched=batched))]
    order = _in_order(list(found), sorted(edges))
    place = {key: index for index, key in enumerate(order)}
    if (tree.get("metadata") or {}).get("writer") != OURS["writer"]:
        edges.sort(key=lambda edge: (place[edge[0]], place[edge[1]]))
    nodes, arrays = [], {}
    for key in order:
        node = _Node(found[key], f"{where}: node '{key}'")
        node.sources = [found[source]["type"] for source, target in edges if target == key]
        fields, own = node.convert()
        nodes.append({"id": key, **fields})
        if own:
            arrays[key] = own
    document = {"name": name, "nodes": nodes, "edges": [list(edge) for edge in edges], "provenance": provenance}
    metadata = _Node({"type": "metadata", **(tree.get("metadata") or {})}, where)
    if "dt" in metadata.values:
        document["dt"] = _number(metadata.array("dt"))
    if "timesteps" in metadata.values:
        document["timesteps"] = metadata.integers("timesteps")[0]
    return document, arrays, dropped


def _no_made_up_input(found: dict[str, dict], edges: list[tuple[str, str]], where: str) -> None:
    """Refuses the inputs that nir gives, beside the graph's own, to nodes to which its exporter found no connection."""
    inputs = [key for key, node in found.items() if node["type"] == "Input"]
    made_up = [key for key in inputs if (key, key.removeprefix("input_")) in edges]
    if made_up and len(made_up) < len(inputs):
        target = made_up[0].removeprefix("input_")
        what = f"'{made_up[0]}' is no input of the network: the exporter lost what '{target}' receives"
        raise InputError(what, mend=f"add the edges to '{target}' and remove '{made_up[0]}'", where=where)


def _flatten(tree: dict, prefix: str, where: str) -> tuple[dict[str, dict], list[tuple[str, str]]]:
    """The nodes and edges of a graph with its subgraphs put in place: their inputs and outputs become plain connections."""
    nodes, entry, leave, through = {}, {}, {}, []
    edges = []
    for name, node in tree.get("nodes", {}).items():
        key = prefix + name
        if not isinstance(node, dict):
            raise InputError(f"'{key}' is a value where a node is needed", mend="write the file with nir.write", where=where)
        inner, entry[key], leave[key] = {key: node}, key, key
        if node.get("type") == "NIRGraph":
            inner, inner_edges = _flatten(node, key + ".", where)
            edges += inner_edges
            entry[key] = _only("Input", node, key, where)
            leave[key] = _only("Output", node, key, where)
            through += [entry[key], leave[key]]
        if inner.keys() & nodes.keys():
            raise InputError(f"two nodes are called '{min(inner.keys() & nodes.keys())}'", mend="rename one", where=where)
        nodes |= inner
    for source, target in _edges(tree, where):
        for end in (prefix + source, prefix + target):
            if end not in entry:
                mend = "add the node or remove the edge"
                raise InputError(f"the edge '{source}' → '{target}' names '{end}', which is no node", mend=mend, where=where)
        edges.append((leave[prefix + source], entry[prefix + target]))
    for key in through:
        before = [source for source, target in edges if target == key]
        after = [target for source, target in edges if source == key]
        edges = [edge for edge in edges if key not in edge] + [(a, b) for a in before for b in after]
        del nodes[key]
    return nodes, list(dict.fromkeys(edges))


def _only(kind: str, graph: dict, key: str, where: str) -> str:
    """The id of the one node of that kind in a subgraph."""
    found = [name for name, node in graph.get("nodes", {}).items() if node.get("type") == kind]
    if len(found) != 1:
        mend = f"give it exactly one nir.{kind}: an edge to a subgraph does not say which it means"
        raise InputError(f"the subgraph has {len(found) or 'no'} {kind} nodes", mend=mend, where=f"{where}: node '{key}'")
    return f"{key}.{found[0]}"


def _edges(tree: dict, where: str) -> list[tuple[str, str]]:
    pairs = np.asarray(tree.get("edges", []), dtype=object)
    if pairs.size % 2:
        raise InputError("the edges are not pairs of names", mend="write the file with nir.write", where=where)
    names = [end.decode() if isinstance(end, bytes) else str(end) for end in pairs.flat]
    return list(zip(names[::2], names[1::2], strict=True))


def _in_order(keys: list[str], edges: list[tuple[str, str]]) -> list[str]:
    """The nodes so that, but for the edges that close a loop, sources come before targets (HDF5 sorts them by name)."""
    after = {key: [target for source, target in reversed(edges) if source == key] for key in keys}
    fed = {target for _, target in edges}
    done: dict[str, None] = {}
    seen = set()
    for start in sorted(keys, key=lambda key: key in fed):
        stack = [] if start in seen else [(start, iter(after[start]))]
        seen.add(start)
        while stack:
            key, targets = stack[-1]
            target = next((target for target in targets if target not in seen), None)
            if target is None:
                done[key] = None
                stack.pop()
            else:
                seen.add(target)
                stack.append((target, iter(after[target])))
    return list(done)[::-1]


class _Node:
    """One NIR node on its way to the document: what it holds, and where it stands for the errors."""

    def __init__(self, values: dict, where: str) -> None:
        self.values, self.where, self.type = values, where, str(values.get("type"))
        self.sources: list[str] = []
        self.arrays: dict[str, np.ndarray] = {}

    def convert(self) -> tuple[dict, dict[str, np.ndarray]]:
        """The fields of the document's node, without its id, and its arrays."""
        if self.type not in _CONVERT:
            known = ", ".join(_CONVERT)
            raise InputError(f"the NIR type '{self.type}' is not supported", mend=f"use one of {known}", where=self.where)
        return _CONVERT[self.type](self), self.arrays

    def array(self, name: str) -> np.ndarray:
        if self.values.get(name) is None:
            raise InputError(f"the {self.type} has no '{name}'", mend="give it one before nir.write", where=self.where)
        try:
            value = self.values[name]
            array = np.asarray(value.detach() if hasattr(value, "detach") else value)  # Rockpool's are parameters in training
            finite = array.size > 0 and bool(np.isfinite(array).all())
        except (TypeError, ValueError, RuntimeError):
            finite = False
        if not finite:
            raise InputError(f"the {self.type}'s '{name}' is not all finite numbers", mend="repair the array", where=self.where)
        return array

    def numbers(self, *names: str) -> dict[str, float]:
        """Parameters by name: those that differ between elements by their mean, the values themselves among the arrays."""
        found = {}
        for name in names:
            array = self.array(name)
            found[name] = _number(array)
            if array.size > 1:
                self.arrays[name] = array  # kept where all are equal too, so that its shape is checked
            if (array != array.flat[0]).any():
                found[name] = float(array.mean(dtype=np.float64))
        return found

    def whole(self, name: str) -> int | list[int]:
        """An integer, or one for each direction where they differ."""
        values = self.integers(name)
        return values[0] if len(set(values)) == 1 else values

    def integers(self, name: str) -> list[int]:
        """The integers of an array."""
        values = list(self.array(name).flat)
        if any(isinstance(value, complex | str) or value != int(value) for value in values):
            raise InputError(f"the {self.type}'s '{name}' is {values}, not whole numbers", mend="repair it", where=self.where)
        return [int(value) for value in values]

    def weights(self, dimensions: int, *, bias: bool) -> dict:
        weight = self.array("weight")
        if weight.ndim != dimensions:
            mend = f"a {self.type} needs {dimensions} dimensions, outputs first"
            raise InputError(f"the weight has shape {weight.shape}", mend=mend, where=self.where)
        self.arrays["weight"] = weight
        if bias:
            self.arrays["bias"] = self.array("bias")
        return {"features": int(weight.shape[0]), "bias": bias}


def _number(array: np.ndarray) -> float:
    """The first value, a float32 by its shortest decimal: 0.9, not 0.8999999761581421."""
    return float(str(array.flat[0]))


def _input(node: _Node) -> dict:
    return {"type": "input", "shape": node.integers("shape")}


def _linear(node: _Node) -> dict:
    return {"type": "linear", **node.weights(2, bias=node.type == "Affine")}


def _convolution(node: _Node) -> dict:
    # NIR cannot leave a convolution's bias out, so exporters write zeros where there is none.
    directions = 1 if node.type == "Conv1d" else 2
    fields = node.weights(directions + 2, bias=bool(node.array("bias").any()))
    kernel = [int(size) for size in node.arrays["weight"].shape[2:]]
    padding = node.values.get("padding")
    if isinstance(padding, str) and padding not in ("same", "valid"):
        raise InputError(f"the padding is '{padding}'", mend="use a number, 'same' or 'valid'", where=node.where)
    return {
        "type": f"conv{directions}d",
        **fields,
        "kernel": kernel[0] if len(set(kernel)) == 1 else kernel,
        "stride": node.whole("stride"),
        "padding": (0 if padding == "valid" else padding) if isinstance(padding, str) else node.whole("padding"),
        "dilation": node.whole("dilation"),
        "groups": int(node.array("groups").flat[0]),
    }


def _pool(node: _Node) -> dict:
    fields = {"kernel": node.whole("kernel_size"), "stride": node.whole("stride"), "padding": node.whole("padding")}
    return {"type": node.type.lower(), **fields}


def _flatten_node(node: _Node) -> dict:
    return {"type": "flatten", "start_dim": node.whole("start_dim"), "end_dim": node.whole("end_dim")}


def _delay(node: _Node) -> dict:
    # NIR delays elements, not pairs: what a synapse has summed is delayed on the dendrite, all else on the axon.
    summed = any(source in ("Affine", "Linear", "Conv1d", "Conv2d") for source in node.sources)
    longest = _number(node.array("delay").max(keepdims=True))
    node.numbers("delay")
    return {"type": "delay", "kind": "dendritic" if summed else "axonal", "delay": longest}


def _scale(node: _Node) -> dict:
    return {"type": "scale", **node.numbers("scale")}


def _neuron(*names: str) -> Callable[[_Node], dict]:
    def convert(node: _Node) -> dict:
        if "w_in" in names and node.values.get("w_in") is None:
            node.values = {**node.values, "w_in": 1.0}  # NIR's default
        fields = {"type": node.type.lower(), **node.numbers(*names)}
        if "v_threshold" in names:
            # Up to NIR 1.0.5 a spike subtracts the threshold; later files say what the membrane is set to, and nir 1.0.8 gives
            # a v_reset to those that have none: what this product writes says so besides.
            said = (node.values.get("metadata") or {}).get("reset")
            value = node.values.get("v_reset") is not None and said != "subtract"
            fields |= {"reset": "value", **node.numbers("v_reset")} if value else {"reset": "subtract"}
        return fields

    return convert


_CONVERT: dict[str, Callable[[_Node], dict]] = {
    "Input": _input,
    "Output": lambda _: {"type": "output"},
    "Affine": _linear,
    "Linear": _linear,
    "Conv1d": _convolution,
    "Conv2d": _convolution,
    "SumPool2d": _pool,
    "AvgPool2d": _pool,
    "Flatten": _flatten_node,
    "Delay": _delay,
    "Scale": _scale,
    "Threshold": _neuron("threshold"),
    "I": _neuron("r"),
    "IF": _neuron("r", "v_threshold"),
    "LI": _neuron("tau", "r", "v_leak"),
    "LIF": _neuron("tau", "r", "v_leak", "v_threshold"),
    "CubaLI": _neuron("tau_syn", "tau_mem", "r", "v_leak", "w_in"),
    "CubaLIF": _neuron("tau_syn", "tau_mem", "r", "v_leak", "v_threshold", "w_in"),
}
"""NIR type → what makes the document's node of it."""
