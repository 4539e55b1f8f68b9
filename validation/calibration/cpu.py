"""The CPU of this machine as a part: `devices.classes.cpu_fused` with parameters from measured networks."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from devices.classes.cpu_fused import FusedCPU
from validation.calibration.fit import Fit, Observation, fit, latencies
from validation.calibration.measuring import Measured, measure
from validation.calibration.writing import part_text

TITLE = "costmodel's own runner on this machine"
SECONDS = 50.0
"""Of measuring; with the fit a calibration takes less than a minute."""

FOLDS = 5
"""Parts that the networks are dealt into, none of which has all of a kind; residuals are those of networks left out of a fit."""

START = {
    "f_matmul": 1e11,
    "f_convolution": 1e11,
    "f_vector": 3e10,
    "b_cache": 2e10,
    "b_ragged": 4e10,
    "b_memory": 1.5e10,
    "cache": 1e7,
    "b_product": 4e10,
    "b_update": 3e10,
    "packing": 2.0,
    "finishing": 4.0,
    "ops_per_exponential": 10.0,
    "t_linear": 3e-5,
    "t_convolution": 6e-5,
    "t_neurons": 3e-5,
    "t_pool": 5e-5,
    "t_loop": 1e-5,
    "t_gradient": 3e-5,
    "t_adjoint": 8e-5,
    "t_update": 3e-5,
    "t_call": 5e-5,
    "t_step": 2e-4,
}
"""Where the fit starts: a core of 2024."""


@dataclass(frozen=True)
class Calibration:
    """A calibrated part.

    Attributes:
        text: of the part file.
        measured: what was seen.
        low, high: 90 % interval of measured over predicted latency, of networks not fitted.
        provenance: of the numbers.
    """

    text: str
    measured: Measured
    low: float
    high: float
    provenance: Mapping[str, Any]


def calibrate(told: Callable[[int, int, str], object], seconds: float = SECONDS) -> Calibration:
    """Measures this machine with as many threads as torch has now.

    Args:
        told: of the progress.
        seconds: of measuring, at most, but for the first two passes.
    """
    measured = measure("cpu", seconds, told)
    fixed = assumed()
    found = fit(FusedCPU, fixed, START, measured.observations)
    low, high = residuals(fixed, measured)
    provenance = {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": processor(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "networks": len(measured.observations) // 2,
        "passes": measured.passes,
        "noise": round(measured.noise, 4),
        "seconds": round(measured.seconds, 1),
    }
    return Calibration(part_text(found, (low, high), fixed, provenance), measured, low, high, provenance)


def assumed() -> dict[str, float | None]:
    """What a stopwatch cannot tell; parameters in SI."""
    vector = 16.0 if "AVX512" in torch.backends.cpu.get_cpu_capability() else 8.0
    return {
        "weight_bits": 32.0,
        "state_bits": 32.0,
        "chips": 1.0,
        "vector": vector,
        "memory_size": float(_memory()),
        "ops_per_divide": 5.0,
        "p_static": 40.0,
        "p_dynamic": 60.0,
        "latency_residual": 1.0,
        "die_area": None,
        "price": None,
        "cloud": None,
        "lifetime": 1.0,
        "utilisation": 1.0,
        "electricity": 0.0,
    }


def residuals(fixed: Mapping[str, float | None], measured: Measured) -> tuple[float, float]:
    """5 and 95 % of measured over predicted of networks that were left out of the fit, wider by the machine's noise."""
    seen = measured.observations
    off = np.concatenate([_left_out(fixed, seen, fold) for fold in range(FOLDS)])
    low, high = np.exp(np.quantile(-off, [0.05, 0.95]))
    return float(low / (1 + measured.noise)), float(high * (1 + measured.noise))


def _left_out(fixed: Mapping[str, float | None], seen: Sequence[Observation], fold: int) -> np.ndarray:
    """ln(predicted / measured) of a fold's networks by a fit to the others; a network's two phases stay together."""
    inside = [(i // 2) % FOLDS == fold for i in range(len(seen))]
    others = [one for one, held in zip(seen, inside, strict=True) if not held]
    own = [one for one, held in zip(seen, inside, strict=True) if held]
    found: Fit = fit(FusedCPU, fixed, START, others)
    return np.log(latencies(FusedCPU, {**fixed, **found.values}, own)[:, 0] / [one.seconds for one in own])


def processor() -> str:
    """What the operating system calls it."""
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _memory() -> int:
    """Bytes of main memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
