"""A sweep as a table on disk: every design point with its parameters, latency and energy."""

import hashlib
import math
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path

import numpy as np

from costmodel.sweeping.job import Job
from costmodel.sweeping.parquet import GrowingTable, check_room, encoded
from costmodel.sweeping.program import COLUMNS, METRICS
from costmodel.sweeping.space import Chunk

CHUNK = 1 << 20
"""Rows of a row group."""

Compute = Callable[[Callable[[Job, Chunk], bytes], Job, Iterable[Chunk]], Iterable[tuple[Chunk, bytes]]]
"""Applies a function to chunks, and gives them with the results in their order: `costmodel.sweeping.local` or `distributed`."""


def write(job: Job, path: Path, compute: Compute, tell: Callable[[int], None]) -> int:
    """Writes all rows; goes on where an earlier run of the same sweep was killed.

    Args:
        job: the sweep.
        path: of the Parquet file.
        compute: computes the row groups.
        tell: told how many rows are done after each.

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
        for chunk, rows in compute(row_group, job, left):
            table.append(rows, chunk.rows)
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


def row_group(job: Job, chunk: Chunk) -> bytes:
    """The rows of a chunk, parameters first; costs are not a number where the part cannot run the network."""
    coordinates = {}
    for axis, ends, index in zip(job.space.axes, chunk.slices, _indices(chunk.shape), strict=True):
        values = axis.values(*ends)
        coordinates[axis.over.name] = (values.astype(np.int64) if axis.over.whole else values, index)
    costs = {COLUMNS[name]: values for name, values in job.fill(chunk).items()}
    if job.fits is not None:
        costs = {name: np.where(np.isinf(values), np.nan, values) for name, values in costs.items()}
    return encoded(coordinates, costs)


@lru_cache(maxsize=2)
def _indices(shape: tuple[int, ...]) -> list[np.ndarray]:
    """For each axis the number of its value at every row; chunks of one shape share them."""
    return [np.broadcast_to(index.astype(np.int32), shape).ravel() for index in np.indices(shape, sparse=True)]
