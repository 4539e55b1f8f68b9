"""Digits: scikit-learn's handwritten digits of 8 × 8 pixels.

They are the test part of "Optical Recognition of Handwritten Digits" (Alpaydin & Kaynak, UCI Machine Learning Repository, 1998),
which comes with scikit-learn: 1,797 digits, pixels 0 … 16.
"""

from pathlib import Path

import numpy as np
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.installing import install
from costmodel.validation.benchmarks.benchmark import Benchmark, Still
from costmodel.validation.benchmarks.split import stratified

TEST = 360
"""Digits of the test set, a fifth; 1,437 are left to learn from."""


def load(seed: int, folder: Path | None) -> Benchmark:
    """Samples of shape (8, 8). The split is stratified and drawn once, under seed 0; ``seed`` changes nothing.

    Raises:
        InputError: scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise InputError("the digits come with scikit-learn, which is missing", mend=install("torch")) from error
    pixels, labels = load_digits(return_X_y=True)
    values, targets = (
        torch.from_numpy(np.asarray(pixels)).float().reshape(-1, 8, 8) / 16,
        torch.from_numpy(np.asarray(labels)).long(),
    )
    train, test = (Still(values[chosen], targets[chosen]) for chosen in stratified(targets.numpy(), TEST))
    source = (
        "scikit-learn's load_digits (UCI, Alpaydin & Kaynak 1998); stratified split drawn under seed 0, 1,437 train and 360 test"
    )
    return Benchmark("digits", train, test, 10, source)
