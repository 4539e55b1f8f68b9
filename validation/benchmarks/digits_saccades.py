"""Digits under saccades: scikit-learn's digits as an event camera would see them, with nothing to be fetched. See `saccades`."""

from pathlib import Path

import torch
from torch.nn import functional

from costmodel.validation.benchmarks import digits
from costmodel.validation.benchmarks.benchmark import Benchmark, Samples
from costmodel.validation.benchmarks.mnist_files import SIDE
from costmodel.validation.benchmarks.saccades import recordings

INNER = 20
"""Pixels of the side that the digit fills, the rest being a black border, as in MNIST."""


def enlarge(values: torch.Tensor) -> torch.Tensor:
    """Digits (n, 8, 8) of 0 … 1 as images (n, 28, 28), uint8, bilinear between pixels."""
    inner = functional.interpolate(values.unsqueeze(1), size=(INNER, INNER), mode="bilinear", align_corners=False)
    return (functional.pad(inner.squeeze(1), ((SIDE - INNER) // 2,) * 4) * 255).round().to(torch.uint8)


def load(seed: int, folder: Path | None) -> Benchmark:
    """Recordings of 300 ms, shape (2, 34, 34), with the split of the benchmark "digits"; ``seed`` changes nothing.

    Raises:
        InputError: scikit-learn is not installed.
    """
    still = digits.load(seed, folder)
    train, test = _seen(still.train), _seen(still.test)
    return Benchmark(
        "digits-saccades", train, test, 10, f"emulated saccades over {still.source}, enlarged to 20 × 20 within 28 × 28"
    )


def _seen(samples: Samples) -> Samples:
    values = samples.batch(torch.arange(len(samples)), 1, 1.0)[0]
    return recordings(enlarge(values), samples.targets)
