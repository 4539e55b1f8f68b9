"""Lowering: from nodes to a dataflow graph of operators, for inference or for training under a learning rule."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import networkx as nx
import numpy as np

from graphs.arithmetic import Arithmetic
from graphs.discretise import arithmetic, substeps
from graphs.network import Network
from graphs.nodes import Node
from graphs.nodes.boundary import Input
from graphs.nodes.delay import Delay
from graphs.nodes.elementwise import BatchNorm, Relu, Scale
from graphs.nodes.pool import Pool
from graphs.nodes.population import Population
from graphs.nodes.synapses import Geometry, SynapseNode


@dataclass(slots=True)
class Task:
    """One operator of the lowered graph: its sizes without what depends on rates, bits and batch.

    Attributes:
        name: unique: the node's id, or ``id.what`` for what training adds.
        node: id of the node it came from.
        operator: what it is called in tables ("linear", "adjoint").
        kind: kind of `graphs.operators`.
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
        """The layer of each node: the population it feeds, or the node itself where it feeds none."""
        network, layers = self.network, {}
        for name in network.nodes:
            path, here = [], name
            while here not in layers:
                path.append(here)
                after = [n for n in network.graph.succ[here] if n not in path]
                if isinstance(network.nodes[here], Population | Input) or not after:
                    layers[here] = here
                else:
                    here = after[0]
            for passed in path:
                layers[passed] = layers[here]
        return layers

    @cached_property
    def depth(self) -> int:
        """Populations on the longest path from an input to an output, loops taken once: steps until a spike is through."""
        network = self.network
        if not nx.is_directed_acyclic_graph(network.graph):
            order = {name: index for index, name in enumerate(network.shapes)}
            forward = nx.DiGraph([(a, b) for a, b in network.graph.edges if order[a] < order[b]])
        else:
            forward = network.graph
        longest: dict[str, int] = {}
        for name in nx.topological_sort(forward):
            before = max((longest[p] for p in forward.pred[name]), default=0)
            longest[name] = before + isinstance(network.nodes[name], Population)
        return max(1, *longest.values())

    def bits(self, node: Node) -> int | None:
        """Bits given for a node, by itself or by the network."""
        return node.bits if node.bits is not None else self.network.settings.bits

    @cached_property
    def widest(self) -> int | None:
        """Most bits that the file gives a weight; None where it gives none."""
        given = (self.bits(node) for _, node in self.network.synapse_nodes())
        return max((bits for bits in given if bits is not None), default=None)

    @cached_property
    def neuron_types(self) -> frozenset[str]:
        """Neuron types in use."""
        return frozenset(node.type for node in self.network.nodes.values() if isinstance(node, Population))

    def geometry(self, name: str) -> Geometry:
        """Sizes of a weighted node."""
        node = self.network.nodes[name]
        if not isinstance(node, SynapseNode):
            raise TypeError(f"node '{name}' has no synapses")
        return node.geometry(self.network.shapes[name][0])

    def fan_out(self, name: str, elements: np.ndarray | None = None) -> float:
        """Connections of an active input, the mean over all inputs, or over ``elements``, how often each is active."""
        node = self.network.nodes[name]
        if not isinstance(node, SynapseNode):
            raise TypeError(f"node '{name}' has no synapses")
        weight = self.network.arrays.get(name, {}).get("weight")
        if weight is None and elements is None:
            geometry = self.geometry(name)
            return geometry.connections / geometry.inputs
        shape = self.network.shapes[name][0]
        reach = node.reach(shape, weight)
        if elements is None or not elements.any():
            return float(reach.mean())
        return float((reach * elements.reshape(shape)).sum() / elements.sum())

    def neuron_arithmetic(self, node: Population) -> tuple[Arithmetic, int]:
        """Operations of one neuron in one time step, all substeps together, and the number of substeps."""
        repeats = substeps(node.neuron, self.network.dt)
        return arithmetic(node.neuron, node.reset_name(), self.zero(node), repeats), repeats

    def zero(self, node: Population) -> frozenset[str]:
        """Parameters that are 0 for the whole population."""
        own = self.network.arrays.get(node.id, {})
        return frozenset(name for name, value in node.parameters().items() if value == 0 and name not in own)

    def is_first(self, name: str) -> bool:
        """Whether a node sees nothing but inputs, through nodes without parameters, so that no gradient need pass it."""
        seen, waiting = set(), list(self.network.graph.pred[name])
        while waiting:
            here = waiting.pop()
            if here in seen:
                continue
            seen.add(here)
            node = self.network.nodes[here]
            if isinstance(node, Population | SynapseNode | BatchNorm):
                return False
            waiting.extend(self.network.graph.pred[here])
        return True

    def forward(self) -> list[Task]:
        """The operators of inference, in the file's order."""
        tasks = [task for name in self.network.nodes for task in self._forward(name)]
        present = {task.node for task in tasks}
        for task in tasks:
            task.waits_for = sorted({b for p in self.network.graph.pred[task.node] for b in self._nearest(p, present)})
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
            sizes = {k: float(v) for k, v in self.geometry(name)._asdict().items()} | {"reduces": 0.0}
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
            return [
                Task(
                    name, name, f"{node.kind} delay", "memory", "forward", {"written": n, "read": n, "kept": n * steps}, signal=name
                )
            ]
        if isinstance(node, Input):
            bits = 1 if node.spiking else self.bits(node) or 8
            return [Task(name, name, "input", "transfer", "forward", {"values": n, "bits": bits}, output=name)]
        if isinstance(node, Relu | Scale | BatchNorm):
            counts = {Relu: Arithmetic(compare=1), Scale: Arithmetic(multiply=1), BatchNorm: Arithmetic(multiply=1, add=1)}[
                type(node)
            ]
            sizes = {"neurons": n, "states": 0, "substeps": 1, "graded": 1, **counts._asdict()}
            return [Task(name, name, node.type, "neurons", "forward", sizes, output=name)]
        return []


def lower(network: Network, rule: str | None = None) -> nx.DiGraph:
    """The dataflow graph of a network: nodes are task names with the `Task` as attribute ``task``.

    Args:
        network: the network.
        rule: None for inference; the name of a learning rule for one training step of a batch.

    Raises:
        InputError: the rule does not apply to this network.
    """
    if rule is None:
        tasks = Lowering(network).forward()
    else:
        from graphs.rules import learning_rule

        tasks = learning_rule(rule)(Lowering(network))
    graph = nx.DiGraph()
    for task in tasks:
        graph.add_node(task.name, task=task)
    for task in tasks:
        graph.add_edges_from((before, task.name) for before in task.waits_for if before in graph)
    return graph
