"""A network: its nodes, edges and settings, checked."""

import math
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import networkx as nx
import numpy as np

from costmodel.graphs.answers import answering, default_readout, only_answer
from costmodel.graphs.assembling import assembled
from costmodel.graphs.collector import without_collection
from costmodel.graphs.document import Settings
from costmodel.graphs.elements import Elements, carried, without
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.neurons import all_neurons
from costmodel.graphs.nodes import NODES, Node, node_type
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.linear import Linear
from costmodel.graphs.nodes.node import Rate, Shape
from costmodel.graphs.nodes.operands import Operands
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.synapses import SynapseNode
from costmodel.graphs.readouts.readout import Readout
from costmodel.graphs.settings.validation import validated

Arrays = Mapping[str, Mapping[str, np.ndarray]]
"""Arrays per node id: weight, bias, or a neuron's parameter per neuron."""


class Network:
    """A checked network.

    Attributes:
        settings: all but the nodes, as in the file.
        nodes: nodes by id, in the file's order.
        graph: networkx DiGraph of the ids.
        shapes: id → (input shape, output shape) of one sample at one time step.
        arrays: arrays per node id, where there are any.
        elements: activity that was measured element by element, where it was.
        delayed: ids of linear nodes whose every connection has a delay of its own → the synaptic delay node before it.
        where: what errors call it (its file).
        told: what a reader of another format assumed, in words.
        assumptions: what the file left open and was assumed, in words; all of that included.
    """

    def __init__(
        self,
        settings: Settings,
        nodes: Mapping[str, Node],
        arrays: Arrays,
        where: str,
        told: tuple[str, ...] = (),
        elements: Elements | None = None,
    ) -> None:
        self.elements = dict(elements or {})
        self.settings, self.nodes, self.arrays, self.where, self.told = settings, dict(nodes), arrays, where, told
        self.name, self.dt, self.timesteps = settings.name, settings.dt, settings.timesteps
        self.graph = self._connect()
        self._check_cycles()
        self.shapes = self._infer_shapes()
        self._check_nodes()
        self._check_placement()
        self.delayed = self._delayed()
        self.arrays = {name: kept for name in self.arrays if (kept := self._informative(name))}

    @classmethod
    @without_collection
    def from_document(
        cls,
        document: object,
        arrays: Arrays | None = None,
        where: str = "network",
        told: tuple[str, ...] = (),
        elements: Elements | None = None,
    ) -> "Network":
        """A network from the JSON document of a network file.

        Args:
            document: what ``json.load`` gives.
            arrays: arrays per node id, instead of files beside it.
            where: what errors call it.
            told: what a reader of another format assumed, in words.
            elements: activity that was measured element by element, as `graphs.lowering.activity.Activity` takes it.

        Raises:
            InputError: anything at fault, with its place and a mend.
        """
        settings = validated(Settings, document, where)
        nodes: dict[str, Node] = {}
        for index, raw in enumerate(settings.nodes):
            place = f"{where}: nodes[{index}]" + (f" '{raw['id']}'" if isinstance(raw.get("id"), str) else "")
            node = _node(raw, place)
            if node.id in nodes:
                raise InputError(f"the id '{node.id}' is used twice", mend="rename one of the two", where=place)
            nodes[node.id] = node
        return cls(settings, nodes, arrays or {}, where, told, elements)

    @classmethod
    def from_arrays(
        cls,
        populations: Mapping[str, Mapping[str, Any]],
        connections: Sequence[Mapping[str, Any]],
        inputs: Mapping[str, Mapping[str, Any]],
        dt: float,
        timesteps: int,
        name: str = "network",
        outputs: Iterable[str] = (),
    ) -> "Network":
        """A network of populations and the arrays that connect them, as SONATA, PyNN and Brian2 keep them.

        Args:
            populations: name → ``type`` (of neuron), ``size`` (a number, or a shape: its neurons count row by row), and the
                neuron's parameters in SI, each one value or one per neuron; ``reset``, ``bits``, ``rate`` as in a network file.
            connections: each with ``source``, ``target``, ``weight``: a matrix (source, target), in which 0 is no synapse, or a
                tuple of arrays (source index, target index, weight); and ``delay`` in s, one or one per synapse, to the nearest
                step: a spike of step t arrives at step t + delay / dt. By default as soon as can be: within the step, in loops
                at the next one.
            inputs: name → ``size``, and ``rate`` in Hz, one or one per element.
            dt: length of a time step, s.
            timesteps: time steps of a sample.
            name: what to call it.
            outputs: populations that answer; by default those that nobody receives from.

        Raises:
            InputError: names what is at fault, with its place and a mend.
        """
        document, arrays, elements = assembled(populations, connections, inputs, dt, timesteps, name, outputs)
        return cls.from_document(document, arrays, name, elements=elements)

    def with_timesteps(self, timesteps: int) -> "Network":
        """The same network over another number of time steps.

        Rates per step stay as they are, but for what sends once per sample (first-spike neurons, latency-coded inputs): there
        the spikes per sample stay.

        Raises:
            InputError: fewer than 1.
        """
        if timesteps < 1:
            raise InputError(f"{timesteps} time steps will not do", mend="give 1 or more", where=self.where)
        fields = {**self.settings.model_dump(exclude_unset=True), "timesteps": timesteps}
        share = self.timesteps / timesteps
        nodes = {name: _rescaled(node, share) for name, node in self.nodes.items()}
        elements = carried(self.elements, {name for name, node in self.nodes.items() if sends_once(node)}, share, timesteps)
        return Network(validated(Settings, fields, self.where), nodes, self.arrays, self.where, self.told, elements)

    def without_weights(self) -> "Network":
        """The same network without the arrays that training changes, so that they are drawn anew."""
        kept = {}
        for name, own in self.arrays.items():
            node = self.nodes[name]
            if isinstance(node, Population):
                kept[name] = {key: array for key, array in own.items() if key not in node.trained_parameters()}
            elif not getattr(node, "trained", False):
                kept[name] = own
        return Network(self.settings, self.nodes, kept, self.where, self.told, self.elements)

    def with_rates(self, rates: Mapping[str, Rate]) -> "Network":
        """The same network with other rates of some nodes.

        Raises:
            InputError: no such node, or a rate above the node's limit.
        """
        for name in rates:
            if name not in self.nodes:
                raise InputError(f"no node '{name}' to give a rate", mend=nearest(name, self.nodes), where=self.where)
        nodes = {name: node.model_copy(update={"rate": rates.get(name, node.rate)}) for name, node in self.nodes.items()}
        elements = without(self.elements, set(rates), self.nodes)
        return Network(self.settings, nodes, self.arrays, self.where, self.told, elements)

    def with_elements(self, elements: Elements) -> "Network":
        """The same network with activity that was measured element by element in the place of its own."""
        return Network(self.settings, self.nodes, self.arrays, self.where, self.told, elements)

    def with_placement(self, cores: Mapping[str, int]) -> "Network":
        """The same network with some layers spread over so many cores, by a node of each.

        Raises:
            InputError: no such node, one of no layer, or fewer cores than 1.
        """
        fields = {**self.settings.model_dump(exclude_unset=True), "placement": {**self.settings.placement, **cores}}
        settings = validated(Settings, fields, self.where)
        return Network(settings, self.nodes, self.arrays, self.where, self.told, self.elements)

    @cached_property
    def inputs(self) -> list[str]:
        """Ids of the input nodes."""
        return [name for name, node in self.nodes.items() if isinstance(node, Input)]

    @cached_property
    def outputs(self) -> list[str]:
        """Ids of the nodes whose output is the answer (`answering` has the rule; it raises InputError where there is none)."""
        return answering(self.nodes, self.graph, self.where)

    @cached_property
    def output(self) -> str:
        """The one output, where one is read; InputError where there are several."""
        return only_answer(self.outputs, self.where)

    @cached_property
    def readout(self) -> Readout:
        """As the file says; else first spikes of neurons that spike once, counts of other spikes, and maxima of values."""
        if self.settings.readout is not None:
            return self.settings.readout
        return default_readout(self.nodes, self.graph, self.output)

    @cached_property
    def assumptions(self) -> list[str]:
        """What the file leaves open and is therefore assumed, in words."""
        given = self.settings.model_fields_set
        told = list(self.told)
        if "timesteps" not in given:
            told.append("timesteps: 1 assumed, so costs are per time step; give 'timesteps' or --timesteps")
        if "dt" not in given:
            told.append("dt: 1 ms assumed; give 'dt'")
        return told

    def _connect(self) -> nx.DiGraph:
        """The graph of ids; nodes form a chain where no edges are given."""
        names = list(self.nodes)
        edges = self.settings.edges
        if edges is None:
            edges = list(pairwise(names))
        graph = nx.DiGraph()
        graph.add_nodes_from(names)
        for index, (start, end) in enumerate(edges):
            for name in (start, end):
                if name not in self.nodes:
                    raise InputError(f"no node '{name}'", mend=nearest(name, names), where=f"{self.where}: edges[{index}]")
            if graph.has_edge(start, end):
                raise InputError(
                    f"the edge '{start}' → '{end}' is there twice", mend="remove one", where=f"{self.where}: edges[{index}]"
                )
            if isinstance(self.nodes[end], Input):
                raise InputError(
                    f"the edge '{start}' → '{end}' enters an input", mend="inputs only send", where=f"{self.where}: edges[{index}]"
                )
            graph.add_edge(start, end)
        return graph

    def _infer_shapes(self) -> dict[str, tuple[Shape, Shape]]:
        """Shapes from the inputs on; a loop takes its shape from outside."""
        shapes: dict[str, tuple[Shape, Shape]] = {}
        if not self.inputs:
            raise InputError("there is no input node", mend='add {"id": "in", "type": "input", "shape": [...]}', where=self.where)
        waiting = deque(self.inputs)
        while waiting:
            name = waiting.popleft()
            if name in shapes:
                continue
            node = self.nodes[name]
            sources = [before for before in self.graph.pred[name] if before in shapes]
            if isinstance(node, Operands) and len(sources) < len(self.graph.pred[name]):
                continue  # asked again from the last of its inputs
            shape = shapes[sources[0]][1] if sources else ()
            try:
                shapes[name] = (shape, node.output_shape(shape)) if not isinstance(node, Operands) else self._joined(node, shapes)
            except InputError as error:
                came = f" (from '{sources[0]}')" if sources else ""
                raise InputError(error.what + came, mend=error.mend, where=f"{self.where}: node '{name}'") from None
            waiting.extend(self.graph.succ[name])
        lost = [name for name in self.nodes if name not in shapes]
        waits = [name for name in lost if isinstance(self.nodes[name], Operands)]
        if waits:
            what = f"node '{waits[0]}' waits for inputs that no input node reaches without it"
            raise InputError(what, mend="let all its inputs come from before it", where=self.where)
        if lost:
            raise InputError(f"node '{lost[0]}' is reached from no input", mend="add an edge to it, or remove it", where=self.where)
        for name, (shape, _) in shapes.items():
            for before in () if isinstance(self.nodes[name], Operands) else self.graph.pred[name]:
                if shapes[before][1] != shape:
                    first = next(iter(b for b in self.graph.pred[name] if shapes[b][1] == shape))
                    raise InputError(
                        f"node '{name}' gets {list(shape)} from '{first}' and {list(shapes[before][1])} from '{before}'",
                        mend="make the two shapes equal",
                        where=self.where,
                    )
        return shapes

    def _joined(self, node: Operands, shapes: dict[str, tuple[Shape, Shape]]) -> tuple[Shape, Shape]:
        """The shapes of a node with ordered inputs: of the first of them, and its own."""
        node.check_inputs(list(self.graph.pred[node.id]))
        found = [shapes[before][1] for before in node.inputs]
        return found[0], node.joined(found)

    def _check_cycles(self) -> None:
        """Every cycle must hold state, or its value at a step would depend on itself."""
        stateless = [name for name, node in self.nodes.items() if not node.holds_state()]
        instant = self.graph.subgraph(stateless)
        if not nx.is_directed_acyclic_graph(instant):
            cycle = " → ".join([edge[0] for edge in nx.find_cycle(instant)])
            raise InputError(f"the cycle {cycle} holds no state", mend="put a neuron or a delay into it", where=self.where)

    def _check_nodes(self) -> None:
        """Rates within their limits, arrays of the right shape."""
        for name, node in self.nodes.items():
            limit = self.rate_limit(name)
            if node.rate is not None and max(node.rate.mean, node.rate.bounds()[1]) > limit * (1 + 1e-9):
                raise InputError(
                    f"rate {max(node.rate.mean, node.rate.bounds()[1]):g} is above {limit:g} events per element and time step",
                    mend=f"{node.type} nodes send at most that many",
                    where=f"{self.where}: node '{name}'",
                )
            if name in self.arrays:
                try:
                    node.check_arrays(self.shapes[name][0], self.arrays[name])
                except InputError as error:
                    raise error.at(f"{self.where}: node '{name}'") from None

    def _check_placement(self) -> None:
        """Only what computes lies on cores."""
        placed = [name for name, node in self.nodes.items() if isinstance(node, Population | SynapseNode)]
        for name in self.settings.placement:
            if name not in placed:
                what = "has neither neurons nor weights" if name in self.nodes else "is none of the nodes"
                raise InputError(f"'{name}' {what}", mend=nearest(name, placed), where=f"{self.where}: placement")

    def _delayed(self) -> dict[str, str]:
        """Linear nodes whose connections have delays of their own → the synaptic delay node before them; refuses any others."""
        found = {}
        for name, node in self.nodes.items():
            if isinstance(node, Delay) and node.per_connection(self.arrays.get(name, {})):
                place, after = f"{self.where}: node '{name}'", list(self.graph.succ[name])
                following = self.nodes[after[0]] if len(after) == 1 else None
                if not isinstance(following, Linear) or len(self.graph.pred[following.id]) != 1:
                    what = "a synaptic delay must stand before one linear node, alone"
                    raise InputError(what, mend="put it right before that node, or make it axonal", where=place)
                wanted = following.arrays(self.shapes[following.id][0])["weight"]
                array = self.arrays.get(name, {}).get("delay")
                if array is not None and array.shape != wanted:
                    raise InputError(
                        f"array 'delay' has shape {array.shape}", mend=f"shape {wanted} is needed, as of the weights", where=place
                    )
                found[following.id] = name
        return found

    def _informative(self, name: str) -> dict[str, np.ndarray]:
        """A node's arrays without those that say of every neuron what the node's own parameter says already."""
        node, given = self.nodes[name], self.arrays[name]
        if not isinstance(node, Population):
            return dict(given)
        known = node.parameters()
        return {key: array for key, array in given.items() if not np.allclose(array, known[key], rtol=1e-6, atol=0.0)}

    def rate_limit(self, name: str) -> float:
        """Most events per element and time step that a node can send; infinite where there is no limit."""
        node = self.nodes[name]
        if isinstance(node, Population) and node.neuron.single_spike:
            return 1 / self.timesteps
        if isinstance(node, Input) and node.spiking:
            return 1.0
        return math.inf if node.max_rate is None else node.max_rate

    def synapse_nodes(self) -> Iterable[tuple[str, SynapseNode]]:
        """The weighted nodes."""
        return ((name, node) for name, node in self.nodes.items() if isinstance(node, SynapseNode))


def sends_once(node: Node) -> bool:
    """Whether a node sends once per sample, however many time steps that has."""
    return (isinstance(node, Input) and node.encoder.once) or (isinstance(node, Population) and node.neuron.single_spike)


def _rescaled(node: Node, factor: float) -> Node:
    """A node that sends once per sample, its rate per step scaled; any other node as it is."""
    if not sends_once(node) or node.rate is None:
        return node
    scaled = {key: value * factor for key in ("mean", "low", "high") if (value := getattr(node.rate, key)) is not None}
    return node.model_copy(update={"rate": node.rate.model_copy(update=scaled)})


def _node(raw: dict[str, Any], place: str) -> Node:
    """One node of the file as its own class."""
    kind = raw.get("type")
    if not isinstance(kind, str):
        raise InputError("'type' is missing", mend='add "type"', where=place)
    model = node_type(kind)
    if model is None:
        known = {*NODES, *all_neurons()}
        raise InputError(f"unknown node type '{kind}'", mend=nearest(kind, known), where=place)
    return validated(model, raw, place)
