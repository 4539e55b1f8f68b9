"""Other resolutions of images and signals."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from costmodel.graphs.equations.arithmetic import Arithmetic
from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.elementwise import Elementwise
from costmodel.graphs.nodes.node import Shape
from costmodel.graphs.settings.fields import Count


class Upsample(Elementwise):
    """(channels, *sizes) at another size: the nearest element, or between the nearest two of each axis (``linear``, ``bilinear``).

    As ``torch.nn.functional.interpolate`` places them, corners not aligned.
    """

    keeps_spikes: ClassVar[bool] = False
    type: Literal["upsample"] = "upsample"
    size: list[Count] = Field(min_length=1, max_length=3, description="sizes of the output")
    mode: Literal["nearest", "linear", "bilinear"] = "nearest"

    def output_shape(self, shape: Shape) -> Shape:
        """(channels, *size)."""
        if len(shape) != len(self.size) + 1 or {"linear": 1, "bilinear": 2}.get(self.mode, len(self.size)) != len(self.size):
            raise InputError(f"cannot give {list(shape)} the sizes {self.size} ({self.mode})", mend="give one for each axis")
        return (shape[0], *self.size)

    def moved(self, elements: np.ndarray) -> np.ndarray:
        """The nearest of each place, ⌊place · size / new size⌋ along each axis."""
        for axis, size in enumerate(self.size, start=1):
            elements = elements.take(np.arange(size) * elements.shape[axis] // size, axis=axis)
        return elements

    def share(self, shape: Shape) -> float:
        """As many of the copies are active as there are of the originals."""
        del shape
        return 1.0

    def counts(self) -> Arithmetic:
        """A copy, or for each axis a weighted mean of two."""
        each = {"nearest": 0, "linear": 1, "bilinear": 3}[self.mode]
        return Arithmetic(add=each, multiply=2 * each)
