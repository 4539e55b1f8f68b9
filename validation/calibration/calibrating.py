"""A machine as a part: its device class with parameters from measured networks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import torch

from costmodel.validation.calibration.fit import Fit, Observation, fit, latencies
from costmodel.validation.calibration.measuring import Measured, measure
from costmodel.validation.calibration.target import Target
from costmodel.validation.calibration.writing import part_text

SECONDS = 42.0
"""Of measuring; with the fits a calibration takes less than a minute."""

FOLDS = 5
"""Parts that the networks are dealt into, each with its share of every kind; residuals are those of networks left out of a fit."""


@dataclass(frozen=True)
class Calibration:
    """A calibrated part.

    Attributes:
        text: of the part file.
        measured: what was seen.
        residuals: parameter that holds it → 90 % interval of measured over predicted latency, of networks not fitted.
        provenance: of the numbers.
    """

    text: str
    measured: Measured
    residuals: Mapping[str, tuple[float, float]]
    provenance: Mapping[str, Any]


def calibrate(target: Target, told: Callable[[int, int, str], object], seconds: float = SECONDS) -> Calibration:
    """Measures random networks, and fits the target's parameters to them.

    Args:
        target: what is measured.
        told: of the progress.
        seconds: of measuring, at most, but for the first two passes.
    """
    measured = measure(target, seconds, told)
    found = fit(target.device, target.fixed(), target.start, measured.observations)
    off = residuals(target, measured, found.values)
    provenance = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": target.title,
        "torch": torch.__version__,
        "networks": len(measured.observations) // 2,
        "passes": measured.passes,
        "noise": round(measured.noise, 4),
        "seconds": round(measured.seconds, 1),
    }
    return Calibration(part_text(target, found, off, provenance), measured, off, provenance)


def residuals(target: Target, measured: Measured, near: Mapping[str, float] | None = None) -> dict[str, tuple[float, float]]:
    """5 and 95 % of measured over predicted of networks that were left out of the fit, by the parameter that holds it; where the
    machine's passes do not agree wider by its noise.

    Args:
        target: what was measured.
        measured: what was seen.
        near: values of the fit to all.
    """
    seen = measured.observations
    off = np.empty(len(seen))
    for inside in folds(target, seen):
        off[inside] = _left_out(target, seen, inside, near)
    kinds = np.array([target.kinds[i // 2 % len(target.kinds)] for i in range(len(seen))])
    phases = np.array([one.workload.phase for one in seen])
    wider, found = 1.0 if measured.quiet else 1 + measured.noise, {}
    for name, own in target.residuals.items():
        low, high = np.exp(holding(-off[np.isin(kinds, own.kinds) & (phases == own.phase)]))
        found[name] = float(low / wider), float(high * wider)
    return found


def holding(seen: np.ndarray) -> np.ndarray:
    """Where the next value lies with a probability of 90 %: between the ranks 0.05 (n + 1) and 0.95 (n + 1) of n like it.

    (Vovk, Gammerman, Shafer, "Algorithmic Learning in a Random World", 2005: conformal prediction.) Ranks between the least and the
    greatest value alone would hold 83 % where there are 26.
    """
    return np.quantile(seen, [0.05, 0.95], method="weibull")


def folds(target: Target, seen: Sequence[Observation]) -> np.ndarray:
    """(folds, observations) which are left out together: a network's two phases are, and of every kind every `FOLDS`th network."""
    dealt = np.arange(len(seen)) // 2 // len(target.kinds) % FOLDS
    return dealt == np.unique(dealt)[:, None]


def _left_out(target: Target, seen: Sequence[Observation], inside: np.ndarray, near: Mapping[str, float] | None) -> np.ndarray:
    """ln(predicted / measured) of some networks by a fit to the others."""
    others = [one for one, held in zip(seen, inside, strict=True) if not held]
    own = [one for one, held in zip(seen, inside, strict=True) if held]
    found: Fit = fit(target.device, target.fixed(), target.start, others, near)
    return np.log(latencies(target.device, {**target.fixed(), **found.values}, own)[:, 0] / [one.seconds for one in own])
