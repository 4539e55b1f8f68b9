"""Convolutional synapses, in one, two and three dimensions, and transposed."""

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


class Conv3d(Convolution):
    """Convolution over (channels, depth, height, width)."""

    dimensions = 3
    type: Literal["conv3d"] = "conv3d"


class TransposedConvolution(SynapseNode):
    """Base of the transposed convolutions, whose inputs each reach a window of outputs.

    weight (channels, features / groups, *kernel), bias (features,). An axis of n inputs has
    (n − 1) stride − 2 padding + dilation (kernel − 1) + output_padding + 1 outputs (Dumoulin & Visin, arXiv:1603.07285, 2016).
    """

    dimensions: ClassVar[int]
    features: Count = Field(description="output channels")
    kernel: PerAxis
    stride: PerAxis = 1
    padding: Padding = 0
    output_padding: Padding = 0
    dilation: PerAxis = 1
    groups: Count = 1
    bias: Flag = True

    def per_axis(self) -> list[tuple[int, int, int, int, int]]:
        """(kernel, stride, padding, output padding, dilation) of each axis."""
        if "same" in (self.padding, self.output_padding):
            raise InputError("padding 'same'", mend="give numbers")
        sizes = (self.kernel, self.stride, self.padding, self.output_padding, self.dilation)
        each = [[value] * self.dimensions if isinstance(value, int) else list(value) for value in sizes]
        if any(len(values) != self.dimensions for values in each):
            raise InputError(f"sizes for other than {self.dimensions} axes", mend=f"give 1 or {self.dimensions} numbers")
        return [tuple(int(values[i]) for values in each) for i in range(self.dimensions)]  # type: ignore[misc]

    def output_shape(self, shape: Shape) -> Shape:
        """(features, *outputs of each axis)."""
        if len(shape) != self.dimensions + 1:
            raise InputError(f"takes shapes of {self.dimensions + 1} axes, not {shape}", mend="give the input channels and sizes")
        if shape[0] % self.groups or self.features % self.groups:
            what = f"{shape[0]} channels and {self.features} features do not split into {self.groups} groups"
            raise InputError(what, mend="use a divisor of both")
        sizes = []
        for size, (kernel, stride, padding, output_padding, dilation) in zip(shape[1:], self.per_axis(), strict=True):
            sizes.append((size - 1) * stride - 2 * padding + dilation * (kernel - 1) + output_padding + 1)
        if min(sizes) < 1:
            raise InputError(f"nothing is left of {shape}", mend="use less padding")
        return (self.features, *sizes)

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """weight (channels, features / groups, *kernel) and bias (features,)."""
        kernel = (each[0] for each in self.per_axis())
        return {"weight": (shape[0], self.features // self.groups, *kernel)} | ({"bias": (self.features,)} if self.bias else {})

    def _taps(self, shape: Shape) -> list[np.ndarray]:
        """Per axis: whether input i reaches an output through tap k, (size, kernel)."""
        found = []
        for size, out, (kernel, stride, padding, _, dilation) in zip(
            shape[1:], self.output_shape(shape)[1:], self.per_axis(), strict=True
        ):
            place = np.arange(size)[:, None] * stride - padding + dilation * np.arange(kernel)[None, :]
            found.append((place >= 0) & (place < out))
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Only taps that fall on an output are connections."""
        outputs, taps = self.output_shape(shape), self._taps(shape)
        window, channels = math.prod(each[0] for each in self.per_axis()), shape[0] // self.groups
        return Geometry(
            inputs=math.prod(shape),
            outputs=math.prod(outputs),
            connections=math.prod(int(axis.sum()) for axis in taps) * channels * self.features,
            weights=window * channels * self.features,
            biases=self.features if self.bias else 0,
            rows=window * channels,
            columns=self.features // self.groups,
            positions=math.prod(outputs[1:]),
            groups=self.groups,
        )

    def fan_in(self, shape: Shape, weight: np.ndarray | None) -> int:
        """Most inputs of an output: of each axis those taps that lie a whole number of strides apart."""
        del weight
        each = (-(-kernel // (stride // math.gcd(stride, dilation))) for kernel, stride, _, _, dilation in self.per_axis())
        return shape[0] // self.groups * math.prod(each)

    def reach(self, shape: Shape, weight: np.ndarray | None) -> np.ndarray:
        """Per input: over its taps inside the output, the features with a non-zero weight."""
        features = self.features // self.groups
        kernel = [each[0] for each in self.per_axis()]
        per_tap = np.full((shape[0], *kernel), features) if weight is None else np.count_nonzero(weight, axis=1)
        for axis in self._taps(shape):  # contracts the first kernel axis and appends the input axis it becomes
            per_tap = np.tensordot(per_tap, axis.astype(np.int64), axes=(1, 1))
        return per_tap


class ConvTranspose1d(TransposedConvolution):
    """Transposed convolution over (channels, length)."""

    dimensions = 1
    type: Literal["convtranspose1d"] = "convtranspose1d"


class ConvTranspose2d(TransposedConvolution):
    """Transposed convolution over (channels, height, width)."""

    dimensions = 2
    type: Literal["convtranspose2d"] = "convtranspose2d"
