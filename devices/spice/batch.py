"""Many netlists at once, in processes of their own: a library that crashes takes one job with it."""

import os
import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from devices.spice import library
from devices.spice.job import Failure, Job, Waves
from devices.spice.session import SpiceError, simulate
from graphs.errors import InputError

FAILED = Path("failed-netlists")
"""Where decks are kept that SPICE did not finish."""

Progress = Callable[[int, int, str], None]
"""Called with jobs done, all jobs, and the name of the one that has just ended."""


def run(job: Job, failed: Path = FAILED) -> Waves:
    """Runs one job in a process of its own.

    Raises:
        InputError: SPICE did not finish; the deck is kept and named. Or libngspice or PySpice is missing.
    """
    (outcome,) = run_many([job], workers=1, failed=failed)
    if isinstance(outcome, Failure):
        raise InputError(f"SPICE: {outcome.reason}", mend=f"the deck is kept in {outcome.netlist}", where=outcome.name)
    return outcome


def run_many(
    jobs: Sequence[Job], *, workers: int | None = None, failed: Path = FAILED, progress: Progress | None = None
) -> list[Waves | Failure]:
    """Runs jobs side by side.

    Args:
        jobs: what to run.
        workers: processes; None: as many as there are cores.
        failed: folder for decks that were not finished.
        progress: told of every job that ends.

    Returns:
        What came out of each, in order; of one that SPICE did not finish a `Failure`, its deck kept.

    Raises:
        InputError: libngspice or PySpice is missing.
    """
    library.find()
    outcomes: dict[int, Waves | Failure] = {}
    waiting: Iterable[int] = range(len(jobs))
    several = workers or os.cpu_count() or 1
    while waiting:
        left = list(waiting)
        # After a crash every job that it took along runs once more, alone: the culprit is then known.
        crashed = _round(jobs, left, several, failed, progress, outcomes)
        if crashed and several == 1 and crashed[0] == left[0]:
            outcomes[left[0]] = _kept(jobs[left[0]], "the simulator crashed", failed)
            crashed = crashed[1:]
        waiting, several = crashed, 1
    return [outcomes[i] for i in range(len(jobs))]


def _round(jobs, left, workers, failed, progress, outcomes) -> list[int]:
    """Runs what is left; gives what a crash took along."""
    crashed = []
    with ProcessPoolExecutor(min(workers, len(left)), mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(_one, jobs[i]): i for i in left}
        for future in as_completed(futures):
            i = futures[future]
            try:
                found = future.result()
            except BrokenProcessPool:
                crashed.append(i)
                continue
            outcomes[i] = _kept(jobs[i], found, failed) if isinstance(found, str) else found
            if progress is not None:
                progress(len(outcomes), len(jobs), jobs[i].name)
    return sorted(crashed)


def _one(job: Job) -> Waves | str:
    try:
        return simulate(job)
    except SpiceError as error:
        return str(error)


def _kept(job: Job, reason: str, folder: Path) -> Failure:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (re.sub(r"[^A-Za-z0-9.]+", "-", job.name).strip("-") + ".cir")
    path.write_text(job.text(), encoding="utf-8")
    return Failure(job.name, reason, str(path))
