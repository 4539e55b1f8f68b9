"""Many netlists at once, in processes of their own: a library that crashes takes one job with it."""

import os
import pickle
import re
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from costmodel.devices.spice import library
from costmodel.devices.spice.job import Failure, Job, Waves
from costmodel.graphs.errors import InputError

FAILED = Path("failed-netlists")
"""Where decks are kept that SPICE did not finish."""

ROOT = Path(__file__).parents[3]
"""Where the package lies."""

Progress = Callable[[int, int, str], None]
"""Called with jobs done, all jobs, and the name of the one that has just ended."""


class Worker:
    """A process that runs jobs, one after another; after a crash the next job gets a new one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __call__(self, job: Job) -> Waves | Exception:
        """What came out, or why nothing did."""
        process = self._process or self._start()
        self._process = process
        if process.stdin is None or process.stdout is None:
            raise TypeError("a worker has pipes")
        try:
            pickle.dump(job, process.stdin)
            process.stdin.flush()
            return pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            self.close()
            return RuntimeError("the simulator crashed")

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> "subprocess.Popen[bytes]":
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        command = [sys.executable, "-P", "-m", "costmodel.devices.spice.worker"]
        environment = {**os.environ, "PYTHONPATH": path}
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment)


def run(job: Job, failed: Path = FAILED) -> Waves:
    """Runs one job.

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
    done, lock, mine, all_workers = 0, threading.Lock(), threading.local(), []

    def one(job: Job) -> Waves | Failure:
        nonlocal done
        if not hasattr(mine, "worker"):
            mine.worker = Worker()
            all_workers.append(mine.worker)
        found = mine.worker(job)
        if isinstance(found, InputError):
            raise found
        with lock:
            done += 1
            if progress is not None:
                progress(done, len(jobs), job.name)
        return _kept(job, str(found), failed) if isinstance(found, Exception) else found

    try:
        with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
            return list(pool.map(one, jobs))
    finally:
        for worker in all_workers:
            worker.close()


def _kept(job: Job, reason: str, folder: Path) -> Failure:
    folder.mkdir(parents=True, exist_ok=True)
    text, name = job.text(), re.sub(r"[^A-Za-z0-9.]+", "-", job.name).strip("-")
    if len(name) > 100:  # more than a file's name may be: a checksum keeps shortened ones apart
        name = f"{name[:100]}-{zlib.crc32(text.encode()):08x}"
    path = folder / f"{name}.cir"
    path.write_text(text, encoding="utf-8")
    return Failure(job.name, reason, str(path))
