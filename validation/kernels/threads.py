"""A batch over several threads: compiled code holds no lock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TypeVar

import numpy as np
import torch

Part = TypeVar("Part")

LEAST = 5e-4
"""Work that is worth a thread, s: to wake one takes a tenth of it, or all where processors are shared with others."""


def over_threads(function: Callable[[slice], Part], batch: int, seconds: float) -> list[Part]:
    """Calls the function with slices that together are the batch, as many as torch has threads and there is work for.

    Args:
        function: of a slice of the batch.
        batch: samples.
        seconds: that a sample takes, about.

    Returns:
        What each call returned.
    """
    count = max(1, min(torch.get_num_threads(), batch, int(batch * seconds / LEAST)))
    bounds = np.linspace(0, batch, count + 1).astype(int)
    parts = [slice(a, b) for a, b in pairwise(bounds)]
    if count == 1:
        return [function(parts[0])]
    others = [_pool(count - 1).submit(function, part) for part in parts[1:]]
    return [function(parts[0]), *(other.result() for other in others)]


@cache
def _pool(count: int) -> ThreadPoolExecutor:
    """Threads that wait for work: starting new ones takes as long as a small layer."""
    return ThreadPoolExecutor(count, thread_name_prefix="costmodel")
