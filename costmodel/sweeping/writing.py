"""A sweep as a table on disk: every design point with its parameters, latency and energy."""

import hashlib
import math
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from costmodel.sweeping.job import Job
from costmodel.sweeping.parquet import GrowingTable, check_room, rows_as_table
from costmodel.sweeping.program import METRICS
from costmodel.sweeping.space import Chunk

CHUNK = 1 << 20
"""Rows of a row group."""

COLUMNS = {name: f"{name}_{unit.lower()}" for name, unit in METRICS.items()}
"""metric → its column."""

Costs = dict[str, np.ndarray]
Fill = Callable[[Job, Iterable[Chunk]], Iterable[tuple[Chunk, Costs]]]
"""Computes chunks, and gives them in their order."""


def write(job: Job, path: Path, fill: Fill, tell: Callable[[int], None]) -> int:
    """Writes all rows; goes on where an earlier run of the same sweep was killed.

    Args:
        job: the sweep.
        path: of the Parquet file.
        fill: computes the chunks.
        tell: told how many rows are done after each chunk.

    Returns:
        How many rows were there already.

    Raises:
        InputError: there is no room for the table.
    """
    check_room(path, size(job), job.space.rows)
    with GrowingTable(path, key(job)) as table:
        there = table.rows
        tell(there)
        left = (chunk for chunk in job.space.chunks(CHUNK) if chunk.first >= there)
        for chunk, costs in fill(job, left):
            table.append(rows(job, chunk, costs), list(COLUMNS.values()))
            tell(chunk.rows)
        table.finish()
    return there


def size(job: Job) -> float:
    """Bytes of the table, at most: a double per metric, and a number of few bits per parameter."""
    return job.space.rows * (8.0 * len(METRICS) + sum(math.ceil(math.log2(n)) for n in job.space.shape) / 8)


def key(job: Job) -> str:
    """What the rows depend on, as a hash: the program, the values of the axes, what fits, and the size of a chunk."""
    found = hashlib.sha256(f"{CHUNK} {job.loop} {job.space}".encode())
    found.update(b"" if job.fits is None else job.fits.tobytes())
    return found.hexdigest()


def rows(job: Job, chunk: Chunk, costs: Costs):
    """The rows of a chunk as an Arrow table, parameters first."""
    shape, found = chunk.shape, {}
    for i, axis in enumerate(job.space.axes):
        index = np.arange(shape[i], dtype=np.int32).reshape([-1 if k == i else 1 for k in range(len(shape))])
        values = axis.values(*chunk.slices[i])
        found[axis.over.name] = (values, np.broadcast_to(index, shape).ravel(), axis.over.whole)
    return rows_as_table(found, {COLUMNS[name]: values for name, values in costs.items()})
