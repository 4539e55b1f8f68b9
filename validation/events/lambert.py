"""Lambert's W in compiled code, for which scipy offers none."""

import math

from numba import njit


@njit(cache=True)
def lambert_w(z: float) -> float:
    """The principal branch W₀ with W e^W = z, for −1/e ≤ z ≤ 0; NaN below.

    A series at the branch point, then Halley's iteration (Corless et al., "On the Lambert W function", Adv. Comput. Math. 5, 1996,
    eqs. 4.22 and 5.9).
    """
    p_2 = 2.0 * (math.e * z + 1.0)
    if p_2 < 0.0:
        return -1.0 if p_2 > -1e-14 else math.nan
    p = math.sqrt(p_2)
    w = -1.0 + p * (1.0 + p * (-1.0 / 3.0 + p * (11.0 / 72.0)))
    if p < 1e-4:
        return w
    for _ in range(8):
        e = math.exp(w)
        miss = w * e - z
        change = miss / (e * (w + 1.0) - (w + 2.0) * miss / (2.0 * w + 2.0))
        w -= change
        if abs(change) < 1e-15 * (1.0 + abs(w)):
            break
    return w
