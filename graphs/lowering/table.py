"""The lowered network as columns: one `Operator` per kind whose sizes are arrays over all its tasks.

Columns are (tasks, 1) arrays, or (tasks, points) where a rate, a bit width, the batch or the number of steps has one value
per design point, so that an equation evaluates a whole network, or a whole sweep of one, at once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import networkx as nx
import numpy as np

from costmodel.graphs.collector import without_collection
from costmodel.graphs.equations.algebra import Value, symbolic
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.event_driven import EventDriven
from costmodel.graphs.lowering.lowering import Lowering, Task, lower
from costmodel.graphs.lowering.operators import KINDS, Operator
from costmodel.graphs.lowering.signal import Signal
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.operands import MatMul


@dataclass(frozen=True)
class Columns:
    """A lowered network, evaluated for one device's bit widths.

    Attributes:
        operators: kind → its operators, every size a column.
        rows: kind → the positions of its rows among all tasks.
        executions: (tasks, 1 or points) executions per sample.
        batch: samples one execution serves, for every task.
        layer: number of the layer that each task belongs to.
        layers: sizes of the layers, (layers, 1 or points) by name.
        timesteps: T.
    """

    operators: Mapping[str, Operator]
    rows: Mapping[str, np.ndarray]
    executions: np.ndarray
    batch: np.ndarray
    layer: np.ndarray
    layers: Mapping[str, np.ndarray]
    timesteps: Value


@dataclass(frozen=True, eq=False)
class MadeSizes:
    """Sizes of hardware that is made for a network (`Operator.made`).

    Attributes:
        columns: kind → size → a column over the tasks of that kind.
        table: the network, lowered; None: it is not made for any.
    """

    columns: Mapping[str, Mapping[str, np.ndarray]]
    table: "Table | None"

    def suits(self, table: "Table") -> bool:
        """Whether it serves a lowered network as well: one of the same layers, perhaps at other rates or over other steps."""
        own = self.table
        if own is table or own is None:
            return own is table
        one, other = own.network, table.network
        if own.rule != table.rule or one.dt != other.dt or one.shapes != other.shapes or one.arrays.keys() != other.arrays.keys():
            return False
        same = all(array is other.arrays[name].get(key) for name, mine in one.arrays.items() for key, array in mine.items())
        return same and [task.name for task in own.tasks] == [task.name for task in table.tasks]


NOT_MADE = MadeSizes({}, None)
"""Of hardware that is there whatever the network."""


class Table:
    """A network lowered once, to be evaluated many times.

    Args:
        network: the network.
        rule: None for inference, or the learning rule of a training step.

    Raises:
        InputError: the rule does not apply to the network.
    """

    @without_collection
    def __init__(self, network: Network, rule: str | None = None) -> None:
        self.network, self.rule = network, rule
        self.lowering = Lowering(network)
        self.graph: nx.DiGraph = lower(network, rule)
        self.tasks: list[Task] = [found["task"] for _, found in self.graph.nodes(data=True)]
        self.rows = {kind: np.array([i for i, task in enumerate(self.tasks) if task.kind == kind], dtype=int) for kind in KINDS}
        layer_of = self.lowering.layer_of
        self.layer_names = list(dict.fromkeys(layer_of[task.node] for task in self.tasks))
        number = {name: i for i, name in enumerate(self.layer_names)}
        self.layer = np.array([number[layer_of[task.node]] for task in self.tasks], dtype=int)
        self.per_step = _column([task.per_step for task in self.tasks])
        self.per_sample = _column([task.per_sample for task in self.tasks])
        self.bits = _column([np.nan if task.bits is None else task.bits for task in self.tasks])
        self.precision = _column([np.nan if task.precision is None else task.precision for task in self.tasks])
        self.unrolled = _column([task.unrolled for task in self.tasks])
        loops = set().union(*(loop for loop in nx.strongly_connected_components(network.graph) if len(loop) > 1))
        self.events = EventDriven(self.lowering, rule, self.tasks)
        self.place = {
            "looped": _column([task.node in loops for task in self.tasks]),
            "training": _column([rule is not None for _ in self.tasks]),
            "backward": _column([task.phase == "backward" for task in self.tasks]),
            "update": _column([task.phase == "update" for task in self.tasks]),
            "event_driven": _column([self.events.runs for _ in self.tasks]),
            **{name: _column(values) for name, values in self.events.sizes().items()},
        }
        self.fixed = {kind: self._sizes(rows) for kind, rows in self.rows.items() if len(rows)}
        self.structure = self._layer_structure()

    def _sizes(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """The sizes that lowering knows, as columns over some tasks of one kind."""
        return {name: _column([self.tasks[i].sizes[name] for i in rows]) for name in self.tasks[rows[0]].sizes}

    @cached_property
    def depth(self) -> int:
        """Populations on the longest path."""
        return self.lowering.depth

    def columns(
        self,
        signals: "Signals",
        *,
        weight_bits: Value,
        state_bits: Value,
        batch: Value = 1.0,
        bits: Value | None = None,
        timesteps: Value | None = None,
        made: MadeSizes = NOT_MADE,
    ) -> Columns:
        """The columns under an activity.

        Args:
            signals: what ``signals`` gives for the activity.
            weight_bits: bits of a weight where the network says nothing.
            state_bits: bits of a state variable where the network says nothing.
            batch: samples run together.
            bits: bits that replace the network's own, for weights.
            timesteps: time steps instead of the network's, at the same rates; a symbol, or one value per design point.
            made: sizes of hardware that is made for the network.
        """
        steps: Value = float(self.network.timesteps) if timesteps is None else timesteps
        executions = np.where(self.per_step, steps, 1.0)
        samples = np.where(self.per_sample, batch, 1.0)
        operators, held, sizes_of = {}, 0.0, {}
        for kind, fixed in self.fixed.items():
            rows = self.rows[kind]
            sizes = {**fixed, **signals[kind]}
            if kind in ("synapses", "plasticity"):
                sizes["bits"] = self._bits(rows, weight_bits, bits)
            if kind == "neurons":
                sizes["bits"] = self._bits(rows, state_bits, None)
            if kind == "memory":
                sizes |= self._memory(rows, sizes, state_bits, steps)
                held = (sizes["kept"] * sizes["bits"] * sizes["history"] * samples[rows]).sum(axis=0) / 8
            sizes_of[kind] = sizes
        layers = self._layers(sizes_of.get("synapses"))
        resident = layers["layer_weight_bits"].sum(axis=0) / 8 + self._state_bytes(sizes_of) * batch + held
        for kind, sizes in sizes_of.items():
            rows = self.rows[kind]
            sizes |= {name: column[self.layer[rows]] for name, column in layers.items()}
            sizes |= {"executions": executions[rows], "batch": samples[rows], "resident": resident}
            sizes |= {name: column[rows] for name, column in self.place.items()}
            sizes |= {name: np.zeros((len(rows), 1)) for name in KINDS[kind].made} | made.columns.get(kind, {})
            operators[kind] = KINDS[kind](sizes)
        return Columns(operators, self.rows, executions, samples, self.layer, layers, steps)

    def _bits(self, rows: np.ndarray, native: Value, replaced: Value | None) -> np.ndarray:
        """Bits of each task: what its algorithm needs, or what replaces the file's, or the file's, or the device's own."""
        given = np.where(np.isnan(self.bits[rows]), native, self.bits[rows]) if replaced is None else replaced
        return np.where(np.isnan(self.precision[rows]), given, self.precision[rows])

    def _memory(
        self, rows: np.ndarray, sizes: Mapping[str, np.ndarray], state_bits: Value, timesteps: Value
    ) -> dict[str, np.ndarray]:
        """Spikes that are delayed take a bit each, values a state's width; records of events are fewer by the rate."""
        records = _column([self.tasks[i].output is not None for i in rows])
        width = np.where(sizes["binary"] > 0, 1.0, self._bits(rows, state_bits, None))
        return {
            "bits": np.where(np.isnan(self.precision[rows]), width, self.precision[rows]),
            "kept": sizes["kept"] * np.where(records, sizes["rate"], 1.0),
            "rate": np.where(records, 1.0, sizes["rate"]),
            "history": np.where(self.unrolled[rows], timesteps, 1.0),
        }

    def signals(self, activity: Activity) -> "Signals":
        """Rates at every task, and for synapses whether they are spikes and how far they reach, by kind.

        Forward in time each spike train that meets others at a node is counted, as event-driven devices deliver it.
        """
        return {kind: self._signals(kind, activity, activity.delivered) for kind in self.fixed}

    def added(self, activity: Activity) -> "Signals":
        """The same where what meets at a node is added up first, as software does it and NeuroBench counts it."""
        return {kind: self._signals(kind, activity, lambda name: (activity.received(name),)) for kind in self.fixed}

    def _signals(self, kind: str, activity: Activity, forward: Callable[[str], tuple[Signal, ...]]) -> dict[str, np.ndarray]:
        """The signals of a kind; ``forward`` gives those at a node's input, but for the backward pass, which takes their sum."""
        rates, binary, fan_out, arriving = [], [], [], []
        for i in self.rows[kind]:
            task = self.tasks[i]
            if task.signal is None:
                rates.append(1.0 if task.output is None else activity.sent[task.output].events)
                binary.append(False)
                if kind == "synapses":
                    fan_out.append(task.sizes["connections"] / task.sizes["inputs"])
                    arriving.append(rates[-1])
                continue
            if isinstance(self.network.nodes[task.node], MatMul):  # both its inputs bring zeros
                joint = activity.received(task.signal)
                rates.append(joint.rate)
                binary.append(joint.binary)
                fan_out.append(task.sizes["connections"] / task.sizes["inputs"])
                arriving.append(joint.rate)
                continue
            signals = (activity.received(task.signal),) if task.phase == "backward" else forward(task.signal)
            rates.append(sum((signal.rate for signal in signals[1:]), signals[0].rate))
            binary.append(task.phase == "forward" and all(signal.binary for signal in signals))
            if kind == "synapses":
                fan_out.append(self._fan_out(task.node, signals, activity.crowded))
                arriving.append(activity.arriving(task.signal))
        found = {"rate": _column(rates)}
        if kind in ("synapses", "memory"):
            found["binary"] = _column(binary)
        if kind == "synapses":
            found["fan_out"] = _column(fan_out)
            found["arriving"] = _column(arriving)
        if kind == "neurons":
            heard = self.events.signals(self.rows[kind].tolist(), activity)
            found |= {name: _column(values) for name, values in heard.items()}
        return found

    def unplaced(self, activity: Activity) -> dict[str, float]:
        """Where only a mean rate is known of what a convolution receives: its node → by how much more than the mean input an active
        one may reach (`graphs.lowering.lowering.Lowering.crowding`)."""
        names = dict.fromkeys(task.signal for task in self.tasks if task.kind == "synapses" and task.signal is not None)
        found = {name: max(float(self.lowering.crowding(name, one)) for one in activity.delivered(name)) for name in names}
        return {name: crowding for name, crowding in found.items() if crowding > 1}

    def _fan_out(self, node: str, signals: tuple[Signal, ...], crowded: Value) -> Value:
        """Connections of an active input, the mean over the events of several signals."""
        each: list[Value] = [self.lowering.fan_out(node, signal.elements) for signal in signals]
        if symbolic(crowded) or crowded:
            more = [crowded * (self.lowering.crowding(node, signal) - 1) for signal in signals]
            each = [fan_out * (1 + share) for fan_out, share in zip(each, more, strict=True)]
        if all(fan_out == each[0] for fan_out in each):
            return each[0]
        events = sum(signal.rate for signal in signals)
        reached = sum(signal.rate * fan_out for signal, fan_out in zip(signals, each, strict=True))
        return reached / events if symbolic(events) else reached / np.maximum(events, 1e-300)

    def _layer_structure(self) -> dict[str, np.ndarray]:
        """Per layer: neurons, inputs and connections, which do not depend on bits."""
        n = len(self.layer_names)
        arithmetic = ("layer_multiply", "layer_exponential", "layer_compare")
        names = ("layer_neurons", "layer_fan_in", "layer_connections", "layer_states", "layer_inputs", "layer_cores", *arithmetic)
        result = {name: np.zeros((n, 1)) for name in names}
        outputs = np.zeros((n, 1))
        number = {name: i for i, name in enumerate(self.layer_names)}
        for node, cores in self.network.settings.placement.items():
            if (layer := number.get(self.lowering.layer_of[node])) is not None:
                result["layer_cores"][layer] = max(result["layer_cores"][layer, 0], cores)
        # A rule without time steps has no operators of inference.
        timeless = not any(task.kind == "synapses" and task.name == task.node for task in self.tasks)
        for task in self.lowering.forward() if timeless else self.tasks:
            layer = number.get(self.lowering.layer_of[task.node])
            if layer is not None and task.phase == "forward" and task.name == task.node:
                if task.kind == "synapses":
                    result["layer_fan_in"][layer] += task.sizes["most_inputs"]
                    result["layer_connections"][layer] += task.sizes["connections"]
                    result["layer_inputs"][layer] += task.sizes["inputs"]
                    outputs[layer] = max(outputs[layer, 0], task.sizes["outputs"])
                if task.kind == "neurons" and self.layer_names[layer] == task.node:
                    sizes = task.sizes
                    result["layer_neurons"][layer] += sizes["neurons"]
                    result["layer_states"][layer] = sizes["states"]
                    result["layer_multiply"][layer] = (sizes["multiply"] + 2 * sizes["divide"]) / sizes["substeps"]
                    result["layer_exponential"][layer] = sizes["exponential"] / sizes["substeps"]
                    result["layer_compare"][layer] = sizes["compare"] / sizes["substeps"]
        neurons = result["layer_neurons"]
        result["layer_neurons"] = np.where(neurons > 0, neurons, outputs)
        return result

    def _layers(self, synapses: dict[str, np.ndarray] | None) -> dict[str, np.ndarray]:
        """Sizes of the layers, the bits of their weights among them."""
        bits = np.zeros((len(self.layer_names), 1))
        if synapses is not None:
            rows = self.own_rows("synapses")
            stored = ((synapses["weights"] + synapses["biases"]) * synapses["bits"])[rows]
            bits = np.zeros((len(self.layer_names), stored.shape[1]), dtype=stored.dtype)
            np.add.at(bits, self.layer[self.rows["synapses"]][rows], stored)
        return {**self.structure, "layer_weight_bits": bits}

    def _state_bytes(self, sizes: Mapping[str, Mapping[str, np.ndarray]]) -> Value:
        """Bytes of neuron state of one sample."""
        if "neurons" not in sizes:
            return 0.0
        neurons = sizes["neurons"]
        return (neurons["neurons"] * neurons["states"] * neurons["bits"])[self.own_rows("neurons")].sum(axis=0) / 8

    @cached_property
    def _own(self) -> dict[str, np.ndarray]:
        own = np.array([task.name == task.node for task in self.tasks], dtype=bool)
        return {kind: np.flatnonzero(own[rows]) for kind, rows in self.rows.items()}

    def own_rows(self, kind: str) -> np.ndarray:
        """Rows of a kind that are the network's own nodes, not what training adds."""
        return self._own[kind]


Signals = Mapping[str, Mapping[str, np.ndarray]]
"""kind → "rate", "binary" and "fan_out" → a column."""


def _column(values: list) -> np.ndarray:
    """A (rows, 1) column, or (rows, points) where some value has one entry per point; of objects where one is an expression."""
    if symbolic(*values):
        return np.array(values, dtype=object).reshape(-1, 1)
    if all(isinstance(value, float | int) for value in values):
        return np.array(values, dtype=float).reshape(-1, 1)
    return np.array(np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=float)) for value in values)))
