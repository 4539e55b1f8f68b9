"""Sums of products with real coefficients, in whole units of a result: where fixed point rounds."""

import math
from dataclasses import dataclass

import numpy as np

from costmodel.rtl.datapath.compiling.constants import Number
from costmodel.rtl.datapath.compiling.digits import multiply_shift, nearest_shift, rounded
from costmodel.rtl.datapath.nodes import Builder
from costmodel.rtl.datapath.precision import Precision

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
    """Adds terms up, each in the result's unit or, where several round, a few guard bits finer.

    Rounding is to the nearest where that is free: the half is put into the free bits below a shifted term (`multiply_shift`) or
    into the sum's constant; a sum of several terms that round pays an adder where it must. A single product that has no place
    for it is rounded towards −∞ (where it is subtracted: towards +∞). A sum is less than one unit away from what it stands for.
    """

    def __init__(self, builder: Builder, precision: Precision) -> None:
        self.builder, self.precision = builder, precision

    def add(self, terms: list[Term], offset: float, unit: float, field: int | None = None, down: bool = False) -> int:
        """The node of (Σ terms + offset) ÷ unit.

        Args:
            terms: with coefficients other than 0.
            offset: a constant, real.
            unit: of the result.
            field: a node to add that holds whole units (constants that differ between neurons).
            down: round the offset down, so that the result is ≥ 0 exactly where the real sum is, if no term rounds.
        """
        b = self.builder
        factors = [self._factor(term, unit) for term in terms]
        rounding = sum(shift > 0 for _, shift in factors)
        spare = any(shift == 0 and factor > 0 for factor, shift in factors) or field is not None
        offset_whole = math.isclose(offset / unit, round(offset / unit), rel_tol=1e-9, abs_tol=1e-9)
        guard = GUARD if rounding + (rounding and not offset_whole) > 1 else 1 if rounding and spare else 0
        half = (1 << guard) >> 1  # still to be added somewhere
        exact = offset / unit * 2**guard
        constant = math.floor(exact + 1e-9 * max(1.0, abs(exact))) if down else round(exact)
        if down:
            half = 0
        elif constant:
            constant, half = constant + half, 0
        plus, minus = [], []
        for term, (factor, shift) in sorted(zip(terms, factors, strict=True), key=lambda pair: pair[1][1] > 0):
            if shift > 0:
                node, added = self._product(term.value.node, factor, shift, guard, half)
            else:
                added = factor > 0
                node = b.shl(self._product(term.value.node, factor, 0, 0, 0)[0], guard, half if added else 0)
            half = 0 if added else half
            (plus if factor > 0 else minus).append(node)
        if field is not None:
            plus.append(b.shl(field, guard, half))
            half = 0
        if guard > 1:
            constant += half  # no free place: an adder
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
        if whole and abs(ratio - whole) <= 1e-12 * abs(whole) and _significant(whole) <= self.precision.constant_bits:
            return whole, 0
        if term.leak and self.precision.decay == "shift" and 0.5 < ratio < 1:
            ratio = nearest_shift(ratio)
        return rounded(ratio, self.precision.constant_bits)

    def _product(self, x: int, factor: int, shift: int, guard: int, half: int) -> tuple[int, bool]:
        """Node of x · abs(factor) · 2^(guard − shift), and whether ``half`` was added (only where the factor is positive)."""
        b = self.builder
        if factor == 0:
            return b.const(0), False
        # the lowest bits of x that end up far below the guard bits are dropped first
        spare = shift - abs(factor).bit_length() - guard - 1
        if spare > 0 and abs(factor) > 1:
            x, shift = b.shr(x, spare), shift - spare
        shift -= guard
        if self.precision.multiply == "dsp" and abs(factor) & (abs(factor) - 1):
            product = b.mul(x, b.const(abs(factor)))
            return (b.shr(product, shift) if shift > 0 else b.shl(product, -shift)), False
        if shift <= 0:
            return b.shl(multiply_shift(b, x, factor, 0)[0], -shift), False
        if factor > 0 and half:
            node, added = multiply_shift(b, x, factor, shift, 1 + 2 * half)
            if added:
                return node, True
        return multiply_shift(b, x, factor, shift, 1)[0], False

    def _tree(self, nodes: list[int]) -> int:
        """The sum, narrowest operands first."""
        nodes = list(nodes)
        while len(nodes) > 1:
            nodes.sort(key=lambda n: (self.builder[n].op == "const", self.builder[n].width, n))
            a, c, *rest = nodes
            nodes = [self.builder.add(a, c), *rest]
        return nodes[0]


def _significant(whole: int) -> int:
    """Bits of a whole number without the zeros at its end."""
    return (abs(whole) // (whole & -whole)).bit_length()


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
