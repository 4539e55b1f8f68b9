"""From real weights to integers of a given width."""

import numpy as np

SHARES = np.linspace(0.3, 1.0, 29)
"""Shares of the largest weight that are tried as the end of the range: with few bits, cutting off outliers errs less."""


def unit(weights: np.ndarray, bits: int) -> float:
    """What one least significant bit is worth, so that the mean squared error of rounding and clipping is least.

    Args:
        weights: real.
        bits: of two's complement; the range is taken to be symmetric.
    """
    largest, steps = float(np.abs(weights).max(initial=0.0)), 2 ** (bits - 1) - 1
    if largest == 0:
        return 1.0
    tried = [largest * share / steps for share in SHARES]
    errors = [float(np.square(rounded(weights, one, bits) * one - weights).sum()) for one in tried]
    return tried[int(np.argmin(errors))]


def rounded(weights: np.ndarray, one: float, bits: int) -> np.ndarray:
    """Weights in whole units ``one``, clipped to ± (2^(bits − 1) − 1)."""
    end = 2 ** (bits - 1) - 1
    return np.clip(np.rint(weights / one), -end, end).astype(np.int64)
