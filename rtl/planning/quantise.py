"""From real weights to integers of a given width."""

import math
from collections.abc import Sequence

import numpy as np

WIDEST = 16
"""Most bits of a weight."""

SHARES = np.linspace(0.3, 1.0, 29)
"""Shares of the largest weight that are tried as the end of the range: with few bits, cutting off outliers errs less."""


def unit(weights: np.ndarray, bits: int) -> float:
    """What one least significant bit is worth, so that the mean squared error of rounding and clipping is least.

    Args:
        weights: real.
        bits: of two's complement; the range is taken to be symmetric.
    """
    largest, steps = float(np.abs(weights).max(initial=0.0)), _end(bits)
    if largest == 0:
        return 1.0
    tried = [largest * share / steps for share in SHARES]
    errors = [float(np.square(rounded(weights, one, bits) * one - weights).sum()) for one in tried]
    return tried[int(np.argmin(errors))]


def shared_unit(weights: Sequence[np.ndarray], bits: Sequence[int]) -> tuple[float, list[int]]:
    """The unit of ports that add to the same accumulators, and the bits that each needs for it.

    The unit is that of the most numerous weights: they err most and fill the memory. Others that reach farther (few inputs with
    large weights beside many recurrent ones with small weights) get more bits, up to 16, instead of making all coarser.

    Args:
        weights: real, of each port.
        bits: wanted for each.
    """
    own = [unit(real, width) for real, width in zip(weights, bits, strict=True)]
    heard = [i for i, real in enumerate(weights) if np.any(real)]
    if not heard:
        return 1.0, list(bits)
    ends = [one * _end(width) for one, width in zip(own, bits, strict=True)]
    most = max(heard, key=lambda i: (weights[i].size, -own[i]))
    one = max(own[most], *(ends[i] / _end(WIDEST) for i in heard))
    needed = [math.ceil(ends[i] / one - 1e-9).bit_length() + 1 if i in heard else 0 for i in range(len(own))]
    return one, [max(pair) for pair in zip(bits, needed, strict=True)]


def rounded(weights: np.ndarray, one: float, bits: int) -> np.ndarray:
    """Weights in whole units ``one``, clipped to ± (2^(bits − 1) − 1)."""
    end = _end(bits)
    return np.clip(np.rint(weights / one), -end, end).astype(np.int64)


def _end(bits: int) -> int:
    return 2 ** (bits - 1) - 1
