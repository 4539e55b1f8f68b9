"""A sweep without a table: the design points with the least and the most of each metric."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from costmodel.sweeping.job import Job
from costmodel.sweeping.program import COLUMNS, METRICS, Program
from costmodel.sweeping.space import Chunk

CHUNK = 1 << 23
"""Points at a time: a tenth of a second."""


@dataclass(frozen=True)
class Extreme:
    """A design point at an end of a metric.

    Attributes:
        metric: which one.
        most: whether it is the largest; else the least.
        row: number of the design point.
        point: parameter → value.
        values: metric → value there.
    """

    metric: str
    most: bool
    row: int
    point: dict[str, float]
    values: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """As in ``sweep --json``."""
        costs = {COLUMNS[name]: value for name, value in self.values.items()}
        return {"metric": self.metric, "end": "most" if self.most else "least", "point": self.point, **costs}


def ends(job: Job, chunk: Chunk) -> np.ndarray:
    """What `extremes` needs of a chunk."""
    return job.ends(chunk)


def extremes(job: Job, program: Program, chunks: Iterable[tuple[Chunk, np.ndarray]], tell: Callable[[int], None]) -> list[Extreme]:
    """The ends of every metric among the points that fit.

    Args:
        job: the sweep.
        program: its program.
        chunks: all chunks with their `ends`.
        tell: told how many points are done after each chunk.
    """
    best: dict[tuple[int, int], tuple[float, Chunk, int]] = {}
    for chunk, of_blocks in chunks:
        for metric in range(len(METRICS)):
            for end, sign in ((0, 1.0), (1, -1.0)):
                block = int(np.argmin(sign * of_blocks[:, metric, end]))
                value = sign * float(of_blocks[block, metric, end])
                if (metric, end) not in best or value < best[metric, end][0]:
                    best[metric, end] = (value, chunk, block)
        tell(chunk.rows)
    found = []
    for (metric, end), (_, chunk, block) in best.items():
        within = job.block(chunk, block)
        grids = (grid.ravel() for grid in np.meshgrid(*job.space.coordinates(within), indexing="ij"))
        values = program.evaluate(dict(zip(job.space.names, grids, strict=True)))
        of, fits = values[list(METRICS)[metric]], job.fitting(within)
        at = int(np.argmin(np.where(fits, of, np.inf)) if end == 0 else np.argmax(np.where(fits, of, -np.inf)))
        row = within.first + at
        point = job.space.point(row)
        found.append(Extreme(list(METRICS)[metric], end == 1, row, point, {name: float(v[at]) for name, v in values.items()}))
    return found
