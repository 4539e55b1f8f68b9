"""Sums of products with real coefficients, in whole units of a result: where fixed point rounds."""

import math
from dataclasses import dataclass

import numpy as np

from rtl.datapath.constants import Number
from rtl.datapath.digits import multiply_shift, nearest_shift, rounded
from rtl.datapath.nodes import Builder
from rtl.datapath.precision import Precision

GUARD = 3
"""Bits below the result's unit that a sum keeps where more than one of its terms rounds."""


@dataclass(frozen=True)
class Fixed:
    """An integer and what one is worth: the real value is unit · node."""

    node: int
    unit: float


@dataclass(frozen=True)
class Term:
    """coefficient · value, the coefficient a number. ``leak`` marks a state's own factor, which may become 1 − 2^−k."""

    coefficient: float
    value: Fixed
    leak: bool = False


class Sums:
    """Adds terms up.

    Every product by a constant is rounded towards −∞ (towards +∞ where it is subtracted), and so is the sum when its guard bits
    are dropped. Where the sum has a constant that is no whole number of units, half a unit is added to it and the sum is thereby
    rounded to the nearest: that costs nothing.
    """

    def __init__(self, builder: Builder, precision: Precision) -> None:
        self.builder, self.precision = builder, precision

    def add(self, terms: list[Term], offset: float, unit: float, field: int | None = None) -> int:
        """The node of (Σ terms + offset) ÷ unit.

        Args:
            terms: with coefficients other than 0.
            offset: a constant, real.
            unit: of the result.
            field: a node to add that holds whole units (constants that differ between neurons).
        """
        b = self.builder
        factors = [self._factor(term, unit) for term in terms]
        rounding = sum(shift > 0 for _, shift in factors)
        offset_whole = math.isclose(offset / unit, round(offset / unit), rel_tol=1e-9, abs_tol=1e-9)
        guard = GUARD if rounding + (rounding and not offset_whole) > 1 else 0
        plus, minus = [], []
        for term, (factor, shift) in zip(terms, factors, strict=True):
            sign, node = self._product(term.value.node, factor, shift, guard if shift > 0 else 0)
            (plus if sign > 0 else minus).append(b.shl(node, 0 if shift > 0 else guard))
        if field is not None:
            plus.append(b.shl(field, guard))
        constant = round(offset / unit * 2**guard)
        if constant and guard and not offset_whole:
            constant += 1 << (guard - 1)
        if constant > 0 or not plus:
            plus.append(b.const(constant))
        elif constant < 0:
            minus.append(b.const(-constant))
        total = self._tree(plus)
        if minus:
            total = b.sub(total, self._tree(minus))
        return b.shr(total, guard)

    def _factor(self, term: Term, unit: float) -> tuple[int, int]:
        """k and s with k · 2^−s the coefficient in units of result and value."""
        ratio = term.coefficient * term.value.unit / unit
        whole = round(ratio)
        if whole and abs(ratio - whole) <= 1e-12 * abs(whole) and whole.bit_length() <= self.precision.constant_bits:
            return whole, 0
        if term.leak and self.precision.decay == "shift" and 0.5 < ratio < 1:
            ratio = nearest_shift(ratio)
        return rounded(ratio, self.precision.constant_bits)

    def _product(self, x: int, factor: int, shift: int, guard: int) -> tuple[int, int]:
        """Sign and node of x · factor · 2^(guard − shift)."""
        if factor == 0:
            return 1, self.builder.const(0)
        # the lowest bits of x that end up far below the guard bits are dropped first
        spare = shift - abs(factor).bit_length() - guard - 1
        if spare > 0 and abs(factor) > 1:
            x, shift = self.builder.shr(x, spare), shift - spare
        shift -= guard
        if self.precision.multiply == "dsp" and abs(factor) & (abs(factor) - 1):
            product = self.builder.mul(x, self.builder.const(abs(factor)))
            node = self.builder.shr(product, shift) if shift > 0 else self.builder.shl(product, -shift)
            return (1 if factor > 0 else -1), node
        if shift < 0:
            sign, node = multiply_shift(self.builder, x, factor, 0)
            return sign, self.builder.shl(node, -shift)
        return multiply_shift(self.builder, x, factor, shift)

    def _tree(self, nodes: list[int]) -> int:
        """The sum, narrowest operands first."""
        nodes = list(nodes)
        while len(nodes) > 1:
            nodes.sort(key=lambda n: (self.builder[n].op == "const", self.builder[n].width, n))
            a, c, *rest = nodes
            nodes = [self.builder.add(a, c), *rest]
        return nodes[0]


def power_of_two_unit(low: float, high: float, bits: int) -> float:
    """The finest power of two in which low to high fits ``bits`` bits, signed where ``low`` is negative."""
    places = bits - (low < 0)
    largest = max(abs(low), abs(high))
    if largest == 0:
        return 1.0
    unit = 2.0 ** (math.frexp(largest)[1] - places)
    return unit if math.ceil(largest / unit) < 2**places else 2 * unit


def differs(number: Number) -> bool:
    """Whether it is an array, one for each neuron."""
    return isinstance(number, np.ndarray)
