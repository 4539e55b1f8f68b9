"""Sliding windows: kernel, stride and padding along each axis, for convolutions and pools."""

from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field, Strict

from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.node import Shape

Positive = Annotated[int, Strict(), Field(ge=1, le=2**31)]
PerAxis = Positive | Annotated[list[Positive], Field(min_length=1, max_length=3)]
Padding = (
    Annotated[int, Strict(), Field(ge=0, le=2**31)]
    | Annotated[list[Annotated[int, Strict(), Field(ge=0, le=2**31)]], Field(min_length=1, max_length=3)]
    | Literal["same"]
)


class Axis(NamedTuple):
    """One axis of a window: ``size`` inputs, ``before`` and ``after`` of them padding at either end."""

    size: int
    kernel: int
    stride: int
    dilation: int
    before: int
    after: int

    @property
    def outputs(self) -> int:
        """⌊(size + padding − dilation (kernel − 1) − 1) / stride⌋ + 1."""
        return (self.size + self.before + self.after - self.dilation * (self.kernel - 1) - 1) // self.stride + 1

    def taps(self) -> np.ndarray:
        """Whether input i is seen through tap k by any output: booleans (size, kernel). Each is seen at most once."""
        start = np.arange(self.size)[:, None] + self.before - self.dilation * np.arange(self.kernel)[None, :]
        return (start >= 0) & (start % self.stride == 0) & (start // self.stride < self.outputs)


def axes(shape: Shape, dimensions: int, kernel: PerAxis, stride: PerAxis, padding: Padding, dilation: PerAxis = 1) -> list[Axis]:
    """The axes of a window over the last ``dimensions`` of a (channels, *sizes) shape.

    Raises:
        InputError: the shape has other dimensions, or the window is larger than the padded input.
    """
    if len(shape) != dimensions + 1:
        sizes = ", ".join(["channels", *(["length"] if dimensions == 1 else ["depth", "height", "width"][3 - dimensions :])])
        raise InputError(f"takes shapes ({sizes}), not {shape}", mend="give the input that shape")
    result = []
    for size, k, s, d, p in zip(
        shape[1:],
        _each(kernel, dimensions, "kernel"),
        _each(stride, dimensions, "stride"),
        _each(dilation, dimensions, "dilation"),
        ["same"] * dimensions if padding == "same" else _each(padding, dimensions, "padding"),
        strict=True,
    ):
        if isinstance(p, str):
            both = max((-(-size // s) - 1) * s + d * (k - 1) + 1 - size, 0)
            axis = Axis(size, k, s, d, both // 2, both - both // 2)
        else:
            axis = Axis(size, k, s, d, p, p)
        if axis.outputs < 1:
            raise InputError(f"the window of {k} is larger than its input of {size}", mend="use a smaller kernel or more padding")
        result.append(axis)
    return result


def _each(value: int | list[int], dimensions: int, name: str) -> list[int]:
    """One value per axis."""
    values = [value] * dimensions if isinstance(value, int) else value
    if len(values) != dimensions:
        raise InputError(f"{name} {value} has {len(values)} numbers for {dimensions} axes", mend=f"give 1 or {dimensions}")
    return values
