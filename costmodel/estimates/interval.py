"""Intervals: how far a cost may lie from its nominal value, given how far its inputs may.

Each uncertain input is moved to either end of its 90 % interval while the others stay. The logarithms of the changes that raise
the cost add in quadrature, and so do those that lower it: independent inputs, first order in the logarithm, so that a cost
stays positive. (GUM, JCGM 100:2008, sect. 5.1.2, on ln y.)
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Interval:
    """A value and its 90 % interval."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """As in JSON."""
        return {"value": self.value, "low": self.low, "high": self.high}


def spread(nominal: float, moved: np.ndarray) -> Interval:
    """The interval of a cost.

    Args:
        nominal: the cost with every input at its value.
        moved: (inputs, 2) the cost with one input at its low and at its high end.
    """
    if nominal <= 0 or moved.size == 0:
        return Interval(nominal, min(nominal, float(moved.min(initial=nominal))), max(nominal, float(moved.max(initial=nominal))))
    change = np.log(np.maximum(moved, 1e-300) / nominal)
    up, down = np.maximum(change, 0).max(axis=1), np.maximum(-change, 0).max(axis=1)
    return Interval(nominal, nominal * float(np.exp(-np.sqrt((down**2).sum()))), nominal * float(np.exp(np.sqrt((up**2).sum()))))
