"""Chunks computed here: the loop takes all cores, and threads encode rows meanwhile."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from costmodel.sweeping.job import Job
from costmodel.sweeping.space import Chunk

Result = TypeVar("Result")


def compute(function: Callable[[Job, Chunk], Result], job: Job, chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Result]]:
    """Applies a function to chunks and gives the results in order; only a few are in memory."""
    threads = cores()
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque = deque()
        for chunk in chunks:
            waiting.append((chunk, pool.submit(function, job, chunk)))
            if len(waiting) > threads:
                first, future = waiting.popleft()
                yield first, future.result()
        for chunk, future in waiting:
            yield chunk, future.result()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
