"""A sweep from start to end: prepared, compiled, computed here or on a cluster, reduced or written."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costmodel.devices.part import Part
from costmodel.estimates.estimating import Workload
from costmodel.graphs.files import check_kind
from costmodel.sweeping import local
from costmodel.sweeping.job import Job, prepare
from costmodel.sweeping.reducing import CHUNK, Extreme, ends, extremes
from costmodel.sweeping.space import Space
from costmodel.sweeping.writing import warm, write


@dataclass(frozen=True)
class Sweep:
    """A finished sweep.

    Attributes:
        space: its design points; a table has them in this order, the last axis running fastest.
        rows: how many there are.
        fit: how many fit the part.
        seconds: that computing (and writing) took, compilation apart.
        compile_seconds: that asking what fits, printing and compiling took; workers of a cluster compile for themselves.
        resumed: rows that an earlier run had written.
        extremes: the points at the ends of each metric; empty where a table was written.
        out: the table; None where there is none.
    """

    space: Space
    rows: int
    fit: int
    seconds: float
    compile_seconds: float
    resumed: int
    extremes: tuple[Extreme, ...]
    out: Path | None

    def to_dict(self) -> dict[str, Any]:
        """As in ``sweep --json``."""
        return {
            "rows": self.rows,
            "feasible_rows": self.fit,
            "seconds": self.seconds,
            "points_per_second": self.points_per_second,
            "compile_seconds": self.compile_seconds,
            "resumed_rows": self.resumed,
            "out": None if self.out is None else str(self.out),
            "best": [extreme.to_dict() for extreme in self.extremes],
        }

    @property
    def points_per_second(self) -> float:
        """Of those computed now."""
        return (self.rows - self.resumed) / max(self.seconds, 1e-9)


def sweep(workload: Workload, on: Part, space: Space, out: Path | None = None, scheduler: str | None = None) -> Sweep:
    """Costs of a network on a part at every point of a space.

    Args:
        workload: the network as it is run.
        on: the part.
        space: the design points.
        out: a Parquet file for all rows, and named so; None: only the ends of each metric.
        scheduler: address of a Dask scheduler; None: the cores here.

    Raises:
        InputError: another name for the table; no point fits, no room for the table, or no cluster.
    """
    start = time.perf_counter()
    if out is not None:
        check_kind(out, "Parquet table", ".parquet", ".pq")
    job, program = prepare(workload, on, space)
    if scheduler is None:
        job.compile("ends" if out is None else "fill")
        if out is not None:
            warm(job)
    with _computing(scheduler) as compute, _progress(job) as tell:
        compiled = time.perf_counter()
        there, found = 0, []
        if out is None:
            found = extremes(job, program, compute(ends, job, job.space.chunks(CHUNK)), tell)
        else:
            there = write(job, out, compute, tell)
        seconds = time.perf_counter() - compiled
    return Sweep(job.space, space.rows, _fit(job), seconds, compiled - start, there, tuple(found), out)


def _fit(job: Job) -> int:
    """Points that fit."""
    return job.space.rows if job.fits is None else int(job.fits.sum()) * (job.space.rows // job.fits.size)


@contextmanager
def _computing(scheduler: str | None) -> Iterator[Callable[..., Any]]:
    """What computes chunks: the cores here, or a cluster."""
    if scheduler is None:
        yield local.compute
        return
    from costmodel.sweeping.distributed import Cluster

    with Cluster(scheduler) as cluster:
        yield cluster.compute


@contextmanager
def _progress(job: Job) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, where somebody looks; gives what is told how many more points are done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.percentage:3.0f} %"), BarColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(f"{job.space.rows:,} design points", total=job.space.rows)
        yield lambda rows: bar.advance(task, rows)
