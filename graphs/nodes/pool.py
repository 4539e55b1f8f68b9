"""Pooling: sums, means and maxima over windows; they hold no weights and count no synaptic operations."""

import math
from typing import ClassVar, Literal

from costmodel.graphs.nodes.node import Node, Shape
from costmodel.graphs.nodes.window import Padding, PerAxis, axes


class Pool(Node):
    """Base of the pools over the last axes of a (channels, *sizes) shape; the stride is the kernel unless given."""

    max_rate = None
    keeps_spikes: ClassVar[bool] = False
    dimensions: ClassVar[int]
    binary: ClassVar[bool] = False
    kernel: PerAxis
    stride: PerAxis | None = None
    padding: Padding = 0

    def window(self) -> int:
        """Inputs under one window."""
        return self.kernel**self.dimensions if isinstance(self.kernel, int) else math.prod(self.kernel)

    def output_shape(self, shape: Shape) -> Shape:
        """(channels, *outputs of each axis)."""
        stride = self.kernel if self.stride is None else self.stride
        return (shape[0], *(axis.outputs for axis in axes(shape, self.dimensions, self.kernel, stride, self.padding)))


class Pool1d(Pool):
    """Pooling over (channels, length)."""

    dimensions = 1
    type: Literal["avgpool1d", "sumpool1d"]


class MaxPool1d(Pool):
    """Maximum over (channels, length): spikes stay spikes."""

    dimensions = 1
    binary = True
    keeps_spikes: ClassVar[bool] = True
    type: Literal["maxpool1d"] = "maxpool1d"


class Pool2d(Pool):
    """Sum or mean over (channels, height, width). NIR: SumPool2d, AvgPool2d. Its outputs are values, no longer spikes."""

    dimensions = 2
    type: Literal["avgpool2d", "sumpool2d"]


class MaxPool2d(Pool):
    """Maximum over (channels, height, width): spikes stay spikes."""

    dimensions = 2
    binary = True
    keeps_spikes: ClassVar[bool] = True
    type: Literal["maxpool2d"] = "maxpool2d"


class Pool3d(Pool):
    """Sum or mean over (channels, depth, height, width)."""

    dimensions = 3
    type: Literal["avgpool3d", "sumpool3d"]


class MaxPool3d(Pool):
    """Maximum over (channels, depth, height, width): spikes stay spikes."""

    dimensions = 3
    binary = True
    keeps_spikes: ClassVar[bool] = True
    type: Literal["maxpool3d"] = "maxpool3d"
