"""Convolutional synapses, in one and two dimensions."""

import math
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.node import Shape
from costmodel.graphs.nodes.synapses import Geometry, SynapseNode
from costmodel.graphs.nodes.window import Axis, Padding, PerAxis, axes
from costmodel.graphs.settings.fields import Count, Flag


class Convolution(SynapseNode):
    """Base of the convolutions: weight (features, channels / groups, *kernel), bias (features,)."""

    dimensions: ClassVar[int]
    features: Count = Field(description="output channels")
    kernel: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    dilation: PerAxis = 1
    groups: Count = 1
    bias: Flag = True

    def _axes(self, shape: Shape) -> list[Axis]:
        found = axes(shape, self.dimensions, self.kernel, self.stride, self.padding, self.dilation)
        if shape[0] % self.groups or self.features % self.groups:
            raise InputError(
                f"{shape[0]} channels and {self.features} features do not split into {self.groups} groups",
                mend="use a divisor of both",
            )
        return found

    def output_shape(self, shape: Shape) -> Shape:
        """(features, *outputs of each axis)."""
        return (self.features, *(axis.outputs for axis in self._axes(shape)))

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """weight (features, channels / groups, *kernel) and bias (features,)."""
        kernel = (axis.kernel for axis in self._axes(shape))
        return {"weight": (self.features, shape[0] // self.groups, *kernel)} | ({"bias": (self.features,)} if self.bias else {})

    def geometry(self, shape: Shape) -> Geometry:
        """Only taps inside the input are connections: per axis their number is counted, and the axes multiply."""
        found = self._axes(shape)
        window = math.prod(axis.kernel for axis in found)
        positions = math.prod(axis.outputs for axis in found)
        taps = math.prod(int(axis.taps().sum()) for axis in found)
        channels = shape[0] // self.groups
        return Geometry(
            inputs=math.prod(shape),
            outputs=self.features * positions,
            connections=taps * channels * self.features,
            weights=window * channels * self.features,
            biases=self.features if self.bias else 0,
            rows=window * channels,
            columns=self.features // self.groups,
            positions=positions,
            groups=self.groups,
        )

    def crowding(self, shape: Shape) -> float:
        """Per axis kernel / stride taps, which are at most the outputs, over the mean with those that the border cuts off."""
        found = 1.0
        for axis in self._axes(shape):
            mean = axis.taps().sum() / axis.size
            found *= max(1.0, min(axis.kernel / axis.stride, axis.outputs) / mean)
        return float(found)

    def reach(self, shape: Shape, weight: np.ndarray | None) -> np.ndarray:
        """Per input: over its taps inside the output, the features with a non-zero weight."""
        found = self._axes(shape)
        channels, features = shape[0] // self.groups, self.features // self.groups
        if weight is None:
            per_tap = np.full((shape[0], *(axis.kernel for axis in found)), features)
        else:
            grouped = np.asarray(weight).reshape(self.groups, features, channels, *weight.shape[2:])
            per_tap = np.count_nonzero(grouped, axis=1).reshape(shape[0], *weight.shape[2:])
        for axis in found:  # contracts the first kernel axis and appends the input axis it becomes
            per_tap = np.tensordot(per_tap, axis.taps().astype(np.int64), axes=(1, 1))
        return per_tap


class Conv1d(Convolution):
    """Convolution over (channels, length). NIR: Conv1d."""

    dimensions = 1
    type: Literal["conv1d"] = "conv1d"


class Conv2d(Convolution):
    """Convolution over (channels, height, width). NIR: Conv2d."""

    dimensions = 2
    type: Literal["conv2d"] = "conv2d"
