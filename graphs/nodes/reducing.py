"""Sums, means and maxima over whole axes, as of a global average pool or over heads; no weights."""

import math
from typing import ClassVar, Literal

from pydantic import Field

from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.node import Node, Shape
from costmodel.graphs.nodes.wiring import Axis


class Reduce(Node):
    """The sum, mean or maximum over some axes, which are gone then; over all of them one element is left."""

    max_rate = None
    type: Literal["reduce"] = "reduce"
    operation: Literal["sum", "mean", "max"]
    axes: tuple[Axis, ...] = Field(min_length=1, max_length=8, description="axes, counted without the batch")
    keeps_spikes: ClassVar[bool] = False

    def output_shape(self, shape: Shape) -> Shape:
        """What is left."""
        if max(self.axes) >= len(shape) or len(set(self.axes)) < len(self.axes):
            raise InputError(f"axes {list(self.axes)} are not those of {list(shape)}", mend="count axes from 0, each once")
        return tuple(size for axis, size in enumerate(shape) if axis not in self.axes) or (1,)

    def window(self, shape: Shape) -> int:
        """Inputs of an output."""
        return math.prod(shape[axis] for axis in self.axes)
