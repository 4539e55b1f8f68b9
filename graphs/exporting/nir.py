"""NIR files: HDF5, a tree of groups that mirrors ``NIRGraph.to_dict()`` of nir 1.0.

NIR holds differential equations. The file's metadata says the rest: the step, that neurons take exact steps, and that a spike is
where v ≥ v_threshold. `graphs.reading.importers.nir` then needs no option, and what it reads spikes as the network does.
(Pedersen et al., "Neuromorphic intermediate representation", Nature Communications 15, 8122, 2024.)
"""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.exporting.neurons import written
from costmodel.graphs.network import Network
from costmodel.graphs.nodes import Node
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.conv import Convolution
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.elementwise import Scale
from costmodel.graphs.nodes.flatten import Flatten
from costmodel.graphs.nodes.linear import Linear, Sparse
from costmodel.graphs.nodes.node import Shape
from costmodel.graphs.nodes.pool import Pool
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.synapses import SynapseNode
from costmodel.graphs.nodes.window import axes
from costmodel.graphs.reading.dialects import OURS

Arrays = Mapping[str, np.ndarray]
Group = dict[str, Any]

_BY_VALUE, _BY_SUBTRACTION = "1.0.8", "1.0.5"
"""Releases of NIR: since 1.0.6 a spike sets the membrane to ``v_reset``, before it took the threshold off."""

ELSEWHERE = "export to .json, which holds every node"


def contents(network: Network, path: Path) -> tuple[dict[Path, bytes], list[str]]:
    """The NIR file, and what it says otherwise than the network, or not at all.

    Raises:
        InputError: a node that NIR cannot say.
    """
    import h5py

    graph, told = tree(network)
    subtracting = [name for name, node in graph["nodes"].items() if "v_threshold" in node and "v_reset" not in node]
    if subtracting:
        told.append(
            f"{', '.join(subtracting)}: NIR since 1.0.6 has no reset by subtraction; written without v_reset, as NIR up to 1.0.5 "
            "means one, which later readers take for a reset to 0"
        )
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        file.create_dataset("version", data=_BY_SUBTRACTION if subtracting else _BY_VALUE, dtype=h5py.string_dtype())
        _put(file, {"node": graph})
    return {path: stream.getvalue()}, told


def tree(network: Network) -> tuple[Group, list[str]]:
    """The graph as ``NIRGraph.to_dict()`` gives it, and what it does not say, in words.

    Raises:
        InputError: a node that NIR cannot say, or whose name cannot be that of an HDF5 group.
    """
    nodes, told = {}, []
    for name, node in network.nodes.items():
        place = f"{network.where}: node '{name}'"
        if "/" in name or name == ".":
            raise InputError("a NIR file has no node of that name", mend="rename it, without '/'", where=place)
        try:
            nodes[name] = _written(node, network, told)
        except InputError as error:
            raise error.at(place) from None
    edges = [[source, target] for target in network.nodes for source in network.graph.pred[target]]  # in the order of sums
    if not any(node["type"] == "Output" for node in nodes.values()):
        for answer in network.outputs:
            name = "output" if len(network.outputs) == 1 else f"output.{answer}"
            while name in nodes:
                name += "_"
            nodes[name] = {"type": "Output", "shape": np.array(network.shapes[answer][1])}
            edges.append([answer, name])
    metadata = {**OURS, "dt": network.dt}
    if "timesteps" in network.settings.model_fields_set:
        metadata["timesteps"] = network.timesteps
    missing = list(_left_out(network))
    if missing:
        told.append(f"NIR does not hold {', '.join(missing)}: left out")
    return {"type": "NIRGraph", "nodes": nodes, "edges": edges, "metadata": metadata}, told


def _left_out(network: Network) -> list[str]:
    """What the network says and NIR has no word for."""
    settings, found = network.settings, []
    inputs = [node for node in network.nodes.values() if isinstance(node, Input)]
    found += [f"the encoder of {node.id}" for node in inputs if node.encoder.type != "events"]
    found += ["rates"] if any(node.rate is not None for node in network.nodes.values()) else []
    found += ["bits"] if settings.bits or any(node.bits for node in network.nodes.values()) else []
    found += (
        ["which parameters are trained"]
        if any(isinstance(node, Population) and node.trained_parameters() for node in network.nodes.values())
        else []
    )
    return found + [name for name in ("readout", "noise", "training", "placement", "benchmark") if getattr(settings, name)]


def _written(node: Node, network: Network, told: list[str]) -> Group:
    """A node as a group."""
    shape, arrays = network.shapes[node.id][0], network.arrays.get(node.id, {})
    if isinstance(node, Population):
        group, said = written(node, arrays, shape, network.dt)
        told += [f"'{node.id}': {said}"] if said else []
        return group
    if isinstance(node, Sparse):
        told.append(f"'{node.id}': sparse synapses are written as a whole matrix, zeros included")
    for kind, write in _WRITE.items():
        if isinstance(node, kind):
            return write(node, shape, arrays)
    if node.type == "output":
        return {"type": "Output", "shape": np.array(shape)}
    raise InputError(f"NIR has no node '{node.type}'", mend=ELSEWHERE)


def _known(node: SynapseNode, shape: Shape, arrays: Arrays) -> Arrays:
    """Weight and bias, which have to be there."""
    for name in node.arrays(shape):
        if name not in arrays:
            mend = "train it (costmodel run --out DIR), or give its arrays"
            raise InputError(f"it has no {name}: a NIR file holds them", mend=mend)
    return arrays


def _linear(node: Linear | Sparse, shape: Shape, arrays: Arrays) -> Group:
    known = _known(node, shape, arrays)
    return {"type": "Affine" if "bias" in known else "Linear", **known}


def _convolution(node: Convolution, shape: Shape, arrays: Arrays) -> Group:
    known = _known(node, shape, arrays)
    windows = axes(shape, node.dimensions, node.kernel, node.stride, node.padding, node.dilation)
    even = all(window.before == window.after for window in windows)
    bias = known.get("bias", np.zeros(node.features, known["weight"].dtype))  # NIR's convolutions have one
    return {
        "type": f"Conv{node.dimensions}d",
        "input_shape": _each([window.size for window in windows]),
        "weight": known["weight"],
        "bias": bias,
        "stride": _each([window.stride for window in windows]),
        "padding": _each([window.before for window in windows]) if even else "same",
        "dilation": _each([window.dilation for window in windows]),
        "groups": node.groups,
    }


def _each(values: list[int]) -> int | np.ndarray:
    """One number along a line, an array along two axes."""
    return values[0] if len(values) == 1 else np.array(values)


def _pool(node: Pool, shape: Shape, arrays: Arrays) -> Group:
    del arrays
    kind = {"sumpool2d": "SumPool2d", "avgpool2d": "AvgPool2d"}.get(node.type)
    windows = axes(shape, node.dimensions, node.kernel, node.kernel if node.stride is None else node.stride, node.padding)
    if kind is None:
        raise InputError(f"NIR has no '{node.type}'", mend=f"use sumpool2d or avgpool2d, or {ELSEWHERE}")
    if any(window.before != window.after for window in windows):
        raise InputError("NIR pads a pool by as much on both sides", mend="give the padding as a number")
    sizes = {"kernel_size": "kernel", "stride": "stride", "padding": "before"}
    return {"type": kind, **{name: np.array([getattr(w, own) for w in windows]) for name, own in sizes.items()}}


def _flatten(node: Flatten, shape: Shape, arrays: Arrays) -> Group:
    del arrays
    start, end = node.start_dim % len(shape), node.end_dim % len(shape)
    return {"type": "Flatten", "start_dim": start, "end_dim": end, "input_type": np.array(shape)}


def _delay(node: Delay, shape: Shape, arrays: Arrays) -> Group:
    if node.trained or node.per_connection(arrays):
        what = "NIR's delays are fixed, one for each element"
        raise InputError(what, mend=f"make it axonal or dendritic, and not trained, or {ELSEWHERE}")
    return {"type": "Delay", "delay": arrays.get("delay", np.full(shape, node.delay))}


def _scale(node: Scale, shape: Shape, arrays: Arrays) -> Group:
    return {"type": "Scale", "scale": arrays.get("scale", np.full(shape, node.scale))}


_WRITE: dict[type[Node], Callable[[Any, Shape, Arrays], Group]] = {
    Input: lambda node, shape, arrays: {"type": "Input", "shape": np.array(node.shape)},
    Linear: _linear,
    Sparse: _linear,
    Convolution: _convolution,
    Pool: _pool,
    Flatten: _flatten,
    Delay: _delay,
    Scale: _scale,
}


def _put(group: Any, found: Mapping[str, Any]) -> None:
    """A tree of dicts as HDF5 groups."""
    import h5py

    for name, value in found.items():
        if isinstance(value, dict):
            _put(group.create_group(name), value)
        elif isinstance(value, str | list):
            group.create_dataset(name, data=value, dtype=h5py.string_dtype())
        elif isinstance(value, np.ndarray) and value.size > 64:
            group.create_dataset(name, data=value, compression="gzip")
        else:
            group.create_dataset(name, data=value)
