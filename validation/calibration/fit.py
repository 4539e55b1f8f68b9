"""Parameters of a device class from measured latencies, through the class's own equations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from costmodel.devices.device import Device
from costmodel.devices.evaluation.evaluate import evaluate
from costmodel.estimates.estimating import Workload

OUTLIER = 0.15
"""Residual, in natural logarithms, from which on a case counts less: one wrong measurement moves nothing."""

PRIOR = 1.5
"""How far, in natural logarithms, a parameter may well be from where it starts: what no case shows, stays there."""


@dataclass(frozen=True)
class Observation:
    """A network that was measured.

    Attributes:
        workload: network, phase and batch.
        seconds: its latency.
    """

    workload: Workload
    seconds: float


@dataclass(frozen=True)
class Fit:
    """What came out.

    Attributes:
        values: of the fitted parameters, SI.
        deviation: standard error of each one's natural logarithm.
        residuals: ln(predicted / measured) of every observation.
    """

    values: Mapping[str, float]
    deviation: Mapping[str, float]
    residuals: np.ndarray


def latencies(device: type[Device], values: Mapping[str, object], observations: Sequence[Observation]) -> np.ndarray:
    """(observations, points) predicted latencies, s; some values may be arrays over points."""
    found = []
    for seen in observations:
        bits = [float(np.asarray(values[name])) for name in ("weight_bits", "state_bits")]
        columns = seen.workload.columns("mean", *bits, given=device.keeps_given_bits)
        figures = evaluate(device(values), seen.workload.table, columns, float(seen.workload.batch))
        found.append(np.atleast_1d(figures.latency))
    return np.stack(np.broadcast_arrays(*found))


def fit(
    device: type[Device],
    fixed: Mapping[str, object],
    start: Mapping[str, float],
    observations: Sequence[Observation],
    near: Mapping[str, float] | None = None,
) -> Fit:
    """The parameters that bring predicted and measured latencies together: least squares of ln(predicted / measured).

    Args:
        device: the class.
        fixed: values of its other parameters.
        start: parameters that are fitted, and a first guess of each; all are positive.
        observations: at least one.
        near: values that are likely close to what comes out, of a fit to other observations; None: as ``start``.
    """
    names, guess = list(start), np.log(list(start.values()))
    first = guess if near is None else np.log([near[name] for name in names])
    seconds = np.log([seen.seconds for seen in observations])

    def at(points: np.ndarray) -> np.ndarray:
        """Residuals (observations, points) at logarithms of the parameters (parameters, points)."""
        given = {**fixed, **dict(zip(names, np.exp(points), strict=True))}
        return np.log(latencies(device, given, observations)) - seconds[:, None]

    def residuals(x: np.ndarray) -> np.ndarray:
        return np.concatenate([at(x[:, None])[:, 0], (x - guess) / PRIOR * OUTLIER])

    def slopes(x: np.ndarray) -> np.ndarray:
        step = 1e-4
        moved = at(x[:, None] + step * np.eye(len(x), len(x) + 1))
        return np.concatenate([(moved[:, :-1] - moved[:, -1:]) / step, np.eye(len(x)) / PRIOR * OUTLIER])

    found = least_squares(residuals, first, jac=slopes, loss="soft_l1", f_scale=OUTLIER, ftol=1e-5)
    last = found.fun[: len(observations)]
    noise = float(np.median(np.abs(last))) * 1.4826  # of a normal distribution
    covariance = np.linalg.inv(found.jac.T @ found.jac) * max(noise, 1e-3) ** 2
    return Fit(
        values=dict(zip(names, np.exp(found.x).tolist(), strict=True)),
        deviation=dict(zip(names, np.sqrt(np.diag(covariance)).tolist(), strict=True)),
        residuals=last,
    )
