"""Products by a constant as shifts and additions."""

import math

from costmodel.rtl.datapath.nodes import Builder


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


def multiply_shift(builder: Builder, x: int, factor: int, shift: int, extra: int = 1) -> tuple[int, bool]:
    """A node for x · abs(factor) ÷ 2^shift, exact for a shift of 0, else less than one away; and whether ``extra`` was added.

    The digits are added from the lowest up, so that the bits below the next digit are final and those that the shift drops are
    dropped at once: every adder is about as wide as x. Where the highest digit's term has free bits below it that reach far
    enough, one more bit is kept, ``extra`` halves of the result's unit are put into them, and the result is rounded to the
    nearest (of a sum) or to a neighbour without bias (of a difference): all that costs is a bit of the adders.

    Args:
        builder: where the nodes are made.
        x: the node multiplied.
        factor: the constant, not 0.
        shift: places dropped, 0 or more.
        extra: halves to add, 1 for rounding alone.
    """
    (place, sign), *rest = signed_digits(abs(factor))
    total = x  # the sum so far is sign · total · 2^place
    top = rest[-1][0] if rest else 0
    room = bool(rest) and place < shift <= top and extra < 1 << (top - shift + 1)
    keep = shift - 1 if room else shift
    for at, digit in rest:
        drop = max(min(at, keep) - place, 0)
        total, place = builder.shr(total, drop), place + drop
        fill = 0 if at < top or not room else extra if digit == sign else extra - 1
        term = builder.shl(x, at - place, fill)
        if digit == sign:
            total = builder.add(total, term)
        elif at == top:
            total, sign = builder.sub(term, total), digit
        else:
            total = builder.sub(total, term)
    return (builder.shr(total, shift - place) if place < shift else builder.shl(total, place - shift)), room


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
