"""Yin-Yang: which of three regions a point of the sign lies in (Kriener, Göltz & Petrovici, "The Yin-Yang dataset", NICE 2022)."""

from pathlib import Path

import numpy as np
import torch

from costmodel.validation.benchmarks.benchmark import Benchmark, Still

R_SMALL, R_BIG = 0.1, 0.5
"""Radii of the two eyes and of the sign."""

BIAS = (0.9 - 0.15) / (2.0 - 0.15)
"""A constant fifth value: mapped to spike times .15 … 2 as the others are, it is the bias spike at .9 of Göltz et al. 2021."""

SIZES = {"train": 5000, "test": 1000}
SEEDS = {"train": 42, "test": 40}
"""Of the published sets; their validation set, seed 41, is not used here."""


def region(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Class of points within the sign: 0 yin, 1 yang, 2 an eye.

    Args:
        x, y: coordinates, the sign's middle at (R_BIG, R_BIG).
    """
    left, right = np.hypot(x - 0.5 * R_BIG, y - R_BIG), np.hypot(x - 1.5 * R_BIG, y - R_BIG)
    bulge, upper = left <= 0.5 * R_BIG, (y > R_BIG) & (right > 0.5 * R_BIG)
    return np.where((left < R_SMALL) | (right < R_SMALL), 2, (bulge | upper).astype(int))


def draw(size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points (size, 5): x, y, 1 − x, 1 − y and the constant; and their classes (size,).

    A class is drawn, then points of the square until one falls into that class. The order of the draws is that of the published
    sets, so that their seeds give their points.
    """
    dice = np.random.RandomState(seed)
    points, classes = np.empty((size, 2)), np.empty(size, dtype=int)
    for i in range(size):
        classes[i] = dice.randint(3)
        while True:
            x, y = dice.rand(2) * 2 * R_BIG
            if np.hypot(x - R_BIG, y - R_BIG) <= R_BIG and region(x, y) == classes[i]:
                break
        points[i] = x, y
    return np.concatenate([points, 1 - points, np.full((size, 1), BIAS)], axis=1), classes


def load(seed: int, folder: Path | None) -> Benchmark:
    """Train and test set of the published seeds; ``seed`` changes nothing."""
    parts = {name: draw(SIZES[name], SEEDS[name]) for name in SIZES}
    train, test = (Still(torch.from_numpy(x).float(), torch.from_numpy(y).long()) for x, y in (parts["train"], parts["test"]))
    source = "generated: Kriener, Göltz & Petrovici, NICE 2022; 5,000 train and 1,000 test points, seeds 42 and 40"
    return Benchmark("yin-yang", train, test, 3, source)
