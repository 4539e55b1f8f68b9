"""What nodes with weighted connections have in common: their geometry and how far an input reaches."""

from typing import NamedTuple

import numpy as np

from graphs.nodes.node import Node, Shape


class Geometry(NamedTuple):
    """Sizes of a weighted layer for one input shape, named as in `graphs.operators.Synapses`."""

    inputs: int
    outputs: int
    connections: int
    weights: int
    biases: int
    rows: int
    columns: int
    positions: int
    groups: int = 1


class SynapseNode(Node):
    """Base of the nodes that lower to `Synapses`."""

    def geometry(self, shape: Shape) -> Geometry:
        """Its sizes on inputs of ``shape``."""
        raise TypeError(f"{type(self).__name__} has no geometry")

    def fan_in(self, shape: Shape, weight: np.ndarray | None) -> int:
        """Most inputs of an output."""
        del weight
        return self.geometry(shape).rows

    def reach(self, shape: Shape, weight: np.ndarray | None) -> np.ndarray:
        """Connections of every input element (an array of ``shape``): those with a non-zero weight where weights are known."""
        raise TypeError(f"{type(self).__name__} has no reach")
