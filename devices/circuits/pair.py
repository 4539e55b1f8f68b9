"""The comparator's differential pair, i_bias (1 + tanh(κ y / 2 U_T)), and what it passes while a membrane approaches its reference.

The charges are ∫ (1 − tanh) dt by Gauss's and Legendre's quadrature, its points gathered at the crossing (y = Y s², t = T s²):
there the integrand is, which falls as e^(−κ y / U_T) with the distance y, and there a slow membrane's slope changes.
"""

from collections.abc import Callable

import numpy as np

from costmodel.graphs.equations.algebra import Value, exp

THERMAL_VOLTAGE = 0.02585
"""U_T = kT/q at 300 K, V."""

POINTS = 12
"""With which the integral is right to 1e-3 for thresholds of up to 1.5 V."""

GATHERED = tuple(
    (float((1 + point) / 2) ** 2, float(weight * (1 + point) / 2))
    for point, weight in zip(*np.polynomial.legendre.leggauss(POINTS), strict=True)
)
"""Points s² of the span before the crossing, and their shares of it."""


def tanh(value: Value) -> Value:
    """(1 − e^(−2x)) / (1 + e^(−2x))."""
    tail = exp(-2 * value)
    return (1 - tail) / (1 + tail)


def lead_charge(slope: Callable[[Value], Value], span: Value, kappa: Value) -> Value:
    """∫ (1 − tanh(κ y / 2 U_T)) / slope(y) dy over the distance y still to go, s.

    Args:
        slope: dv/dt of the membrane at a distance below the threshold, V/s.
        span: the distance at which it starts, V.
        kappa: of the pair.
    """
    scale = kappa / (2 * THERMAL_VOLTAGE)
    return span * sum(weight * (1 - tanh(scale * point * span)) / slope(point * span) for point, weight in GATHERED)


def tail_charge(distance: Callable[[Value], Value], time: Value, kappa: Value) -> Value:
    """∫ (1 − tanh(κ y(t) / 2 U_T)) dt, s, of a membrane whose voltage is known in time.

    Args:
        distance: from the reference, V, at a time from the crossing.
        time: of the integral, from or to the crossing, s.
        kappa: of the pair.
    """
    scale = kappa / (2 * THERMAL_VOLTAGE)
    return time * sum(weight * (1 - tanh(scale * distance(time * point))) for point, weight in GATHERED)
