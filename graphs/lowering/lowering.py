"""Lowering: from nodes to a dataflow graph of operators, for inference or for training under a learning rule."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np

from costmodel.graphs.equations.algebra import Value, maximum, minimum, symbolic
from costmodel.graphs.equations.arithmetic import Arithmetic
from costmodel.graphs.equations.discretise import arithmetic, substeps
from costmodel.graphs.lowering.activity import is_spiking
from costmodel.graphs.lowering.signal import Signal
from costmodel.graphs.lowering.trained import learning_nodes, trained_parameters
from costmodel.graphs.network import Network
from costmodel.graphs.nodes import Node
from costmodel.graphs.nodes.boundary import Input, Output
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.elementwise import Elementwise, Relu
from costmodel.graphs.nodes.node import Shape
from costmodel.graphs.nodes.operands import MatMul, Operands, Product
from costmodel.graphs.nodes.pool import Pool
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.reducing import Reduce
from costmodel.graphs.nodes.synapses import Geometry, SynapseNode
from costmodel.graphs.settings.training import RULES

LAYER_ENDS = (Population, Input, Relu)
"""Nodes that end a layer: what a device maps to cores, tiles or a pipeline's stage, together with the synapses before it."""


@dataclass(slots=True)
class Task:
    """One operator of the lowered graph: its sizes without what depends on rates, bits and batch.

    Attributes:
        name: unique: the node's id, or ``id.what`` for what training adds.
        node: id of the node it came from.
        operator: what it is called in tables ("linear", "adjoint").
        kind: kind of `graphs.lowering.operators`.
        phase: "forward", "backward" or "update".
        sizes: sizes of its kind, numbers.
        signal: id of the node whose *input* signal gives rate and binary; None: dense values.
        output: id of the node whose *output* signal gives the rate: of neurons, or of records that are kept of each event.
        per_step: executed at every time step, or once.
        per_sample: executed for every sample, or once per batch.
        unrolled: what it keeps is kept for every time step (memory).
        bits: bits given in the file; None: the device's own.
        precision: bits that the algorithm needs whatever the file says (a gradient's 32); None: none.
        waits_for: names of the tasks before it.
    """

    name: str
    node: str
    operator: str
    kind: str
    phase: str
    sizes: Mapping[str, float]
    signal: str | None = None
    output: str | None = None
    per_step: bool = True
    per_sample: bool = True
    unrolled: bool = False
    bits: int | None = None
    precision: int | None = None
    waits_for: list[str] = field(default_factory=list)


class Lowering:
    """What lowering a network needs to know, shared by inference and all learning rules."""

    def __init__(self, network: Network) -> None:
        self.network = network

    @cached_property
    def layer_of(self) -> dict[str, str]:
        """The layer of each node: the population or rectifier it feeds; synapses that feed others are a layer of their own.

        An output node that feeds nothing is only a mark, on the layer before it.
        """
        network, layers = self.network, {}
        marks = [name for name, node in network.nodes.items() if isinstance(node, Output) and not network.graph.succ[name]]
        for name in [name for name in network.nodes if name not in marks]:
            path, here = [], name
            while here not in layers:
                path.append(here)
                after = [n for n in network.graph.succ[here] if n not in path and n not in marks]
                if isinstance(network.nodes[here], LAYER_ENDS) or not after or self._feeds_synapses(here):
                    layers[here] = here
                else:
                    here = after[0]
            for passed in path:
                layers[passed] = layers[here]
        return layers | {name: layers[next(iter(network.graph.pred[name]))] for name in marks}

    def _feeds_synapses(self, name: str) -> bool:
        """Whether a weighted node reaches another one through nodes that end no layer."""
        nodes, graph = self.network.nodes, self.network.graph
        if not isinstance(nodes[name], SynapseNode):
            return False
        seen = {name}
        while following := [n for n in graph.succ[name] if n not in seen]:
            name = following[0]
            seen.add(name)
            if isinstance(nodes[name], (SynapseNode, *LAYER_ENDS)):
                return isinstance(nodes[name], SynapseNode)
        return False

    @cached_property
    def depth(self) -> int:
        """Populations on the longest path from an input to an output, loops taken once: steps until a spike is through."""
        graph = self.network.graph
        acyclic = nx.is_directed_acyclic_graph(graph)
        whole = graph if acyclic else nx.condensation(graph)
        longest: dict[Any, int] = {}
        for part in nx.topological_sort(whole):
            members: Iterable[Any] = (part,) if acyclic else whole.nodes[part]["members"]
            populations = any(isinstance(self.network.nodes[str(name)], Population) for name in members)
            longest[part] = max((longest[p] for p in whole.pred[part]), default=0) + populations
        return max(1, *longest.values())

    def bits(self, node: Node) -> int | None:
        """Bits given for a node: by itself, or, for weights, by the network."""
        return node.bits if node.bits is not None or not isinstance(node, SynapseNode) else self.network.settings.bits

    @cached_property
    def widest(self) -> int | None:
        """Most bits that the file gives a weight; None where it gives none."""
        given = (self.bits(node) for _, node in self.network.synapse_nodes())
        return max((bits for bits in given if bits is not None), default=None)

    @cached_property
    def neuron_types(self) -> frozenset[str]:
        """Types of what stands between synapses: neurons, rectifiers, normalisations, and products of two inputs, which a chip must
        have as well; factors and biases go into weights."""
        kinds = (Population, Elementwise, MatMul, Product)
        found = (node for node in self.network.nodes.values() if isinstance(node, kinds))
        return frozenset(node.type for node in found if not (isinstance(node, Elementwise) and node.folded))

    def geometry(self, name: str) -> Geometry:
        """Sizes of a weighted node."""
        node = self.network.nodes[name]
        if not isinstance(node, SynapseNode):
            raise TypeError(f"node '{name}' has no synapses")
        return node.geometry(self.network.shapes[name][0])

    def fan_out(self, name: str, elements: np.ndarray | None = None) -> float:
        """Connections of an active input, the mean over all inputs, or over ``elements``, how often each is active."""
        if name not in self._fan_outs:
            weight, geometry = self.network.arrays.get(name, {}).get("weight"), self.geometry(name)
            plain = geometry.connections / geometry.inputs if weight is None else float(self._reach(name).mean())
            self._fan_outs[name] = plain
        if elements is None or not elements.any():
            return self._fan_outs[name]
        reach = self._reach(name)
        return float((reach * elements.reshape(reach.shape)).sum() / elements.sum())

    def crowding(self, name: str, signal: Signal) -> Value:
        """By how much more than the mean input an active one may reach, where only the mean of a signal is known.

        What is seen is active away from the border, where all taps of a kernel count; how far, docs/decisions.md has measured: the
        mean and that are the ends of the interval. No more than all inputs can be active.
        """
        if signal.elements is not None:
            return 1.0
        if name not in self._crowdings:
            node = self.network.nodes[name]
            self._crowdings[name] = node.crowding(self.network.shapes[name][0]) if isinstance(node, SynapseNode) else 1.0
        if self._crowdings[name] == 1:
            return 1.0
        rate = signal.rate if symbolic(signal.rate) else np.maximum(signal.rate, 1e-300)
        return minimum(self._crowdings[name], maximum(1.0, 1 / rate))

    @cached_property
    def _crowdings(self) -> dict[str, float]:
        return {}

    def _reach(self, name: str) -> np.ndarray:
        """Connections of every input of a weighted node; found once."""
        node = self.network.nodes[name]
        if not isinstance(node, SynapseNode):
            raise TypeError(f"node '{name}' has no synapses")
        if name not in self._reaches:
            weight = self.network.arrays.get(name, {}).get("weight")
            self._reaches[name] = node.reach(self.network.shapes[name][0], weight)
        return self._reaches[name]

    @cached_property
    def _fan_outs(self) -> dict[str, float]:
        return {}

    @cached_property
    def _reaches(self) -> dict[str, np.ndarray]:
        return {}

    def neuron_arithmetic(self, node: Population) -> tuple[Arithmetic, int]:
        """Operations of one neuron in one time step, all substeps together, and the number of substeps."""
        repeats = substeps(node.neuron, self.network.dt)
        return arithmetic(node.neuron, node.reset_name(), self.zero(node), repeats), repeats

    def zero(self, node: Population) -> frozenset[str]:
        """Parameters that are 0 for the whole population."""
        own = self.network.arrays.get(node.id, {})
        return frozenset(name for name, value in node.parameters().items() if value == 0 and name not in own)

    @cached_property
    def parameters(self) -> dict[str, int]:
        """Nodes that are trained → how many numbers of them."""
        return trained_parameters(self.network)

    @cached_property
    def learning(self) -> frozenset[str]:
        """Nodes that the backward pass goes through: something trained is in them or before them."""
        return learning_nodes(self.network, self.parameters)

    def passes(self, name: str) -> bool:
        """Whether a gradient has to go on to what a node receives."""
        return any(before in self.learning for before in self.network.graph.pred[name])

    def forward(self) -> list[Task]:
        """The operators of inference, in the file's order."""
        tasks = [task for name in self.network.nodes for task in self._forward(name)]
        present = {task.node for task in tasks}
        called = {task.node: task.name for task in tasks}
        for task in tasks:
            before = {b for p in self.network.graph.pred[task.node] for b in self._nearest(p, present)}
            task.waits_for = sorted(called[b] for b in before)
        return tasks + self.answers(present)

    def answers(self, present: set[str]) -> list[Task]:
        """The answers on their way out: spikes at every step, or values once, after the last; none where nothing is read."""
        readout, tasks = self.network.settings.readout, []
        if readout is not None and not readout.reads:
            return []
        for name in self.network.outputs:
            sources = sorted(self._nearest(name, present))
            spikes = all(is_spiking(self.network.nodes[source]) for source in sources)
            sizes = {"values": math.prod(self.network.shapes[name][1]), "outgoing": 1}
            tasks.append(
                Task(
                    f"{name}.answer", name, "answer", "transfer", "forward", sizes, output=name, per_step=spikes, waits_for=sources
                )
            )
        return tasks

    def _nearest(self, name: str, present: set[str]) -> Iterable[str]:
        """The tasks that a node's output comes from, looking through nodes that lower to nothing."""
        seen, waiting = set(), [name]
        while waiting:
            here = waiting.pop()
            if here in present:
                yield here
            elif here not in seen:
                seen.add(here)
                waiting.extend(self.network.graph.pred[here])

    def _forward(self, name: str) -> list[Task]:
        """The operator of one node; none for nodes that only rename elements."""
        node = self.network.nodes[name]
        before, after = self.network.shapes[name]
        n = math.prod(after)
        if isinstance(node, SynapseNode):
            weight = self.network.arrays.get(name, {}).get("weight")
            sizes = {k: float(v) for k, v in self.geometry(name)._asdict().items()}
            sizes |= {"reduces": 0.0, "most_inputs": float(node.fan_in(before, weight))}
            return [Task(name, name, node.type, "synapses", "forward", sizes, signal=name, bits=self.bits(node))]
        if isinstance(node, Population):
            counts, repeats = self.neuron_arithmetic(node)
            sizes = {"neurons": n, "states": len(node.neuron.states), "substeps": repeats, "graded": node.neuron.graded()}
            sizes |= counts._asdict()
            return [Task(name, name, node.type, "neurons", "forward", sizes, output=name, bits=self.bits(node))]
        if isinstance(node, Pool):
            sizes = {"inputs": math.prod(before), "outputs": n, "window": node.window()}
            return [Task(name, name, node.type, "pooling", "forward", sizes, signal=name)]
        if isinstance(node, Delay):
            steps = max(1, math.ceil(node.delay / self.network.dt - 1e-9))
            sizes = {"elements": n, "kept": n * steps}
            return [Task(name, name, f"{node.kind} delay", "memory", "forward", sizes, signal=name, bits=node.bits)]
        if isinstance(node, Input):
            return [Task(name, name, "input", "transfer", "forward", {"values": n, "outgoing": 0}, output=name)]
        if isinstance(node, Reduce):
            sizes = {"inputs": math.prod(before), "outputs": n, "window": node.window(before)}
            return [Task(name, name, node.type, "pooling", "forward", sizes, signal=name)]
        if isinstance(node, MatMul):
            sizes = {key: float(value) for key, value in node.sizes(*self.operand_shapes(node)).items()}
            return [Task(f"{name}.product", name, node.type, "synapses", "forward", sizes, signal=name)]
        if isinstance(node, Elementwise | Product):
            counts = Arithmetic(multiply=1) if isinstance(node, Product) else node.counts()
            sizes = {"neurons": n, "states": 0, "substeps": 1, "graded": 1, **counts._asdict()}
            return [Task(name, name, node.type, "neurons", "forward", sizes, output=name)]
        return []

    def operand_shapes(self, node: Operands) -> list[Shape]:
        """Shapes of what it receives, in order."""
        return [self.network.shapes[before][1] for before in node.inputs]


def lower(network: Network, rule: str | None = None) -> nx.DiGraph:
    """The dataflow graph of a network: nodes are task names with the `Task` as attribute ``task``.

    Args:
        network: the network.
        rule: None for inference; the name of a learning rule for one training step of a batch.

    Raises:
        InputError: the rule does not apply to this network.
    """
    lowering = Lowering(network)
    tasks = lowering.forward() if rule is None else RULES.load(rule).lower(lowering)
    graph = nx.DiGraph()
    for task in tasks:
        graph.add_node(task.name, task=task)
    for task in tasks:
        graph.add_edges_from((before, task.name) for before in task.waits_for if before in graph)
    return graph
