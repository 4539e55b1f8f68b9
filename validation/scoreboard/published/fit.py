"""Fits the few coefficients of each platform to its calibrating rows, and writes them into its part file.

``python -m costmodel.validation.scoreboard.published.fit`` does so for all platforms; ``--check`` only tells how
far the files are off.
"""

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from costmodel.devices.part import part
from costmodel.graphs.settings.units import parse
from costmodel.validation.scoreboard.published.fitted import write
from costmodel.validation.scoreboard.published.measurements import Row, rows
from costmodel.validation.scoreboard.published.predicting import Model, model
from costmodel.validation.scoreboard.published.subjects import part_file

PRIORS = Path(__file__).with_name("priors.toml")
NOISE = 0.04
"""Standard deviation of log10(predicted / measured) that a calibrating row is trusted to: 10 %, what two runs of one workload
differ by (KWS and KWSx-N0 on the same devices)."""
Z = 1.645
"""Half a 90 % interval of a normal distribution, in standard deviations."""
BORROWED = 2.0
"""Factor within which a coefficient is taken to hold for the device that follows, 90 %."""


@dataclass(frozen=True)
class Fit:
    """Of a platform.

    Attributes:
        platform: its name.
        rows: ids of the rows that calibrate.
        values: parameter → value, SI.
        spread: parameter → standard deviation of its log10.
        quantities: quantity of each residual.
        residuals: log10(predicted / measured) at the values.
        leverage: share of itself that each residual determines, 0 … 1.
    """

    platform: str
    rows: tuple[str, ...]
    values: dict[str, float]
    spread: dict[str, float]
    quantities: tuple[str, ...]
    residuals: np.ndarray
    leverage: np.ndarray


@cache
def priors() -> dict[str, dict[str, tuple[float, float]]]:
    """Platform → calibrated parameter → mean and standard deviation of its log10 before any row is seen."""
    found = {}
    for entry in tomllib.loads(PRIORS.read_text(encoding="utf-8"))["platforms"]:
        for name in entry["names"]:
            params = part(str(part_file(name))).device.params
            ends = {key: [parse(end, params[key].unit) for end in value] for key, value in entry.items() if key != "names"}
            found[name] = {key: _log_normal(low, high) for key, (low, high) in ends.items()}
    return found


def _log_normal(low: float, high: float) -> tuple[float, float]:
    return float(np.log10(low * high) / 2), float(np.log10(high / low) / (2 * Z))


def calibrating(platform: str) -> list[Row]:
    """The rows that calibrate a platform, and no other."""
    return [row for row in rows().values() if row.platform == platform and row.role == "calibrate"]


def fit(platform: str) -> Fit:
    """The most probable values: rows to within `NOISE`, coefficients as `priors` has them, both normal in the logarithm.

    Args:
        platform: its name.
    """
    prior, chosen = priors()[platform], calibrating(platform)
    names = list(prior)
    mean, width = (np.array([prior[name][i] for name in names]) for i in (0, 1))
    models = [made for row in chosen if (made := model(row)) is not None]
    caps = np.array([np.log10(models[0].part.device.params[name].high) for name in names])

    def off(x: np.ndarray) -> np.ndarray:
        return np.concatenate([_off(models, dict(zip(names, 10**x, strict=True))) / NOISE, (x - mean) / width])

    found = least_squares(off, np.minimum(mean, caps - 1e-6), bounds=(-np.inf, caps), x_scale=width, xtol=1e-12, ftol=1e-12)
    covariance = np.linalg.inv(found.jac.T @ found.jac)
    data = len(found.fun) - len(names)
    return Fit(
        platform,
        tuple(row.name for row in chosen),
        dict(zip(names, (10**found.x).tolist(), strict=True)),
        dict(zip(names, np.sqrt(np.diag(covariance)).tolist(), strict=True)),
        tuple(quantity for made in models for quantity in made.row.quantities),
        found.fun[:data] * NOISE,
        np.einsum("ij,jk,ik->i", found.jac[:data], covariance, found.jac[:data]),
    )


def _off(models: list[Model], values: Mapping[str, float]) -> np.ndarray:
    """log10(predicted / measured) of every quantity of every row."""
    told = [(made.quantities(values), made.row.quantities) for made in models]
    return np.array([np.log10(said[name] / true) for said, measured in told for name, true in measured.items()])


def residual(fits: list[Fit]) -> dict[str, float]:
    """Standard deviation of log10(predicted / measured) of latency and of all energies together, over the calibrating rows of all
    platforms: √(Σ r² / Σ (1 − leverage)), for a fit takes from its residuals what its parameters can take."""
    squares, freedom = dict.fromkeys(("latency", "energy"), 0.0), dict.fromkeys(("latency", "energy"), 0.0)
    for one in fits:
        for name, off, leverage in zip(one.quantities, one.residuals, one.leverage, strict=True):
            kind = "latency" if name == "latency" else "energy"
            squares[kind] += float(off**2)
            freedom[kind] += float(1 - leverage)
    return {kind: float(np.sqrt(squares[kind] / freedom[kind])) for kind in squares}


def borrowed() -> dict[str, Fit]:
    """Platform → the fit of the device that it succeeds, of which only what it borrows."""
    found = {}
    for entry in tomllib.loads(PRIORS.read_text(encoding="utf-8"))["borrowed"]:
        one = fit(entry["from"])
        values = {name: one.values[name] for name in entry["parameters"]}
        found[entry["name"]] = replace(one, values=values, spread=dict.fromkeys(values, float(np.log10(BORROWED) / Z)))
    return found


def main(arguments: list[str]) -> int:
    """Fits all platforms; writes the part files, or with ``--check`` tells what differs."""
    off = 0
    for platform, one in ({platform: fit(platform) for platform in priors()} | borrowed()).items():
        path = part_file(platform)
        if "--check" in arguments:
            held = part(str(path)).values
            worst = max(abs(np.log10(float(held[name] or 0) / value)) for name, value in one.values.items())
            off += worst > 1e-3
            print(f"{platform}: {'as fitted' if worst <= 1e-3 else f'off by {worst:.3g} decades'}")
        else:
            write(path, one.values, {name: Z * s for name, s in one.spread.items()}, one.rows)
            print(f"{platform}: {', '.join(f'{name} {value:.4g}' for name, value in one.values.items())}")
    return int(off > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
