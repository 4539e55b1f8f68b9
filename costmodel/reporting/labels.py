"""Where to write the labels of points so that they do not cover points, intervals, or one another."""

import math
from collections.abc import Sequence

Pair = tuple[float, float]

Box = tuple[float, float, float, float]
"""Left, bottom, right and top, in pixels."""

_DISTANCES = (13, 22, 34, 48, 64, 84, 108)
_ANGLES = [math.radians(angle) for angle in (90, 270, 35, 145, -35, -145, 0, 180, 60, 120, -60, -120, 15, -15, 165, -165)]


def place(
    points: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]], obstacles: Sequence[Box], area: Box
) -> list[tuple[float, float]]:
    """The offset of each label's centre from its point, in pixels, y upwards.

    Greedy: the points with most neighbours first, each at the candidate that covers least; near ones win ties.

    Args:
        points: the points.
        sizes: width and height of the labels.
        obstacles: what is to stay visible besides the points.
        area: where labels must lie.
    """
    taken = [*obstacles, *((x - 6, y - 6, x + 6, y + 6) for x, y in points)]
    offsets: dict[int, tuple[float, float]] = {}
    crowd = [sum(math.dist(here, there) < 80 for there in points) for here in points]
    for i in sorted(range(len(points)), key=lambda i: -crowd[i]):
        (x, y), (width, height) = points[i], sizes[i]
        best, least = (0.0, 0.0), math.inf
        for distance in _DISTANCES:
            for angle in _ANGLES:
                dx, dy = _from_edge(angle, distance, width, height)
                box = (x + dx - width / 2, y + dy - height / 2, x + dx + width / 2, y + dy + height / 2)
                cost = 3 * sum(_overlap(box, other) for other in taken) + 20 * _outside(box, area) + distance
                if cost < least:
                    best, least = (dx, dy), cost
        offsets[i] = best
        taken.append((x + best[0] - width / 2, y + best[1] - height / 2, x + best[0] + width / 2, y + best[1] + height / 2))
    return [offsets[i] for i in range(len(points))]


def _from_edge(angle: float, distance: float, width: float, height: float) -> tuple[float, float]:
    """The centre of a label whose edge lies at a distance in a direction."""
    dx, dy = math.cos(angle), math.sin(angle)
    return dx * (distance + width / 2 - 6 * abs(dx)), dy * (distance + height / 2 - 6 * abs(dy))


def _overlap(a: Box, b: Box) -> float:
    across, up = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return across * up if across > 0 and up > 0 else 0.0


def _outside(box: Box, area: Box) -> float:
    return max(0, area[0] - box[0]) + max(0, area[1] - box[1]) + max(0, box[2] - area[2]) + max(0, box[3] - area[3])
