"""A whole network as hardware, in plain data: layers, and the links between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce

import networkx as nx
import numpy as np

from costmodel.rtl.layer import Layer
from costmodel.rtl.readout import Readout
from costmodel.rtl.space import Space

STAGE_QUEUE = 4
"""Tokens that a queue before a stage with state holds."""


@dataclass(frozen=True)
class Shrunk:
    """Addresses become those of windows of rows × columns; events of one add up, or, where ``largest``, the first passes."""

    rows: int
    columns: int
    largest: bool = False


@dataclass(frozen=True)
class Flattened:
    """Rows and columns become a vector."""


@dataclass(frozen=True, eq=False)
class Delayed:
    """Spikes held back by whole steps, one number for each element in hardware order, or one for all."""

    steps: np.ndarray | int


Stage = Shrunk | Flattened | Delayed


def after(space: Space, stage: Stage) -> Space:
    """The elements behind a stage."""
    if isinstance(stage, Shrunk):
        return Space(space.channels, space.rows // stage.rows, space.columns // stage.columns)
    return Space(space.elements) if isinstance(stage, Flattened) else space


def behind(space: Space, stages: Iterable[Stage]) -> Space:
    """The elements behind several stages."""
    return reduce(after, stages, space)


@dataclass(frozen=True, eq=False)
class Link:
    """From what sends to a layer's port, through stages and a queue.

    Attributes:
        source: the input, or a layer.
        target, port: where it arrives.
        stages: on the way.
        depth: of the queue before the port, tokens.
    """

    source: str
    target: str
    port: int
    stages: tuple[Stage, ...]
    depth: int


@dataclass(frozen=True, eq=False)
class Design:
    """A network as hardware.

    Attributes:
        name: of the network.
        family: of FPGAs, which says where memories lie: "ice40", "ecp5", "xilinx".
        source: name of the input.
        entries: its elements.
        value_bits: of its values; 0 where it sends spikes.
        value_scale: real value of one least significant bit of an input value.
        layers: by name.
        links: between them.
        output: the layer whose events are the answers.
        timesteps: T of a sample.
        dt: length of a step, s.
        readout: what reads its events as a class, which then is the answer; None: whoever receives the events.
    """

    name: str
    family: str
    source: str
    entries: Space
    value_bits: int
    value_scale: float
    layers: Mapping[str, Layer]
    links: tuple[Link, ...]
    output: str
    timesteps: int
    dt: float
    readout: Readout | None = None

    @property
    def answer_space(self) -> Space:
        """The elements of an answer."""
        return self.layers[self.output].space

    @property
    def answer_value_bits(self) -> int:
        """Width of an answer's values; 0 for spikes and for classes."""
        return 0 if self.readout else self.layers[self.output].value_bits

    def late(self, link: Link) -> bool:
        """Whether a link brings what was sent at the step before."""
        return self.layers[link.target].ports[link.port].late

    def space(self, name: str) -> Space:
        """The elements of the input or a layer."""
        return self.entries if name == self.source else self.layers[name].space

    def value_bits_of(self, name: str) -> int:
        """Width of the values that the input or a layer sends; 0 for spikes."""
        return self.value_bits if name == self.source else self.layers[name].value_bits

    @cached_property
    def order(self) -> list[list[str]]:
        """The layers as they can be run one after another, over all time steps; those of a loop together, step by step."""
        graph = nx.DiGraph()
        graph.add_nodes_from(self.layers)
        graph.add_edges_from((link.source, link.target) for link in self.links if link.source != self.source)
        whole = nx.condensation(graph)
        return [sorted(whole.nodes[part]["members"], key=list(self.layers).index) for part in nx.topological_sort(whole)]

    def into(self, layer: str) -> list[Link]:
        """The links that arrive at a layer, by port."""
        return sorted((link for link in self.links if link.target == layer), key=lambda link: link.port)

    def out_of(self, source: str) -> list[Link]:
        """The links that leave the input or a layer."""
        return [link for link in self.links if link.source == source]
