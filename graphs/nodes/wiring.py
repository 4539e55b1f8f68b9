"""Nodes that only move elements: a change of shape, another order of axes, some of an axis. They cost nothing."""

import math
from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, Strict

from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.node import Node, Shape
from costmodel.graphs.settings.fields import Count

Axis = Annotated[int, Strict(), Field(ge=0, le=8)]


_PADDED: dict[str, Literal["reflect", "edge", "wrap"]] = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}
"""torch's words for copies around → numpy's."""


class Wiring(Node):
    """Base of the nodes that only move elements: spikes stay spikes."""

    def moved(self, elements: np.ndarray) -> np.ndarray:
        """What stands where: elements of the input's shape, moved."""
        raise TypeError(f"{type(self).__name__} moves nothing")

    def share(self, shape: Shape) -> float:
        """Rate at the output over that at the input, where only a mean is known."""
        del shape
        return 1.0

    def mover(self) -> Callable[[np.ndarray], np.ndarray]:
        """`moved`."""
        return self.moved


class Reshape(Wiring):
    """Another shape of as many elements, which keep their order."""

    type: Literal["reshape"] = "reshape"
    shape: tuple[Count, ...] = Field(min_length=1, max_length=8, description="shape of the output")

    def output_shape(self, shape: Shape) -> Shape:
        """Its own."""
        if math.prod(shape) != math.prod(self.shape):
            raise InputError(f"cannot give {list(shape)} the shape {list(self.shape)}", mend="use one of as many elements")
        return self.shape

    def moved(self, elements: np.ndarray) -> np.ndarray:
        """The same in that shape."""
        return elements.reshape(self.shape)


class Permute(Wiring):
    """Axes in another order: axis i of the output is axis ``order[i]`` of the input."""

    type: Literal["permute"] = "permute"
    order: tuple[Axis, ...] = Field(min_length=1, max_length=8, description="axes of the input, without the batch")

    def output_shape(self, shape: Shape) -> Shape:
        """The sizes in that order."""
        if sorted(self.order) != list(range(len(shape))):
            raise InputError(f"order {list(self.order)} does not name each axis of {list(shape)} once", mend="count axes from 0")
        return tuple(shape[axis] for axis in self.order)

    def moved(self, elements: np.ndarray) -> np.ndarray:
        """Transposed."""
        return elements.transpose(self.order)


class Select(Wiring):
    """Some elements of an axis, by their places along it."""

    type: Literal["select"] = "select"
    axis: Axis = Field(description="axis, counted without the batch")
    indices: tuple[Annotated[int, Strict(), Field(ge=0)], ...] = Field(min_length=1, description="places along the axis")

    def output_shape(self, shape: Shape) -> Shape:
        """As many along the axis as there are places."""
        if self.axis >= len(shape) or max(self.indices) >= shape[self.axis]:
            mend = f"axis {self.axis} and its places must be below its sizes"
            raise InputError(f"place {max(self.indices)} of axis {self.axis} lies outside {list(shape)}", mend=mend)
        return (*shape[: self.axis], len(self.indices), *shape[self.axis + 1 :])

    def moved(self, elements: np.ndarray) -> np.ndarray:
        """Those that were chosen."""
        return elements.take(self.indices, axis=self.axis)


class Pad(Wiring):
    """More elements around the last axes: zeros, or copies as ``torch.nn.functional.pad`` makes them."""

    type: Literal["pad"] = "pad"
    amounts: list[tuple[Axis | Count, Axis | Count]] = Field(
        min_length=1, max_length=3, description="elements before and after, of each of the last axes"
    )
    mode: Literal["zeros", "reflect", "replicate", "circular"] = "zeros"

    def output_shape(self, shape: Shape) -> Shape:
        """Larger by the amounts."""
        if len(self.amounts) > len(shape) or (self.mode != "zeros" and len(self.amounts) != len(shape) - 1):
            raise InputError(f"pads {len(self.amounts)} axes of {list(shape)}", mend="give amounts of its axes behind the channels")
        kept, padded = shape[: -len(self.amounts)], shape[-len(self.amounts) :]
        most = {"reflect": 1, "circular": 0}.get(self.mode)
        if most is not None and any(max(pair) > size - most for pair, size in zip(self.amounts, padded, strict=True)):
            raise InputError(f"pads {list(shape)} by more than it holds", mend="use smaller amounts, or zeros")
        return (*kept, *(size + a + b for size, (a, b) in zip(padded, self.amounts, strict=True)))

    def moved(self, elements: np.ndarray) -> np.ndarray:
        """With zeros or copies around."""
        pairs = [(0, 0)] * (elements.ndim - len(self.amounts)) + [(int(a), int(b)) for a, b in self.amounts]
        if self.mode == "zeros":
            return np.pad(elements, pairs)
        return np.pad(elements, pairs, mode=_PADDED[self.mode])

    def share(self, shape: Shape) -> float:
        """Zeros are never active."""
        return math.prod(shape) / math.prod(self.output_shape(shape)) if self.mode == "zeros" else 1.0
