"""A sweep as a table on disk: every design point with its parameters, latency and energy."""

import hashlib
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from costmodel.sweeping.encoding import Buffer, Template, template
from costmodel.sweeping.job import Job
from costmodel.sweeping.parquet import GrowingTable, check_room
from costmodel.sweeping.program import COLUMNS, METRICS
from costmodel.sweeping.space import Chunk

CHUNK = 1 << 20
"""Rows of a row group."""

Compute = Callable[[Callable[[Job, Chunk], Any], Job, Iterable[Chunk]], Iterable[tuple[Chunk, Any]]]
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


def row_group(job: Job, chunk: Chunk) -> list[Buffer]:
    """The rows of a chunk, parameters first, encoded; costs are not a number where the part cannot run the network."""
    columns = []
    for axis, ends in zip(job.space.axes, chunk.slices, strict=True):
        values = axis.values(*ends)
        columns.append(values.astype(np.int64) if axis.over.whole else values)
    costs = list(job.fill(chunk).values())
    if job.fits is not None:
        for values in costs:
            values[np.isinf(values)] = np.nan
    return _template(job, chunk).filled([*columns, *costs])


def warm(job: Job) -> None:
    """Makes what row groups share, which else the first one does."""
    _template(job, next(job.space.chunks(CHUNK)))


def _template(job: Job, chunk: Chunk) -> Template:
    whole = tuple(axis.over.whole for axis in job.space.axes)
    return template((*job.space.names, *COLUMNS.values()), whole, chunk.shape)
