"""Flow of a linear neuron between events, and when it next reaches its threshold, in compiled code."""

import numpy as np
from numba import njit

ORDER = 12
"""Terms of exp(Â s) for s up to a grid step, an eighth of a time constant: the next one is below 1e-20 of the first."""

TOLERANCE = 1e-15
"""Relative change at which the search for a crossing has converged."""


@njit(cache=True, nogil=True)
def product(matrix, vector, out):
    """out = matrix · vector."""
    for i in range(len(vector)):
        total = 0.0
        for j in range(len(vector)):
            total += matrix[i, j] * vector[j]
        out[i] = total


@njit(cache=True, nogil=True)
def short_flow(a, s, z, out):
    """out = exp(a s) z for s up to a grid step, by its series."""
    n = len(z)
    term, following = z.copy(), np.empty(n)
    for i in range(n):
        out[i] = z[i]
    for k in range(1, ORDER + 1):
        product(a, term, following)
        for i in range(n):
            term[i] = following[i] * s / k
            out[i] += term[i]


@njit(cache=True, nogil=True)
def flow(a, step, h, s, z):
    """z ← exp(a s) z for any s ≥ 0: whole grid steps, then the rest."""
    other = np.empty(len(z))
    for _ in range(int(s / h)):
        product(step, z, other)
        z[:] = other
    rest = s - int(s / h) * h
    if rest > 0.0:
        short_flow(a, rest, z, other)
        z[:] = other


@njit(cache=True, nogil=True)
def dot(x, y):
    """x · y."""
    total = 0.0
    for i in range(len(x)):
        total += x[i] * y[i]
    return total


@njit(cache=True, nogil=True)
def crossing(a, step, h, spike, start, horizon):
    """The time from ``start`` until spike · z reaches 0 from below, within ``horizon``; infinite where it does not.

    Grid steps are gone through one by one. One in which the membrane is above the threshold at its end, or could have been in
    between by the tangents at both ends, is searched by bisection and Newton's method.
    """
    n = len(start)
    z, other, slope = start.copy(), np.empty(n), np.empty(n)
    passed = 0.0
    g = dot(spike, z)
    product(a, z, slope)
    rate = dot(spike, slope)
    while passed < horizon:
        width = min(h, horizon - passed)
        if width == h:
            product(step, z, other)
        else:
            short_flow(a, width, z, other)
        g_end = dot(spike, other)
        product(a, other, slope)
        rate_end = dot(spike, slope)
        if g_end >= 0.0 and g < 0.0:
            return passed + _root(a, spike, z, 0.0, width)
        if g < 0.0 and rate > 0.0 and rate_end < 0.0:
            apex = (g_end - g - rate_end * width) / (rate - rate_end)
            if g + rate * min(max(apex, 0.0), width) >= 0.0:
                top = _top(a, spike, z, width)
                short_flow(a, top, z, slope)
                if dot(spike, slope) >= 0.0:
                    return passed + _root(a, spike, z, 0.0, top)
        z[:] = other
        g, rate = g_end, rate_end
        passed += width
    return np.inf


@njit(cache=True, nogil=True)
def _root(a, spike, z, low, high):
    """Where spike · exp(a s) z = 0 between ``low``, where it is below, and ``high``: Newton's steps, kept between the two."""
    n = len(z)
    at, slope = np.empty(n), np.empty(n)
    s = 0.5 * (low + high)
    for _ in range(100):
        short_flow(a, s, z, at)
        g = dot(spike, at)
        product(a, at, slope)
        rate = dot(spike, slope)
        if g >= 0.0:
            high = s
        else:
            low = s
        following = s - g / rate if rate != 0.0 else low
        if not low < following < high:
            following = 0.5 * (low + high)
        if abs(following - s) <= TOLERANCE * (abs(s) + high):
            return following
        s = following
    return s


@njit(cache=True, nogil=True)
def _top(a, spike, z, width):
    """Where spike · exp(a s) z is largest within ``width``, its slope being up at 0 and down at the end: by bisection."""
    n = len(z)
    at, slope = np.empty(n), np.empty(n)
    low, high = 0.0, width
    for _ in range(60):
        middle = 0.5 * (low + high)
        short_flow(a, middle, z, at)
        product(a, at, slope)
        if dot(spike, slope) > 0.0:
            low = middle
        else:
            high = middle
    return low
