"""Where a function of one variable changes its sign: all places in a range, jumps and whole numbers included.

The function takes an array of points, so that a bracket is cut into many pieces by one call.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]

CLOSE = 4e-15
"""Relative width at which a bracket is a point."""


@dataclass(frozen=True)
class Crossing:
    """Two neighbouring points between which the sign changes.

    Attributes:
        low, high: the points, as close as floats get, or neighbouring whole numbers.
        at_low, at_high: the function there.
    """

    low: float
    high: float
    at_low: float
    at_high: float

    @property
    def jump(self) -> bool:
        """Whether the function passes 0 in a jump, so that no point between has 0."""
        return abs(self.at_high - self.at_low) > 1e-6

    @property
    def inside(self) -> float:
        """The point at which the function is 0 or less."""
        return self.low if self.at_low <= 0 else self.high


def crossings(
    function: Function, grid: np.ndarray, *, whole: bool, pieces: int = 32
) -> tuple[list[Crossing], np.ndarray, np.ndarray]:
    """All sign changes (0 counts as negative), in order, and the grid with what was looked at between its points.

    Args:
        function: of an array of points; not finite where it is not defined.
        grid: ascending points; changes that are less than a step apart are found where they leave a dent in it.
        whole: whether only whole numbers count.
        pieces: into how many a bracket is cut at a time.

    Returns:
        The crossings; the points; the function there.
    """
    points, values = _with_extremes(function, grid, function(grid), whole, pieces)
    found: list[Crossing] = []
    waiting = [Crossing(*pair) for pair in zip(points[:-1], points[1:], values[:-1], values[1:], strict=True)]
    waiting = [c for c in waiting if _changes(c)]
    while waiting:
        bracket = waiting.pop()
        inner = _between(bracket.low, bracket.high, pieces, whole)
        if inner.size == 0:
            found.append(bracket)
            continue
        xs = np.concatenate([[bracket.low], inner, [bracket.high]])
        ys = np.concatenate([[bracket.at_low], function(inner), [bracket.at_high]])
        finite = np.isfinite(ys)
        xs, ys = xs[finite], ys[finite]
        waiting += [c for c in map(Crossing, xs[:-1], xs[1:], ys[:-1], ys[1:]) if _changes(c)]
    found = [Crossing(*map(float, (c.low, c.high, c.at_low, c.at_high))) for c in found]
    return sorted(found, key=lambda c: c.low), points, values


def edge(allowed: Callable[[float], bool], inside: float, outside: float, *, whole: bool) -> float:
    """The last point that is allowed, from one that is towards one that is not, to a part in a billion."""
    while True:
        low, high = min(inside, outside), max(inside, outside)
        middle = _between(low, high, 2, whole)
        if middle.size == 0 or (not whole and high - low <= 1e-9 * high):
            return inside
        if allowed(float(middle[0])):
            inside = float(middle[0])
        else:
            outside = float(middle[0])


def _changes(c: Crossing) -> bool:
    return bool(np.isfinite(c.at_low) and np.isfinite(c.at_high) and (c.at_low <= 0) != (c.at_high <= 0))


def _between(low: float, high: float, pieces: int, whole: bool) -> np.ndarray:
    """Points that cut an interval, evenly on a logarithmic scale where it has one; none where nothing lies between."""
    wide = low > 0 and high / low > 1.5
    cut = np.geomspace(low, high, pieces + 1)[1:-1] if wide else np.linspace(low, high, pieces + 1)[1:-1]
    if whole:
        cut = np.unique(np.round(cut))
    elif high - low <= CLOSE * high:
        return np.array([])
    return cut[(cut > low) & (cut < high)]


def _with_extremes(function: Function, xs: np.ndarray, ys: np.ndarray, whole: bool, pieces: int) -> tuple[np.ndarray, np.ndarray]:
    """The points, and between them those that look more closely at dents towards 0, and at first beside changes of sign, where a
    dent would not show."""
    for again in range(3):
        finite = np.isfinite(ys)
        dents = [
            i
            for i in range(1, len(xs) - 1)
            if finite[i - 1 : i + 2].all()
            and ((0 < ys[i] < ys[i - 1] and ys[i] < ys[i + 1]) or (0 >= ys[i] > ys[i - 1] and ys[i] > ys[i + 1]))
        ]
        steps = {j for i in dents[:8] for j in (i - 1, i)}
        if not again:
            changes = [i for i in range(len(xs) - 1) if finite[i] and finite[i + 1] and (ys[i] <= 0) != (ys[i + 1] <= 0)]
            steps |= {j for i in changes[:8] for j in (i - 1, i + 1) if 0 <= j < len(xs) - 1}
        cuts = [_between(xs[j], xs[j + 1], max(pieces // 2, 2), whole) for j in sorted(steps)]
        extra = np.unique(np.concatenate(cuts)) if cuts else np.array([])
        if extra.size == 0:
            break
        more = np.concatenate([xs, extra])
        order = np.argsort(more)
        xs, ys = more[order], np.concatenate([ys, function(extra)])[order]
    return xs, ys
