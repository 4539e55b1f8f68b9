"""Activity: how often each node sends something, and what reaches the next one.

Spiking nodes and inputs carry their own rate; other nodes pass on what they get: a pool of k inputs sends when any of them
did, 1 − (1 − r)^k, and a weighted sum is never zero. Where a file gives no rate one is assumed, and said.
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from costmodel.graphs.collector import without_collection
from costmodel.graphs.elements import RECEIVED, STEPS, node_of
from costmodel.graphs.equations.algebra import Value, symbolic
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.lowering.signal import Signal, added
from costmodel.graphs.network import Network, sends_once
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.elementwise import BatchNorm, Elementwise, Relu, Scale
from costmodel.graphs.nodes.node import Node, Rate
from costmodel.graphs.nodes.operands import Concat, MatMul, Multiplied, Operands, Product
from costmodel.graphs.nodes.pool import Pool
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.reducing import Reduce
from costmodel.graphs.nodes.synapses import SynapseNode
from costmodel.graphs.nodes.upsampling import Upsample
from costmodel.graphs.nodes.wiring import Wiring

ASSUMED_SPIKES = Rate(mean=0.1, low=0.02, high=0.3, source="assumed: trained spiking networks fire at 2 % to 30 % per step")
ASSUMED_RECTIFIED = Rate(mean=0.5, low=0.2, high=1.0, source="assumed: half of the rectified values are zero")
ALWAYS = Rate(mean=1.0, source="sends a value at every step")


class Activity:
    """The signal at every node's output and input.

    Args:
        network: the network.
        bound: "mean", or the "low" or "high" end of every rate, or "steps": the mean at each time step, where it was measured.
        rates: rates that replace the file's: node id → rate, or "*" → the rate of every spiking node.
        elements: measured events per element and step: node id → array of its output shape, or "received.NODE" → share of the
            steps in which the sum that reaches a node is not zero, an array of its input shape (`graphs.lowering.signal.added`).
            "steps.NODE" → events per element at each time step, (T,). They replace the file's rate; one of ``rates`` scales them.
            None: those that the network holds.
        timesteps: time steps that replace the network's: a number, or recorded (of the mean rates).

    Attributes:
        crowded: how far activity of which only the mean is known lies away from borders: 0 as the mean input, 1 where none is near
            (`graphs.lowering.lowering.Lowering.crowding`); 1 at the high end, else 0.

    Raises:
        InputError: a rate or a measurement of an unknown node, negative, not finite, or above the node's limit.
    """

    @without_collection
    def __init__(
        self,
        network: Network,
        bound: str = "mean",
        rates: Mapping[str, Value] | None = None,
        elements: Mapping[str, np.ndarray] | None = None,
        timesteps: Value | None = None,
    ) -> None:
        self.network, self.bound = network, bound
        self.crowded: Value = 1.0 if bound == "high" else 0.0
        self.timesteps = network.timesteps if timesteps is None else timesteps
        self.given, self.elements = dict(rates or {}), dict(network.elements if elements is None else elements)
        self._check_given()
        self.sent: dict[str, Signal] = {}
        for name in network.shapes:  # from the inputs on, so that most nodes find their predecessors done
            self._send(name)

    def received(self, name: str) -> Signal:
        """The signal at a node's input, signals that meet there added up; of two inputs in places of their own, where both are."""
        node = self.network.nodes[name]
        if isinstance(node, Operands):
            return self._coincident(node)
        signals = [self.sent[before] for before in self.network.graph.pred[name] if before in self.sent]
        if not signals:
            return Signal(1.0, False)
        if len(signals) == 1:
            return signals[0]
        as_measured = self.bound == "mean" and not self.given  # of other rates the measured sum knows nothing
        return added(signals, self.elements.get(RECEIVED + name) if as_measured else None)

    @cached_property
    def measured(self) -> bool:
        """Whether the activity of each element is known wherever one may matter: of all that reaches synapses."""
        products = [name for name, node in self.network.nodes.items() if isinstance(node, MatMul)]
        if any(RECEIVED + name not in self.elements for name in products):
            return False
        reaching = (signal for name, _ in self.network.synapse_nodes() for signal in self.delivered(name))
        return all(signal.elements is not None or np.array_equal(signal.rate, 1.0) for signal in reaching)

    @property
    def stepwise(self) -> bool:
        """Whether it is known what some node sends at each time step."""
        return any(name.startswith(STEPS) and name not in self.network.nodes for name in self.elements)

    def delivered(self, name: str) -> tuple[Signal, ...]:
        """The signals at a node's input that an event-driven device delivers: of spike trains that meet there each by itself."""
        return self.received(name).delivered

    def arriving(self, name: str) -> Value:
        """Events that reach an element of a node's input in a step where each is brought by itself: signals that meet are not
        joined, and a pool that sums passes on all."""
        total: Value = 0.0
        for before in self.network.graph.pred[name]:
            node = self.network.nodes[before]
            if before in self.sent and not self._passes_on(before):
                total = total + self.sent[before].rate
            elif isinstance(node, Pool):
                total = total + self.arriving(before) * node.window()
            else:
                total = total + self.arriving(before)
        return total

    def _passes_on(self, name: str) -> bool:
        """Whether what a node sends are the events that it receives, one by one."""
        node = self.network.nodes[name]
        sums = isinstance(node, Pool) and not node.binary
        return name not in self.given and (sums or isinstance(node, Wiring | Scale | Delay))

    def _coincident(self, node: Operands) -> Signal:
        """Where both inputs of a product are active: measured, else taken to be so independently of one another, element by element
        where each was measured; of a join its inputs' mean."""
        signals = [self.sent[before] for before in node.inputs if before in self.sent]
        if len(signals) < len(node.inputs):
            return Signal(1.0, False)
        if isinstance(node, Concat):
            return self._behind_one_another(node, signals)
        one, other = signals
        binary = one.binary and other.binary if isinstance(node, Product) else one.binary or other.binary
        found = self.elements.get(RECEIVED + node.id)
        if found is not None and self.bound == "mean" and not self.given:
            return Signal(float(found.mean()), binary)
        if isinstance(node, Product) and node.inputs[0] == node.inputs[1]:
            return Signal(one.rate, binary)  # a thing is active where it is
        mine, its = one.shares(), other.shares()
        if mine is None or its is None or not isinstance(node, Multiplied):
            return Signal(one.rate * other.rate, binary)
        joint = node.joint(mine, its)
        return Signal(float(joint.mean()), binary, joint if isinstance(node, Product) else None)

    def _behind_one_another(self, node: Concat, signals: list[Signal]) -> Signal:
        shapes = [self.network.shapes[before][1] for before in node.inputs]
        sizes = [float(np.prod(shape)) for shape in shapes]
        rate = sum((signal.rate * size for signal, size in zip(signals[1:], sizes[1:], strict=True)), signals[0].rate * sizes[0])
        shares = [signal.shares() for signal in signals]
        known = [np.broadcast_to(share, shape) for share, shape in zip(shares, shapes, strict=True) if share is not None]
        elements = np.concatenate(known, axis=node.axis) if len(known) == len(signals) else None
        return Signal(rate / sum(sizes), all(signal.binary for signal in signals), elements)

    def _send(self, name: str) -> None:
        """Finds the signal of a node and, before it, of all those that it depends on."""
        if self._ready(name):
            self.sent[name] = self._signal(name)
            return
        stack, waiting = [name], {name}
        while stack:
            top = stack[-1]
            missing = (
                [] if self._ready(top) else [p for p in self.network.graph.pred[top] if p not in self.sent and p not in waiting]
            )
            if missing:
                stack.extend(missing)
                waiting.update(missing)
            else:
                self.sent[top] = self._signal(top)
                stack.pop()

    def _ready(self, name: str) -> bool:
        """Whether a node's signal can be told now: it is its own, or all its predecessors have theirs."""
        return self._has_own(name) or all(before in self.sent for before in self.network.graph.pred[name])

    def _has_own(self, name: str) -> bool:
        """Whether a node's signal is its own, not its predecessors'."""
        return isinstance(self.network.nodes[name], Input | Population)

    def _signal(self, name: str) -> Signal:
        node = self.network.nodes[name]
        before = Signal(1.0, False) if isinstance(node, Input) else self.received(name)
        binary = sends_spikes(node, before.binary)
        own = self._rate(name, node)
        if own is not None:
            return Signal(own, binary, self.elements.get(name))
        if isinstance(node, Pool) and before.elements is not None:
            raise self._lost(name, "what a window sends depends on which of its inputs were active together")
        if isinstance(node, Pool):
            return Signal(1 - (1 - before.rate) ** node.window(), binary)
        shape, after = self.network.shapes[name]
        blends = isinstance(node, Reduce | MatMul | Product) or (isinstance(node, Upsample) and node.mode != "nearest")
        if blends and self._measured_before(name):
            raise self._lost(name, "what it sends depends on which of its inputs were active together")
        if isinstance(node, Reduce | MatMul):
            window = node.window(shape) if isinstance(node, Reduce) else shape[-1]
            return Signal(1 - (1 - before.rate) ** window, False)
        if isinstance(node, Operands):
            return Signal(before.rate, binary, before.elements)
        if isinstance(node, Wiring | Upsample):
            return before.passed(node.moved, node.share(shape), lambda spikes: sends_spikes(node, spikes))
        return before.passed(lambda x: x.reshape(after), 1.0, lambda spikes: sends_spikes(node, spikes))

    def _measured_before(self, name: str) -> bool:
        """Whether the activity of each element is known of all that a node receives."""
        found = [self.sent[before] for before in self.network.graph.pred[name]]
        return all(signal.elements is not None for signal in found)

    def _rate(self, name: str, node: Node) -> Value | None:
        """The rate that a node has of its own at this bound, or at each step; None: it passes on."""
        rate, steps = self._mean(name, node), self.elements.get(STEPS + name)
        if self.bound != "steps" or steps is None or rate is None or not steps.any():
            return rate
        return rate * (steps / steps.mean())

    def _mean(self, name: str, node: Node) -> Value | None:
        """The rate that a node has of its own: given with this run, measured, or the file's; None: it passes on."""
        if name in self.given:
            return self.given[name]
        if "*" in self.given and is_spiking(node):
            return self.given["*"]
        if name in self.elements:
            return self._measured(node, float(self.elements[name].mean()))
        if node.rate is None and symbolic(self.timesteps) and isinstance(node, Population) and node.neuron.single_spike:
            return 1 / self.timesteps  # as assumed, but no number
        if node.rate is not None and symbolic(self.timesteps) and sends_once(node):
            return node.rate.mean * (self.network.timesteps / self.timesteps)
        own = node.rate or assumed_rate(node, self.timesteps)
        return None if own is None else self._end(own)

    def _measured(self, node: Node, mean: float) -> Value:
        """The mean of what was measured element by element; samples differ as much as the node's measured rate says."""
        if symbolic(self.timesteps) and sends_once(node):
            return mean * (self.network.timesteps / self.timesteps)
        if self.bound in ("mean", "steps") or node.rate is None or node.rate.kind != "measured":
            return mean
        return min(mean, self._end(node.rate)) if self.bound == "low" else max(mean, self._end(node.rate))

    def _end(self, rate: Rate) -> float:
        low, high = rate.bounds()
        return {"low": low, "high": high}.get(self.bound, rate.mean)

    def _lost(self, name: str, why: str) -> InputError:
        """Measured activity that ends at a node, where counting on would no longer be exact."""
        what = f"activity was measured before '{name}' and not of it, and {why}"
        return InputError(what, mend=f"measure '{name}' too", where=self.network.where)

    def _check_given(self) -> None:
        nodes = self.network.nodes
        measured = {name: node_of(name, nodes) for name in self.elements}
        for name in [*self.given, *measured.values()]:
            if name != "*" and name not in nodes:
                raise InputError(f"no node '{name}' to give a rate", mend=nearest(name, nodes), where=self.network.where)
        for name, rate in self.given.items():
            if symbolic(rate):
                continue
            limited = [n for n in nodes if is_spiking(nodes[n])] if name == "*" else [name]
            limit = min((self.network.rate_limit(n) for n in limited), default=np.inf)
            if symbolic(rate):
                continue
            values = np.asarray(rate, dtype=float)
            if not np.isfinite(values).all() or (values < 0).any() or (values > limit).any():
                wanted = f"from 0 to {limit:g}" if np.isfinite(limit) else "0 or more"
                place = "every node" if name == "*" else f"'{name}'"
                raise InputError(
                    f"the rate {rate} of {place} will not do", mend=f"write a number {wanted}", where=self.network.where
                )
        for name, array in self.elements.items():
            wanted = self._shape(name, measured[name])
            if array.shape != wanted:
                raise InputError(
                    f"activity of '{name}' has shape {array.shape}", mend=f"shape {wanted} is needed", where=self.network.where
                )
            if not np.isfinite(array).all() or (array < 0).any():
                what = f"activity of '{name}' is negative or not finite"
                raise InputError(what, mend="give events per element and step", where=self.network.where)

    def _shape(self, name: str, node: str) -> tuple[int, ...]:
        """The shape of a measurement: of what a node sends, of what it receives, or of the time steps."""
        if name != node and name.startswith(STEPS):
            return (self.network.timesteps,)
        return self.network.shapes[node][1 if name == node else 0]


def is_spiking(node: Node) -> bool:
    """Whether a node's output is a train of events that has a rate of its own."""
    return (isinstance(node, Population) and node.neuron.spiking()) or (isinstance(node, Input) and node.spiking)


def sends_spikes(node: Node, receives_spikes: bool) -> bool:
    """Whether what a node sends are spikes, given what it receives."""
    if isinstance(node, Input):
        return node.spiking
    if isinstance(node, Population):
        return node.neuron.spiking() and not node.neuron.graded()
    return receives_spikes and node.keeps_spikes


def assumed_rate(node: Node, timesteps: int) -> Rate | None:
    """The rate where the file gives none; None for a node that passes on what it gets."""
    if isinstance(node, Population) and node.neuron.single_spike:
        return Rate(mean=1 / timesteps, low=0.3 / timesteps, high=1 / timesteps, source="assumed: every neuron spikes once")
    if isinstance(node, Population | Input):
        return ASSUMED_SPIKES if is_spiking(node) else ALWAYS
    if isinstance(node, Relu):
        return ASSUMED_RECTIFIED
    always = isinstance(node, SynapseNode | BatchNorm) or (isinstance(node, Elementwise) and node.always())
    return ALWAYS if always else None


def rate_sources(network: Network) -> dict[str, Rate]:
    """The rate of every node that has one of its own, with its kind and source, as used."""
    own = {name: node.rate or assumed_rate(node, network.timesteps) for name, node in network.nodes.items()}
    return {name: rate for name, rate in own.items() if rate is not None and rate is not ALWAYS}
