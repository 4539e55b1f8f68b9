"""How elements are numbered in hardware, and how a number becomes the address field of a token."""

import math
from dataclasses import dataclass

import numpy as np

from costmodel.graphs.nodes.node import Shape


@dataclass(frozen=True)
class Space:
    """Elements with channel, row and column; a vector has channels only.

    In hardware an element's number is (row · columns + column) · channels + channel, for channels lie side by side in memory; a
    network file counts channels first. An address holds channel, column and row as bit fields, the channel lowest.
    """

    channels: int
    rows: int = 1
    columns: int = 1

    @classmethod
    def of(cls, shape: Shape) -> "Space":
        """The space of a shape (n), (channels, length) or (channels, height, width)."""
        sizes = {1: (shape[0],), 2: (shape[0], 1, shape[-1]), 3: shape}.get(len(shape)) or (math.prod(shape),)
        return cls(*sizes)

    @property
    def elements(self) -> int:
        """How many there are."""
        return self.channels * self.rows * self.columns

    @property
    def bits(self) -> dict[str, int]:
        """Widths of the fields, the lowest first."""
        return {name: (getattr(self, f"{name}s") - 1).bit_length() for name in ("channel", "column", "row")}

    @property
    def address_bits(self) -> int:
        """Width of an address."""
        return sum(self.bits.values())

    @property
    def bitmap_words(self) -> int:
        """Words of 16 bits, or of as many as there are addresses, that hold a bit for each address."""
        return 1 << max(self.address_bits - 4, 0)

    def numbers(self) -> np.ndarray:
        """The hardware number of every element, in the order of the network file."""
        order = np.arange(self.elements).reshape(self.rows * self.columns, self.channels)
        return order.T.reshape(-1)

    def address(self, number: np.ndarray) -> np.ndarray:
        """Addresses of elements by their hardware numbers."""
        place, channel = np.divmod(np.asarray(number, np.int64), self.channels)
        row, column = np.divmod(place, self.columns)
        bits = self.bits
        return channel | column << bits["channel"] | row << bits["channel"] + bits["column"]

    def number(self, address: np.ndarray) -> np.ndarray:
        """Hardware numbers of elements by their addresses."""
        bits, address = self.bits, np.asarray(address, np.int64)
        channel = address & (1 << bits["channel"]) - 1
        column = address >> bits["channel"] & (1 << bits["column"]) - 1
        row = address >> bits["channel"] + bits["column"]
        return (row * self.columns + column) * self.channels + channel
