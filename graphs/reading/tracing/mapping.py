"""What moves of a tensor do to the neurons of one sample at one step."""

from dataclasses import dataclass
from math import prod
from typing import NamedTuple

import numpy as np
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.tracing.axes import Axes, Axis, leaves
from costmodel.graphs.reading.tracing.calls import Value

Shape = tuple[int, ...]


class Rearrangement(NamedTuple):
    """Neurons moved: which stands where, by its place in ``before`` read row by row."""

    before: Shape
    after: Shape
    index: bytes

    @property
    def nothing(self) -> bool:
        """Whether all stay where they are."""
        return self.before == self.after and self.in_order

    @property
    def in_order(self) -> bool:
        """Whether only the shape changes."""
        return prod(self.before) == prod(self.after) and self.index == np.arange(prod(self.after)).tobytes()

    def places(self) -> np.ndarray:
        """The index, of shape ``after``."""
        return np.frombuffer(self.index, dtype=np.int64).reshape(self.after)


def neuron_axes(axes: Axes) -> list[int]:
    """Axes that do not only count samples or steps."""
    return [i for i, axis in enumerate(axes) if not all(leaf.lead for leaf in leaves([axis]))]


def sample_shape(axes: Axes) -> Shape:
    """The shape of one sample at one step."""
    return tuple(_neurons(axes[i]) for i in neuron_axes(axes))


def _neurons(axis: Axis) -> int:
    return prod(leaf.size for leaf in leaves([axis]) if not leaf.lead)


def place(axes: Axes, dim: int, what: str) -> int:
    """An axis of the tensor as one of a sample.

    Raises:
        InputError: it counts samples or time steps.
    """
    kept = neuron_axes(axes)
    if dim not in kept:
        raise InputError(f"{what} acts across samples or time steps", mend="let it act on each sample and step alone")
    return kept.index(dim)


@dataclass
class Mapper:
    """Rearrangements of values; those that were worked out are kept.

    Attributes:
        shapes: shape and axes of each call's output; of input i under -1 − i.
    """

    shapes: dict[int, tuple[Shape, Axes]]

    def __post_init__(self) -> None:
        self._known: dict[tuple, Rearrangement] = {}

    def of(self, value: Value) -> Rearrangement:
        """What a value's moves do to a sample.

        Raises:
            InputError: samples or steps are told apart by them.
        """
        shape, axes = self.shapes[value.call]
        if not value.moves:
            return _unmoved(sample_shape(axes))
        key = (shape, tuple(neuron_axes(axes)), tuple(move.name for move in value.moves), tuple(neuron_axes(value.axes)))
        if key not in self._known:
            self._known[key] = self._worked_out(shape, axes, value)
        return self._known[key]

    def _worked_out(self, shape: Shape, axes: Axes, value: Value) -> Rearrangement:
        before = sample_shape(axes)
        kept = neuron_axes(axes)
        index = torch.arange(prod(before)).reshape(before)
        for i in range(len(shape)):
            if i not in kept:
                index = index.unsqueeze(i)
        index = self._spread(index, shape, axes)
        for move in value.moves:
            index = move.apply(index)
        parts = [leaf for axis in value.axes for leaf in leaves([axis])]
        index = index.reshape([leaf.size for leaf in parts])
        for place_, leaf in reversed(list(enumerate(parts))):
            if leaf.lead:
                one, last = index.select(place_, 0), index.select(place_, leaf.size - 1)
                if leaf.size > 1 and not torch.equal(one, last):
                    raise InputError(
                        "its elements are moved in one way in one sample or step and in another in the next",
                        mend="move the elements of every sample and step alike",
                    )
                index = one
        after = sample_shape(value.axes)
        return Rearrangement(before, after, index.reshape(after).contiguous().numpy().tobytes())

    @staticmethod
    def _spread(index: torch.Tensor, shape: Shape, axes: Axes) -> torch.Tensor:
        """The same neurons in every sample and step, also where an axis holds both."""
        for i, axis in enumerate(axes):
            if index.shape[i] != shape[i] and index.shape[i] > 1:
                parts = leaves([axis])
                whole = [leaf.size for leaf in parts]
                neurons = [1 if leaf.lead else leaf.size for leaf in parts]
                index = (
                    index.unflatten(i, neurons)
                    .expand(*index.shape[:i], *whole, *index.shape[i + 1 :])
                    .flatten(i, i + len(whole) - 1)
                )
        return index.expand(shape)


def _unmoved(shape: Shape) -> Rearrangement:
    return Rearrangement(shape, shape, np.arange(prod(shape)).tobytes())
