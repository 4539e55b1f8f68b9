"""MNIST-1D: ten shapes of twelve points, padded, stretched, moved, made noisy and sheared, to be told apart.

(Greydanus & Kobak, "Scaling down deep learning with MNIST-1D", ICML 2024, arXiv:2011.14439. Constants, the order of the steps and
the order of the draws are those of github.com/greydanus/mnist1d, so that the seed gives the published samples.)
"""

from pathlib import Path

import numpy as np
import torch

from costmodel.validation.benchmarks.benchmark import Benchmark, Still

SAMPLES, TRAIN, SEED = 5000, 4000, 42
"""Samples in all, those to learn from, and the published seed."""

DRAWN, LENGTH = 72, 40
"""Points of a signal while it is worked on (a template and the longest padding), and in the end."""

PADDING = (36, 60)
"""Fewest and most zeros put behind a template."""

SCALING, SHIFTS, CORRELATED, INDEPENDENT, SHEAR = 0.4, 48, 0.25, 0.02, 0.75
"""Range of the factor around 1, number of shifts, amplitudes of the two noises, and range of the slope."""

NOTHING = 1e-8
"""Added to a template, whose zeros are thus told from padding."""

TEMPLATES = np.array(
    [
        [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
        [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
        [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
        [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
        [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
        [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
        [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
        [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
        [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
        [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5],
    ]
)
"""The digits, drawn as heights of twelve points."""


def templates() -> np.ndarray:
    """The digits with standard deviation 1/6, starting at 0: (10, 12)."""
    deviations = TEMPLATES - TEMPLATES.mean(axis=1, keepdims=True)
    shapes = deviations / deviations.std(axis=1, keepdims=True)
    return (shapes - shapes[:, :1]) / 6


def resample(signal: np.ndarray, points: int) -> np.ndarray:
    """A signal at so many points, linearly between its own."""
    return np.interp(np.linspace(0, 1, points), np.linspace(0, 1, len(signal)), signal)


def smooth(noise: np.ndarray) -> np.ndarray:
    """Noise (n, points) under a Gaussian of standard deviation 2 that ends at ±8 points; the ends are mirrored."""
    at = np.arange(-8, 9)
    weights = np.exp(-0.5 / 4 * at**2)
    weights /= weights.sum()
    wide = np.pad(noise, ((0, 0), (8, 8)), mode="symmetric")
    points = noise.shape[1]
    smoothed = wide[:, 8 : 8 + points] * weights[8]
    for i in range(8):
        smoothed += (wide[:, i : i + points] + wide[:, 16 - i : 16 - i + points]) * weights[i]
    return smoothed


def generate(seed: int = SEED, samples: int = SAMPLES) -> tuple[np.ndarray, np.ndarray]:
    """Signals (samples, 40), with mean 0 and standard deviation 1 over all of them, and their classes (samples,), shuffled."""
    dice, shapes = np.random.RandomState(seed), templates()
    classes = np.repeat(np.arange(10), samples // 10)
    signals, correlated, independent = np.empty((3, len(classes), DRAWN))
    slopes = np.empty((len(classes), 1))
    for i, digit in enumerate(classes):
        low, high = PADDING
        padded = np.concatenate([shapes[digit] + NOTHING, np.zeros(low + int(dice.rand() * (high - low + 1)))])
        scaled = resample(padded, DRAWN) * (1 + SCALING * (dice.rand() - 0.5))
        signals[i] = np.roll(scaled, dice.choice(SHIFTS))
        correlated[i], independent[i] = CORRELATED * dice.randn(DRAWN), INDEPENDENT * dice.randn(DRAWN)
        slopes[i] = SHEAR * (dice.rand() - 0.5)
    noisy = np.where(signals != 0, signals, smooth(correlated)) + independent
    sheared = noisy - slopes * np.linspace(-0.5, 0.5, DRAWN)
    order = dice.permutation(len(classes))
    found = np.stack([resample(signal, LENGTH) for signal in sheared])[order]
    return (found - found.mean()) / found.std(), classes[order]


def load(seed: int, folder: Path | None) -> Benchmark:
    """The published 4,000 train and 1,000 test samples of shape (1, 40), not within 0 … 1; ``seed`` changes nothing."""
    signals, classes = generate()
    values, targets = torch.from_numpy(signals).float().unsqueeze(1), torch.from_numpy(classes).long()
    source = "generated: Greydanus & Kobak, ICML 2024; the first 4,000 of 5,000 samples to learn from, the others test, seed 42"
    return Benchmark("mnist-1d", Still(values[:TRAIN], targets[:TRAIN]), Still(values[TRAIN:], targets[TRAIN:]), 10, source)
