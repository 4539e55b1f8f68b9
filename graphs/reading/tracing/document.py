"""A folded run as a network document."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules.layer import Layer
from costmodel.graphs.reading.tracing.axes import leaves
from costmodel.graphs.reading.tracing.calls import Constant, Operation, Value
from costmodel.graphs.reading.tracing.folding import Feed, Folded, Node
from costmodel.graphs.reading.tracing.loops import REGISTER, loops
from costmodel.graphs.reading.tracing.mapping import place, sample_shape
from costmodel.graphs.reading.tracing.movement import movement

Arrays = dict[str, dict[str, np.ndarray]]


@dataclass
class Document:
    """A network document as it grows.

    Attributes:
        nodes: in order.
        arrays: of nodes.
        edges: from, to.
        sent: number of a folded node → ids of the nodes whose outputs add up to what it sends: itself, or what a sum adds.
        moved: what was put between two nodes → its id.
        enters: number of a neuron layer → id of the node that receives.
        outputs: numbers of the folded nodes whose output is the answer.
    """

    folded: Folded
    layers: Mapping[int, Layer]
    loops: Mapping[int, int]
    dt: float
    where: str
    nodes: list[dict] = field(default_factory=list)
    arrays: Arrays = field(default_factory=dict)
    edges: list[tuple[str, str]] = field(default_factory=list)
    sent: dict[int, list[str]] = field(default_factory=dict)
    moved: dict[tuple, str] = field(default_factory=dict)
    enters: dict[int, str] = field(default_factory=dict)
    outputs: tuple[int, ...] = ()

    def add(self, name: str, fields: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None) -> str:
        """A node under that name, or the next that is free."""
        taken = {node["id"] for node in self.nodes}
        id_, number = name, 2
        while id_ in taken:
            id_, number = f"{name}_{number}", number + 1
        self.nodes.append({"id": id_, **fields})
        if arrays:
            self.arrays[id_] = dict(arrays)
        return id_

    def connect(self, sources: list[str], target: str) -> None:
        """Edges from all sources.

        Raises:
            InputError: one is there twice, as where a thing is added to itself.
        """
        for source in sources:
            if (source, target) in self.edges:
                source = self._passed(source)
            self.edges.append((source, target))

    def _passed(self, source: str) -> str:
        """A second way out of a node."""
        id_ = self.add(f"{source}_again", {"type": "scale", "scale": 1.0})
        self.edges.append((source, id_))
        return id_


def document(folded: Folded, layers: Mapping[int, Layer], outputs: list[int], dt: float, where: str) -> Document:
    """The network document.

    Args:
        folded: the run.
        layers: number of a folded node → the neuron layer that it is.
        outputs: numbers of the folded nodes whose output is the answer.
        dt: length of a time step, s.
        where: what errors call the module.

    Raises:
        InputError: something that no node does is needed for the answer; it is named.
    """
    needed = needed_for(folded, outputs)
    made = Document(folded, layers, loops(folded, needed, where), dt, where, outputs=tuple(outputs))
    for index in sorted({-1 - n for n in needed if n < 0}):
        _input(made, index)
    for number in sorted(n for n in needed if n >= 0):
        _declare(made, number)
    for number in sorted(n for n in needed if n >= 0):
        _feeds(made, number)
    for number in outputs:
        name = "output" if len(outputs) == 1 else f"output_{folded.nodes[number].call.name.replace('.', '_')}"
        made.connect(_sources(made, number), made.add(name, {"type": "output"}))
    return made


def needed_for(folded: Folded, outputs: list[int]) -> set[int]:
    """What the answer depends on."""
    seen, waiting = set(outputs), list(outputs)
    while waiting:
        number = waiting.pop()
        if number < 0:
            continue
        for feed in folded.nodes[number].operands:
            if isinstance(feed, Feed) and feed.source not in seen:
                seen.add(feed.source)
                waiting.append(feed.source)
    return seen


def _input(made: Document, index: int) -> None:
    axes, _ = made.folded.mapper.shapes[-1 - index][1], None
    name = "input" if index == 0 else f"input_{index + 1}"
    shape = sample_shape(axes)
    if not shape:
        raise InputError("the sample holds one number", mend="give a sample of shape (batch, *shape)", where=made.where)
    made.sent[-1 - index] = [made.add(name, {"type": "input", "shape": [int(n) for n in shape]})]


def _declare(made: Document, number: int) -> None:
    """The node of an operation, without what it receives."""
    node = made.folded.nodes[number]
    operation, name = node.call.operation, node.call.name.replace(".", "_") or node.call.operation.kind
    where = f"{made.where}: layer '{name}'"
    if operation.kind == "unknown":
        what = f"'{operation.fields['function']}' has no counterpart among the nodes of a network"
        raise InputError(what, mend=REGISTER, where=where)
    if operation.kind == "neurons":
        made.sent[number] = [_layer(made, number, name)]
    elif operation.kind in ("sum", "join") and not _materialised(node):
        made.sent[number] = []
    else:
        try:
            fields, arrays = _fields(node)
        except InputError as error:
            raise error.at(where) from None
        made.sent[number] = [made.add(name, fields, arrays)]


def _materialised(node: Node) -> bool:
    """Whether a join puts neurons together, so that it is a node of its own."""
    return node.call.operation.kind == "join" and len(node.operands) > 1


def _layer(made: Document, number: int, name: str) -> str:
    """The nodes of a neuron layer; what it receives enters at one of them."""
    node, layer = made.folded.nodes[number], made.layers[number]
    shape = sample_shape(node.call.axes)
    names = {part: name if part == "" else f"{name}.{part}" for part in layer.nodes}
    for part, fields in layer.nodes.items():
        arrays = dict(layer.arrays.get(part, {}))
        if part == "":
            arrays = {key: np.array(np.broadcast_to(array, shape)) for key, array in arrays.items()}
        names[part] = made.add(names[part], fields, arrays)
    made.edges += [(names[a], names[b]) for a, b in layer.edges]
    made.enters[number] = names[layer.enters]
    return names[""]


def _fields(node: Node) -> tuple[dict, dict[str, np.ndarray]]:
    """Type, fields and arrays of an operation's node, its axes counted in a sample."""
    operation = node.call.operation
    arrays = {name: constant.array for name, constant in operation.arrays.items()}
    fields = dict(operation.fields)
    value = node.values[0]
    if operation.kind == "scale":
        return _scaled(value, arrays["scale"])
    if operation.kind == "reduce":
        if fields.pop("keep"):
            raise InputError("a reduction that keeps its axis", mend="reduce without keepdim")
        fields["axes"] = [place(value.axes, dim, "a reduction") for dim in _dims(operation, "axes")]
    if operation.kind == "softmax":
        fields["axis"] = place(value.axes, _dims(operation, "axis")[0], "softmax")
    if operation.kind == "join":
        if fields.pop("stacked"):
            raise InputError("a stack of neurons along a new axis", mend="put them behind one another with torch.cat")
        return {"type": "concat", "axis": place(node.call.axes, _dims(operation, "axis")[0], "cat")}, {}
    if operation.kind == "batchnorm" and fields.get("eps") == 1e-5:
        del fields["eps"]
    return {"type": operation.kind, **fields}, arrays


def _dims(operation: Operation, name: str) -> tuple[int, ...]:
    dims = operation.dims[name]
    return dims if isinstance(dims, tuple) else (dims,)


def _scaled(value: Value, factor: np.ndarray) -> tuple[dict, dict[str, np.ndarray]]:
    """One factor for all, or one an element of a sample."""
    if factor.size == 1:
        return {"type": "scale", "scale": float(str(factor.ravel()[0]))}, {}
    own = _of_sample(value, factor)
    return {"type": "scale", "scale": float(own.mean())}, {"scale": own}


def _of_sample(value: Value, array: np.ndarray) -> np.ndarray:
    """A constant that is combined with a value, in the shape of one sample at one step.

    Raises:
        InputError: it differs between samples or steps.
    """
    array = array.reshape((1,) * (len(value.axes) - array.ndim) + array.shape)
    for i, axis in reversed(list(enumerate(value.axes))):
        if all(leaf.lead for leaf in leaves([axis])):
            if array.shape[i] > 1 and not (array == array.take([0], axis=i)).all():
                raise InputError("a constant that differs between samples or time steps", mend="let it be the same for all")
            array = array.take(0, axis=i)
    return np.ascontiguousarray(np.broadcast_to(array, sample_shape(value.axes)))


def _feeds(made: Document, number: int) -> None:
    """The edges into an operation's node."""
    node = made.folded.nodes[number]
    kind = node.call.operation.kind
    where = f"{made.where}: layer '{node.call.name.replace('.', '_')}'"
    if kind in ("sum", "join") and not _materialised(node):
        return
    if kind in ("product", "matmul", "join"):
        names = []
        for feed in node.operands:
            assert isinstance(feed, Feed)
            names.append(_one(made, _received(made, number, feed), kind))
        (target,) = made.sent[number]
        entry = next(n for n in made.nodes if n["id"] == target)
        entry["inputs"] = names
        made.edges += [(name, target) for name in dict.fromkeys(names)]
        return
    target = made.enters.get(number) or made.sent[number][0]
    (feed,) = node.operands
    if isinstance(feed, Constant):
        what = "it receives something that comes from neither the sample nor a layer"
        raise InputError(what, mend="leave it out", where=where)
    made.connect(_received(made, number, feed), target)


def _one(made: Document, sources: list[str], kind: str) -> str:
    """One node that sends the sum of several."""
    if len(sources) == 1:
        return sources[0]
    id_ = made.add(f"{kind}_operand", {"type": "scale", "scale": 1.0})
    made.connect(sources, id_)
    return id_


def _sources(made: Document, number: int) -> list[str]:
    """The nodes whose outputs add up to what an operation sends."""
    if number < 0 or made.sent[number]:
        return made.sent[number]
    node, found = made.folded.nodes[number], []
    weights = node.call.operation.fields.get("weights", [1.0] * len(node.operands))
    for i, (feed, weight) in enumerate(zip(node.operands, weights, strict=True)):
        if isinstance(feed, Constant):
            continue
        names = _received(made, number, feed)
        if weight != 1.0:
            id_ = made.add(f"{_name(node)}_{i}", {"type": "scale", "scale": float(weight)})
            made.connect(names, id_)
            names = [id_]
        found += names
    shift = _shift(node, weights)
    if shift is not None:
        id_ = made.add(_name(node), {"type": "shift"}, {"shift": shift})
        made.connect(found, id_)
        found = [id_]
    made.sent[number] = found
    return found


def _shift(node: Node, weights: list[float]) -> np.ndarray | None:
    """The constant among what a sum adds."""
    for i, operand in enumerate(node.operands):
        if isinstance(operand, Constant) and operand.array.any():
            value = next(iter(node.values.values()))
            return _of_sample(value, operand.array * weights[i])
    return None


def _name(node: Node) -> str:
    return node.call.name.replace(".", "_") or node.call.operation.kind


def _received(made: Document, number: int, feed: Feed) -> list[str]:
    """What a feed brings: the sources, moved and held back on their way where they are."""
    sources = _sources(made, feed.source)
    in_loop = feed.source in made.loops and made.loops[feed.source] == made.loops.get(number)
    if not feed.moved.nothing:
        sources = [_moved(made, feed, sources)]
    if feed.lag and not in_loop:
        key = ("held", feed.source, feed.moved, feed.lag)
        if key not in made.moved:
            made.moved[key] = made.add("held_back", {"type": "delay", "delay": feed.lag * made.dt})
            made.connect(sources, made.moved[key])
        sources = [made.moved[key]]
    return sources


def _moved(made: Document, feed: Feed, sources: list[str]) -> str:
    """A node that moves neurons as a feed says."""
    key = ("moved", feed.source, feed.moved)
    if key not in made.moved:
        try:
            steps = movement(feed.moved)
        except InputError as error:
            raise error.at(f"{made.where}: what '{sources[0]}' sends") from None
        for step in steps:
            id_ = made.add(f"{sources[0]}_{step['type']}", step)
            made.connect(sources, id_)
            sources = [id_]
        made.moved[key] = sources[0]
    return made.moved[key]
