"""Calls of a loop over time steps folded into one of each, and what a step hands to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import nn

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules.layer import Time
from costmodel.graphs.reading.tracing.axes import hold, leaves
from costmodel.graphs.reading.tracing.calls import Call, Constant, Operand, Run, Value
from costmodel.graphs.reading.tracing.mapping import Mapper, Rearrangement


@dataclass(frozen=True)
class Feed:
    """What an operation receives.

    Attributes:
        source: number of the node that sends it; -1 − i is input i.
        moved: how its neurons are moved on their way.
        lag: time steps between.
    """

    source: int
    moved: Rearrangement
    lag: int


@dataclass
class Node:
    """An operation that happens once a step.

    Attributes:
        call: the first of its calls.
        operands: what it receives.
        number: how often it was called.
        started: place of an operand → what stood there in the first step, before anything could come back.
        values: place of an operand → one of the values that it was.
        sent, joint: what is kept of its calls.
    """

    call: Call
    operands: list[Feed | Constant]
    number: int = 1
    started: dict[int, Constant] = field(default_factory=dict)
    values: dict[int, Value] = field(default_factory=dict)
    sent: list = field(default_factory=list)
    joint: list = field(default_factory=list)


@dataclass
class Folded:
    """A run with its time loops folded.

    Attributes:
        nodes: in the order of their first calls.
        results: node and lag-free rearrangement of what the module returned.
        timesteps: how many were run; None where one cannot tell.
        mapper: of its values.
    """

    nodes: list[Node]
    results: list[Feed]
    timesteps: int | None
    mapper: Mapper


class Folder:
    """Folds a run.

    Args:
        run: the run, its axes' roles known but for those that loops tell.
        times: of each neuron layer, how its tensors hold time.
        where: what errors call the module.
    """

    def __init__(self, run: Run, times: Mapping[nn.Module, Time], where: str) -> None:
        self.run, self.times, self.where = run, times, where
        shapes = {-1 - i: (shape, axes) for i, (axes, shape) in enumerate(run.inputs)}
        shapes |= {i: (call.shape, call.axes) for i, call in enumerate(run.calls)}
        self.mapper = Mapper(shapes)
        self.nodes: list[Node] = []
        self.placed: dict[int, tuple[int, int | None]] = {-1 - i: (-1 - i, None) for i in range(len(run.inputs))}
        self.known: dict[tuple, int] = {}
        self.by_operation: dict[tuple, list[int]] = {}
        self.of_layer: dict[nn.Module, int] = {}

    def folded(self) -> Folded:
        """The run, folded.

        Raises:
            InputError: a layer is called on different things, or in no regular way.
        """
        for number, call in enumerate(self.run.calls):
            try:
                self._take(number, call)
            except InputError as error:
                raise error if error.where else error.at(f"{self.where}: layer '{call.name}'") from None
        results = [self._feed(value, None)[0] for value in self.run.results if isinstance(value, Value)]
        return Folded(self.nodes, results, self._timesteps(), self.mapper)

    def _timesteps(self) -> int | None:
        looped = {node.number for node in self.nodes if node.call.layer is not None and self.times[node.call.layer] == "step"}
        if len(looped) > 1:
            counts = " and ".join(str(n) for n in sorted(looped)[:2])
            what = f"its neuron layers are called {counts} times"
            raise InputError(what, mend="call every layer once a time step", where=self.where)
        whole = {leaf.size for axes, _ in self.mapper_axes() for axis in axes for leaf in leaves([axis]) if leaf.role == "time"}
        steps = (looped - {1}) | (whole - {1})
        return max(steps) if steps else None

    def mapper_axes(self) -> list:
        """Axes of inputs and of all that was sent."""
        return [(axes, shape) for axes, shape in self.run.inputs] + [(call.axes, call.shape) for call in self.run.calls]

    def _take(self, number: int, call: Call) -> None:
        if call.operation.kind == "join" and self._timeline(number, call):
            return
        looped = call.layer is not None and self.times[call.layer] == "step"
        if looped and call.layer in self.of_layer:
            step: int | None = self.nodes[self.of_layer[call.layer]].number
        elif looped:
            step = 0
        else:
            steps = [s for v in call.operands if isinstance(v, Value) and (s := self._step(v)) is not None]
            step = max(steps) if steps else None
        feeds = [self._feed(v, step)[0] if isinstance(v, Value) else v for v in call.operands]
        key = (call.operation.key(), call.layer, tuple(_key(feed) for feed in feeds))
        if call.layer is not None and call.layer in self.of_layer:
            place = self.of_layer[call.layer]
            self._again(place, call, feeds, looped=looped)
        else:
            place = self._found(key, call, feeds, step)
        self.placed[number] = (place, step)

    def _found(self, key: tuple, call: Call, feeds: list, step: int | None) -> int:
        """The node of a call: a known one that does the same, one that waited for what now came back, or a new one."""
        if key in self.known:
            return self._sent(self.known[key], call)
        for place in self.by_operation.get((key[0], call.shape), []) if step is not None else []:
            if self._completed(self.nodes[place], feeds, call):
                self.known[key] = place
                return self._sent(place, call)
        node = Node(call, feeds)
        node.values = {i: v for i, v in enumerate(call.operands) if isinstance(v, Value)}
        self.nodes.append(node)
        place = self._sent(len(self.nodes) - 1, call)
        self.known[key] = place
        self.by_operation.setdefault((key[0], call.shape), []).append(place)
        if call.layer is not None:
            self.of_layer[call.layer] = place
        return place

    def _sent(self, place: int, call: Call) -> int:
        """Keeps what a call sent with its node."""
        if call.sent is not None:
            self.nodes[place].sent.append(call.sent)
        if call.joint is not None:
            self.nodes[place].joint.append(call.joint)
        return place

    def _completed(self, node: Node, feeds: list, call: Call) -> bool:
        """Whether a node's operands are these, but for constants in places where from now on something comes back."""
        if len(feeds) != len(node.operands):
            return False
        open_ = [i for i, (old, new) in enumerate(zip(node.operands, feeds, strict=True)) if _key(old) != _key(new)]
        if not open_ or any(not isinstance(node.operands[i], Constant) or isinstance(feeds[i], Constant) for i in open_):
            return False
        for i in open_:
            held = node.operands[i]
            assert isinstance(held, Constant)
            node.started[i], node.operands[i] = held, feeds[i]
            value = call.operands[i]
            assert isinstance(value, Value)
            node.values[i] = value
        return True

    def _again(self, place: int, call: Call, feeds: list, *, looped: bool) -> None:
        node = self.nodes[place]
        if not looped:
            what = "it is called twice, and takes all time steps at once"
            raise InputError(what, mend="give every place in the network a layer of its own")
        node.number += 1
        self._sent(place, call)
        if [_key(f) for f in feeds] == [_key(f) for f in node.operands] or self._completed(node, feeds, call):
            return
        if self._grown(node, feeds) or self._set_in_motion(node, feeds):
            node.operands, node.values = list(feeds), {i: v for i, v in enumerate(call.operands) if isinstance(v, Value)}
            return
        both = " and on what ".join(self._says(operand) for operand in (node.operands[0], feeds[0]))
        raise InputError(
            f"it is called on what {both}", mend="give every place in the network a layer of its own, called once a time step"
        )

    def _grown(self, node: Node, feeds: list) -> bool:
        """Whether, from the second step on, a layer receives what it received in the first and besides what comes back."""
        if node.number != 2 or len(feeds) != 1 or isinstance(feeds[0], Constant) or feeds[0].source < 0:
            return False
        source = self.nodes[feeds[0].source]
        return source.call.operation.kind == "sum" and _key(node.operands[0]) in [_key(f) for f in source.operands]

    def _set_in_motion(self, node: Node, feeds: list) -> bool:
        """Whether what a layer receives was the sample's alone in the first step, and then what comes back besides."""
        if node.number != 2 or len(feeds) != 1 or isinstance(feeds[0], Constant) or isinstance(node.operands[0], Constant):
            return False
        was, now = node.operands[0], feeds[0]
        return (was.source, was.moved) == (now.source, now.moved) and self._step(node.values[0]) is None

    def _says(self, feed: Feed | Constant) -> str:
        if isinstance(feed, Constant):
            return "comes from neither the sample nor a layer"
        if feed.source < 0:
            return "the sample holds"
        late = " at another step" if feed.lag not in (0, 1) else ""
        return f"'{self.nodes[feed.source].call.name}' sends{late}"

    def _step(self, value: Value) -> int | None:
        """The time step of a value: that of what made it, or the one that was taken of all."""
        step = self.placed[value.call][1]
        for part, index in value.picked:
            if part.role == "time" and step is None:
                step = index
        return step

    def _feed(self, value: Operand, step: int | None) -> tuple[Feed, int | None]:
        assert isinstance(value, Value)
        own = self._step(value)
        lag = 0 if own is None or step is None else step - own
        if lag < 0:
            raise InputError("it receives what is sent at a later step", mend="let values pass forward in time")
        return Feed(self.placed[value.call][0], self.mapper.of(value), lag), own

    def _timeline(self, number: int, call: Call) -> bool:
        """Puts in place what only joins the steps of one node: the node, with a time axis."""
        values = [v for v in call.operands if isinstance(v, Value)]
        axis = call.operation.dims["axis"]
        assert isinstance(axis, int)
        sources = {self.placed[v.call][0] for v in values}
        if len(sources) != 1 or [self._step(v) for v in values] != list(range(len(values))):
            return False
        if not call.operation.fields["stacked"]:  # behind one another: each brings an axis of one step
            if any(leaf.size > 1 for v in values for leaf in leaves([v.axes[axis]])):
                return False
            hold([v.axes[axis] for v in values], "time")
        feeds = [self._feed(v, None)[0] for v in values]
        if any(feed != feeds[0] for feed in feeds):
            return False
        hold([call.axes[axis]], "time")
        node = Node(call, [feeds[0]], values={0: values[0]})
        self.nodes.append(node)
        self.placed[number] = (len(self.nodes) - 1, None)
        return True


def _key(feed: Feed | Constant) -> tuple:
    return ("constant", feed.key) if isinstance(feed, Constant) else (feed.source, feed.moved, feed.lag)
