"""What one event reaches: the accumulator words it is added to, and the weight word for each. Plain numbers, no hardware.

A layer's accumulators lie in words of P lanes. Neurons have positions (one only where the layer is fully connected) and channels
(its neurons); word = position · groups + channel div P, lane = channel mod P, with groups = ⌈channels ÷ P⌉.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import gcd

import numpy as np

from costmodel.graphs.nodes.window import Axis


@dataclass(frozen=True, eq=False)
class DenseReach:
    """An event reaches every neuron: access g adds weight word g · inputs + address to accumulator word g.

    Args:
        weights: integers (outputs, inputs), the inputs in the order of their addresses.
        lanes: P.
    """

    weights: np.ndarray
    lanes: int

    @property
    def inputs(self) -> int:
        """Elements that can send."""
        return self.weights.shape[1]

    @property
    def groups(self) -> int:
        """Words that an event is added to."""
        return -(-self.weights.shape[0] // self.lanes)

    @property
    def depth(self) -> int:
        """Weight words."""
        return self.groups * self.inputs

    @cached_property
    def words(self) -> np.ndarray:
        """The weight memory, (depth, P); lanes beyond the last neuron hold 0."""
        outputs, inputs = self.weights.shape
        padded = np.zeros((self.groups * self.lanes, inputs), np.int64)
        padded[:outputs] = self.weights
        return padded.reshape(self.groups, self.lanes, inputs).swapaxes(1, 2).reshape(-1, self.lanes)

    def accesses(self, address: np.ndarray) -> np.ndarray:
        """Accumulator words that events are added to, one count for each address."""
        return np.full(np.shape(address), self.groups)


@dataclass(frozen=True, eq=False)
class ConvReach:
    """An event reaches the outputs whose window holds it, kernel rows and columns in rising order, all channels of each.

    Addresses are (row · width + column) · channels + channel of the input.

    Args:
        weights: integers (outputs, channels, kernel rows, kernel columns).
        rows, columns: the window along each axis.
        lanes: P.
    """

    weights: np.ndarray
    rows: Axis
    columns: Axis
    lanes: int

    @property
    def channels(self) -> int:
        """Input channels."""
        return self.weights.shape[1]

    @property
    def inputs(self) -> int:
        """Elements that can send."""
        return self.channels * self.rows.size * self.columns.size

    @property
    def groups(self) -> int:
        """Words of one position."""
        return -(-self.weights.shape[0] // self.lanes)

    @property
    def depth(self) -> int:
        """Weight words: channel, kernel row, kernel column, group."""
        return self.channels * self.rows.kernel * self.columns.kernel * self.groups

    @cached_property
    def words(self) -> np.ndarray:
        """The weight memory, (depth, P); lanes beyond the last channel hold 0."""
        outputs, channels, height, width = self.weights.shape
        padded = np.zeros((self.groups * self.lanes, channels, height, width), np.int64)
        padded[:outputs] = self.weights
        grouped = padded.reshape(self.groups, self.lanes, channels, height, width)
        return grouped.transpose(2, 3, 4, 0, 1).reshape(-1, self.lanes)

    def taps(self, axis: Axis) -> list[tuple[int, int, int]]:
        """For every place along an axis: how many taps see it, the first such tap, and the output that it belongs to.

        Further taps are `tap_step` apart, and their outputs `output_step` lower each.
        """
        return list(_taps(axis))

    @staticmethod
    def tap_step(axis: Axis) -> int:
        """Distance of taps that see the same place: stride / gcd(stride, dilation)."""
        return axis.stride // gcd(axis.stride, axis.dilation)

    @staticmethod
    def output_step(axis: Axis) -> int:
        """Distance of the outputs that they belong to: dilation / gcd(stride, dilation)."""
        return axis.dilation // gcd(axis.stride, axis.dilation)

    def accesses(self, address: np.ndarray) -> np.ndarray:
        """Accumulator words that events are added to, one count for each address."""
        place = np.asarray(address) // self.channels
        row_taps, column_taps = (axis.taps().sum(axis=1) for axis in (self.rows, self.columns))
        return row_taps[place // self.columns.size] * column_taps[place % self.columns.size] * self.groups


@lru_cache(maxsize=256)
def _taps(axis: Axis) -> tuple[tuple[int, int, int], ...]:
    found = []
    for place, sees in enumerate(axis.taps()):
        seen = [(int(tap), (place + axis.before - axis.dilation * int(tap)) // axis.stride) for tap in np.flatnonzero(sees)]
        found.append((len(seen), *(seen[0] if seen else (0, 0))))
    return tuple(found)


Reach = DenseReach | ConvReach
