"""Flow of a linear neuron between events, and when it next reaches its threshold, in compiled code."""

import numpy as np
from numba import njit

ORDER = 12
"""Terms of exp(Â s) for s up to a grid step, a quarter of a time constant: the next one is below 3e-18 of the first."""

TOLERANCE = 1e-9
"""Relative change at which the search for a crossing has converged: Newton's next step, which is taken, errs by its square."""


@njit(cache=True, nogil=True)
def product(matrix, vector, out):
    """out = matrix · vector."""
    for i in range(len(vector)):
        total = 0.0
        for j in range(len(vector)):
            total += matrix[i, j] * vector[j]
        out[i] = total


@njit(cache=True, nogil=True)
def dot(x, y):
    """x · y."""
    total = 0.0
    for i in range(len(x)):
        total += x[i] * y[i]
    return total


@njit(cache=True, nogil=True)
def short_flow(a, s, z, out, scratch):
    """out = exp(a s) z for s up to a grid step, by its series. ``scratch`` (2, n) is overwritten, here and below."""
    n = len(z)
    for i in range(n):
        scratch[0, i] = z[i]
        out[i] = z[i]
    for k in range(1, ORDER + 1):
        share = s / k
        for i in range(n):
            total = 0.0
            for j in range(n):
                total += a[i, j] * scratch[0, j]
            scratch[1, i] = total * share
        for i in range(n):
            scratch[0, i] = scratch[1, i]
            out[i] += scratch[1, i]


@njit(cache=True, nogil=True)
def flow(a, step, h, s, z, scratch):
    """z ← exp(a s) z for any s ≥ 0: whole grid steps, then the rest. ``scratch`` is (3, n)."""
    other = scratch[2]
    whole = int(s / h)
    for _ in range(whole):
        product(step, z, other)
        for i in range(len(z)):
            z[i] = other[i]
    rest = s - whole * h
    if rest > 0.0:
        short_flow(a, rest, z, other, scratch)
        for i in range(len(z)):
            z[i] = other[i]


@njit(cache=True, nogil=True)
def flow_matrix(a, step, h, s, out, scratch):
    """out = exp(a s), for the many neurons that flow equally long. ``scratch`` is (4, n)."""
    column = scratch[3]
    for j in range(len(a)):
        column[:] = 0.0
        column[j] = 1.0
        flow(a, step, h, s, column, scratch)
        for i in range(len(a)):
            out[i, j] = column[i]


@njit(cache=True, nogil=True)
def carry(matrix, z, scratch):
    """z ← matrix · z."""
    other = scratch[2]
    product(matrix, z, other)
    for i in range(len(z)):
        z[i] = other[i]


@njit(cache=True, nogil=True)
def crossing(a, step, h, spike, start, duration, rest, end, scratch):
    """The time from ``start`` until spike · z reaches 0 from below, within ``duration``; infinite where it does not, and then
    ``end`` is z after it.

    Grid steps are gone through one by one. One in which the membrane is above the threshold at its end, or could have been in
    between by the tangents at both ends, is searched by bisection and Newton's method.

    Args:
        rest: exp(a s) for what is left of the duration after whole grid steps.
        scratch: (5, n), overwritten.
    """
    n = len(start)
    z, other = scratch[2], scratch[3]
    climb = scratch[4]  # slope of the membrane: climb · z
    for i in range(n):
        z[i] = start[i]
        total = 0.0
        for j in range(n):
            total += spike[j] * a[j, i]
        climb[i] = total
    g, rate = dot(spike, z), dot(climb, z)
    whole = int(duration / h)
    for k in range(whole + 1):
        width = h if k < whole else duration - whole * h
        product(step if k < whole else rest, z, other)
        g_end, rate_end = dot(spike, other), dot(climb, other)
        if g < 0.0:
            if g_end >= 0.0:
                return k * h + _root(a, spike, climb, z, width, other, scratch)
            if rate > 0.0 and rate_end < 0.0:
                apex = (g_end - g - rate_end * width) / (rate - rate_end)
                if g + rate * min(max(apex, 0.0), width) >= 0.0:
                    top = _top(a, climb, z, width, other, scratch)
                    short_flow(a, top, z, other, scratch)
                    if dot(spike, other) >= 0.0:
                        return k * h + _root(a, spike, climb, z, top, other, scratch)
                    short_flow(a, width, z, other, scratch)
        for i in range(n):
            z[i] = other[i]
        g, rate = g_end, rate_end
    for i in range(n):
        end[i] = z[i]
    return np.inf


@njit(cache=True, nogil=True)
def _root(a, spike, climb, z, high, at, scratch):
    """Where spike · exp(a s) z = 0 between 0, where it is below, and ``high``: Newton's steps, kept between bounds."""
    low = 0.0
    g = dot(spike, z)
    short_flow(a, high, z, at, scratch)
    s = high * g / (g - dot(spike, at))
    for _ in range(100):
        short_flow(a, s, z, at, scratch)
        g, rate = dot(spike, at), dot(climb, at)
        if g >= 0.0:
            high = s
        else:
            low = s
        following = s - g / rate if rate > 0.0 else low
        if abs(following - s) <= TOLERANCE * s:
            return following
        s = following if low < following < high else 0.5 * (low + high)
    return s


@njit(cache=True, nogil=True)
def _top(a, climb, z, width, at, scratch):
    """Where the membrane's slope is 0 within ``width``, up at its start and down at its end: Newton's, between bounds."""
    low, high, s = 0.0, width, 0.5 * width
    for _ in range(100):
        short_flow(a, s, z, at, scratch)
        rate, bend = dot(climb, at), 0.0
        for i in range(len(z)):
            bend += climb[i] * dot(a[i], at)
        if rate > 0.0:
            low = s
        else:
            high = s
        following = s - rate / bend if bend < 0.0 else low
        if abs(following - s) <= TOLERANCE * width:
            return s
        s = following if low < following < high else 0.5 * (low + high)
    return s
