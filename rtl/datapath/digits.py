"""Products by a constant as shifts and additions."""

import math

from rtl.datapath.nodes import Builder


def signed_digits(value: int) -> list[tuple[int, int]]:
    """Canonical signed digits, lowest first: (place, ±1) with value = Σ ±2^place and no two places adjacent.

    No signed-digit form has fewer digits; on average a third of the places are used.
    """
    digits, place = [], 0
    while value:
        if value & 1:
            digit = 2 - (value & 3)
            digits.append((place, digit))
            value -= digit
        value >>= 1
        place += 1
    return digits


def multiply_shift(builder: Builder, x: int, factor: int, shift: int) -> tuple[int, int]:
    """A sign s and a node r with s · r = x · factor ÷ 2^shift, where r is rounded towards −∞ (exact for a shift of 0).

    The digits are added from the lowest up, so that the bits below the next digit are final: those that the shift drops are
    dropped at once, and every adder is about as wide as x. With the lowest digit's sign set apart, none negates.

    Args:
        builder: where the nodes are made.
        x: the node multiplied.
        factor: the constant, not 0.
        shift: places dropped, 0 or more.
    """
    (first, sign), *rest = signed_digits(factor)
    total, place = x, first  # the sum so far is sign · total · 2^place
    for at, digit in rest:
        if place < shift:
            drop = min(at, shift) - place
            total, place = builder.shr(total, drop), place + drop
        term = builder.shl(x, at - place)
        total = builder.add(total, term) if digit == sign else builder.sub(total, term)
    if place < shift:
        return sign, builder.shr(total, shift - place)
    return sign, builder.shl(total, place - shift)


def rounded(value: float, bits: int) -> tuple[int, int]:
    """(k, s) with value ≈ k · 2^−s: k odd (or 0) and of at most ``bits`` significant bits; s may be negative.

    A value strictly within 0.5 to 1.5 is 1 ± c with ``bits`` significant bits of c.
    """
    if value == 0:
        return 0, 0
    if 0.5 < value < 1.5 and value != 1:
        k, s = rounded(value - 1, bits)
        return k + (1 << s), s
    s = bits - math.frexp(value)[1]
    k = round(math.ldexp(value, s))
    trailing = (k & -k).bit_length() - 1
    return k >> trailing, s - trailing


def nearest_shift(factor: float) -> float:
    """The nearest 1 − 2^−k to a leak factor within 0.5 to 1."""
    k = round(-math.log2(1 - factor))
    return 1 - min((2.0**-n for n in (k - 1, k, k + 1) if n > 0), key=lambda leak: abs(leak - (1 - factor)))
