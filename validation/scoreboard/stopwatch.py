"""Seconds that the reference runner takes for a batch, and for a training step."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from graphs.network import Network
from validation.learner import Learner
from validation.loss import cost
from validation.model import NetworkModel
from validation.training import adamw, settings

REPEATS, BUDGET = 5, 0.6
"""Least number of calls, and seconds that calls are repeated for."""


@dataclass(frozen=True)
class Timing:
    """Of one thing.

    Attributes:
        fastest: of all calls, s: what it takes where nothing else runs.
        spread: how far the median lies above it, relative: the machine's noise.
    """

    fastest: float
    spread: float


def timed(call: Callable[[], object], budget: float = BUDGET, repeats: int = REPEATS) -> Timing:
    """Calls again and again; the first call, which compiles and allocates, is not counted."""
    call()
    taken: list[float] = []
    end = time.perf_counter() + budget
    while len(taken) < repeats or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return Timing(min(taken), statistics.median(taken) / min(taken) - 1)
