"""Mackey-Glass: the next value of a chaotic series, at every step.

dx/dt = β x(t − τ) / (1 + x(t − τ)^n) − γ x,  τ 17, β 0.2, γ 0.1, n 10, x = 0.7206597 before 0.
(Mackey & Glass, "Oscillation and chaos in physiological control systems", Science 197, 1977. Constants, Lyapunov time, points and
split are those of NeuroBench, ``neurobench/datasets/mackey_glass.py``.)

NeuroBench lets a network that has learnt go on by itself; here it gets the true value at every step.

The series is chaotic: errors grow e-fold every Lyapunov time. With half the step it differs by less than 1e-11 within the first
Lyapunov time, 1e-7 within 10 and 1e-3 within all 20, so NeuroBench's own, from another integrator, is the same at first and alike
after that.
"""

import itertools
from pathlib import Path

import numpy as np
import torch

from costmodel.validation.benchmarks.benchmark import Benchmark, Sequences

TAU, BETA, GAMMA, POWER, PAST = 17, 0.2, 0.1, 10, 0.7206597

LYAPUNOV, POINTS = 197, 75
"""Lyapunov time, and points of the series within it."""

TRAIN, TEST = 10 * POINTS, 10 * POINTS
"""Points of the series to learn from, and after them those of the test."""

STEPS = 75
"""Integration steps per unit of time: both τ and the distance of two points, 197/75, are then whole numbers of steps."""

WINDOW, STRIDE = POINTS, 5
"""Steps of a sample (one Lyapunov time), and distance of the first points of two samples to learn from."""

SCALE = 1.5
"""Values are divided by it, which brings them into 0 … 1: they lie between 0.41 and 1.32."""


def integrate(points: int, refinement: int = 1) -> np.ndarray:
    """x at 0, 197/75, 2 · 197/75, …: (points,).

    The method of steps: while the delayed values are known, over a time τ, the equation is linear in x. Classical Runge–Kutta of
    fourth order; between two steps, delayed values are those of the cubic through both ends with their slopes.

    Args:
        points: how many.
        refinement: so many times as many steps.
    """
    delay = TAU * STEPS * refinement
    h = 1 / (STEPS * refinement)

    def stage(x: float | np.ndarray, start: np.ndarray, middle: np.ndarray, end: np.ndarray) -> np.ndarray:
        """x a step later, with what the delayed values bring at its start, middle and end."""
        k1 = start - GAMMA * x
        k2 = middle - GAMMA * (x + h / 2 * k1)
        k3 = middle - GAMMA * (x + h / 2 * k2)
        k4 = end - GAMMA * (x + h * k3)
        return x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)

    none = np.zeros(1)
    kept = float(stage(1.0, none, none, none)[0])
    ends, middles = np.full(delay + 1, PAST), np.full(delay, PAST)
    series = [ends[-1:]]
    for _ in range(-(-(points - 1) * LYAPUNOV * refinement // delay)):
        at_ends, at_middles = brought(ends), brought(middles)
        gained = stage(0.0, at_ends[:-1], at_middles, at_ends[1:])
        x = np.array(list(itertools.accumulate(gained.tolist(), lambda before, gain: kept * before + gain, initial=ends[-1])))
        slopes = at_ends - GAMMA * x
        ends, middles = x, (x[:-1] + x[1:]) / 2 + h / 8 * (slopes[:-1] - slopes[1:])
        series.append(x[1:])
    return np.concatenate(series)[:: LYAPUNOV * refinement][:points]


def brought(delayed: np.ndarray) -> np.ndarray:
    """What the values a time τ ago add to dx/dt."""
    return BETA * delayed / (1 + delayed**POWER)


def windows(series: np.ndarray, stride: int) -> Sequences:
    """Samples (n, 75, 1) of a series and, as targets, what follows each of their points."""
    starts = np.arange(0, len(series) - WINDOW, stride)
    values = torch.from_numpy(series[starts[:, None] + np.arange(WINDOW + 1)]).float().unsqueeze(-1)
    return Sequences(values[:, :-1].contiguous(), values[:, 1:].contiguous())


def load(seed: int, folder: Path | None) -> Benchmark:
    """Samples of 75 steps of shape (1,): 135 that overlap, of the first 750 points, to learn from, and 10 of the next 750 as test.

    ``seed`` changes nothing.
    """
    series = integrate(TRAIN + TEST + 1) / SCALE
    source = (
        "generated: Mackey & Glass 1977 with NeuroBench's constants, values divided by 1.5; "
        "windows of 75 points out of the first 10 Lyapunov times to learn from, out of the next 10 as test"
    )
    return Benchmark("mackey-glass", windows(series[:TRAIN], STRIDE), windows(series[TRAIN:], WINDOW), None, source)
