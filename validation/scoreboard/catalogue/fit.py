"""Fits the constants of catalogued parts that data sheets leave open to the rows that train, and writes them into the part files.

``python -m costmodel.validation.scoreboard.catalogue.fit`` does so for all parts; ``--check`` only tells how far the files are off.
Which constants, and what was known of each before any row was seen, is in ``priors.toml``.
"""

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

from costmodel.devices.boundary import POWERS
from costmodel.devices.part import PARTS, Part, part
from costmodel.graphs.settings.units import parse
from costmodel.validation.scoreboard.catalogue.predicting import Catalogued
from costmodel.validation.scoreboard.catalogue.runs import Run, runs
from costmodel.validation.scoreboard.published.fitted import write
from costmodel.validation.scoreboard.published.measurements import rows

PRIORS = Path(__file__).with_name("priors.toml")
NOISE = 0.1
"""Standard deviation of log10(predicted / measured) that the equations of a part are trusted to, over runs of different people;
what the activity leaves open of a row comes to it."""
Z = 1.645
"""Half a 90 % interval of a normal distribution, in standard deviations."""
BEFORE = 2.0
"""Series that `NOISE` counts as beside those that train, where what the equations leave is told from few."""


@dataclass(frozen=True)
class Fit:
    """Of a part.

    Attributes:
        part: its name.
        rows: ids of the rows that train.
        values: parameter, or "host.MODE.parameter" → value, SI.
        spread: the same → standard deviation of its log10.
        left: "time", "energy" and "idle" → standard deviation of log10(measured / predicted) that is left, where rows tell it.
    """

    part: str
    rows: tuple[str, ...]
    values: dict[str, float]
    spread: dict[str, float]
    left: dict[str, float]


@cache
def priors() -> dict[str, dict[str, tuple[float, float]]]:
    """Part → constant → mean and standard deviation of its log10 before any row is seen."""
    document = tomllib.loads(PRIORS.read_text(encoding="utf-8"))
    return {name: {key: _log_normal(name, key, ends) for key, ends in _flat(entry).items()} for name, entry in document.items()}


def _flat(entry: Mapping, before: str = "") -> dict[str, list]:
    found = {}
    for key, value in entry.items():
        found |= _flat(value, f"{before}{key}.") if isinstance(value, Mapping) else {f"{before}{key}": value}
    return found


def _log_normal(name: str, key: str, ends: list) -> tuple[float, float]:
    unit = part(name).device.params[key.rpartition(".")[2]].unit
    low, high = (parse(end, unit) for end in ends)
    return float(np.log10(low * high) / 2), float(np.log10(high / low) / (2 * Z))


class _Trained:
    """A row that trains, ready to be costed with other constants."""

    def __init__(self, run: Run, alike: int, before: Mapping[str, float]) -> None:
        self.run, self.row = run, rows()[run.row]
        self.model, self.weight = Catalogued(run, self.row), 1 / np.sqrt(alike)
        ends = [self.model.quantities(self._own(before), bound) for bound in ("low", "high")]
        self.noise = {
            name: float(np.hypot(NOISE, np.log10(ends[1][name] / ends[0][name]) / (2 * Z))) for name in self.row.quantities
        }

    def off(self, values: Mapping[str, float]) -> dict[str, float]:
        """Quantity → log10(predicted / measured)."""
        said = self.model.quantities(self._own(values))
        return {name: float(np.log10(said[name] / true)) for name, true in self.row.quantities.items() if true > 0}

    def _own(self, values: Mapping[str, float]) -> dict[str, float]:
        """Of the constants those that count in this run."""
        own = {}
        for key, value in values.items():
            mode, _, name = key.removeprefix("host.").rpartition(".")
            if (not mode or mode == self.run.host) and name not in self.run.settings:
                own[name] = value
        return own


def fit(name: str) -> Fit:
    """The most probable values: rows to within `NOISE`, those of a series counting as one; constants as `priors` has them; both
    normal in the logarithm.

    Args:
        name: the catalogued part.
    """
    prior, chosen = priors()[name], [run for run in runs().values() if run.part == name and run.role == "train"]
    names = list(prior)
    mean, width = (np.array([prior[key][i] for key in names]) for i in (0, 1))
    before = dict(zip(names, (10**mean).tolist(), strict=True))
    trained = [_Trained(run, sum(other.series == run.series for other in chosen), before) for run in chosen]

    def residuals(x: np.ndarray) -> np.ndarray:
        values = dict(zip(names, 10**x, strict=True))
        data = [one.weight * off / one.noise[name] for one in trained for name, off in one.off(values).items()]
        return np.concatenate([data, (x - mean) / width])

    starts = (
        mean + shift * width for shift in (0, -1, 1)
    )  # where one thing hides another, as launches hide work, the middle sees one
    tried = (least_squares(residuals, start, x_scale=width, xtol=1e-10, ftol=1e-10) for start in starts)
    found = min(tried, key=lambda one: one.cost)
    covariance = np.linalg.inv(found.jac.T @ found.jac)
    values = dict(zip(names, (10**found.x).tolist(), strict=True))
    spread_ = dict(zip(names, np.sqrt(np.diag(covariance)).tolist(), strict=True))
    return Fit(name, tuple(run.row for run in chosen), values, spread_, _left(trained, values))


def _left(trained: list[_Trained], values: Mapping[str, float]) -> dict[str, float]:
    """What the equations leave at the fitted values, the rows of a series counting as one, beside `NOISE` as `BEFORE` series. Idle
    is told as power: an idle energy less what the latency of its row is off. Of rows whose activity is open nothing else is."""
    squares: dict[str, list[tuple[float, float]]] = {"time": [], "energy": [], "idle": []}
    for one in trained:
        told = one.off(values)
        if "idle_energy" in told and "latency" in told and one.run.rest is None:
            squares["idle"].append((one.weight**2, (told["idle_energy"] - told["latency"]) ** 2))
        for quantity, off in told.items():
            if quantity != "idle_energy" and one.noise[quantity] < 1.5 * NOISE:
                squares["time" if quantity == "latency" else "energy"].append((one.weight**2, off**2))
    found = {}
    for kind, pairs in squares.items():
        weight, square = sum(w for w, _ in pairs), sum(w * s for w, s in pairs)
        if pairs:
            found[kind] = float(np.sqrt((BEFORE * NOISE**2 + square) / (BEFORE + weight)))
    return found


def write_part(one: Fit) -> None:
    """Writes a fit into the part's file."""
    path = PARTS / f"{one.part}.toml"
    factors = {f"k_{kind}": s for kind, s in one.left.items() if kind != "idle"}
    idle = one.left.get("idle", 0.0)  # chips differ in what they draw at rest: that of another is not known as well as their mean
    spread_ = {name: Z * float(np.hypot(s, idle if name in POWERS else 0)) for name, s in one.spread.items()}
    values, spread_ = one.values | dict.fromkeys(factors, 1.0), spread_ | {name: Z * s for name, s in factors.items()}
    write(path, values, spread_, one.rows, "validation/scoreboard/catalogue/fit.py")


def off_by(one: Fit) -> float:
    """How far the part's file is from a fit, in decades: the most of any constant."""
    held: Part = part(one.part)
    found = []
    for key, value in one.values.items():
        mode, _, name = key.removeprefix("host.").rpartition(".")
        has = (held.hosted(mode).values if mode else {**held.values, **{key: each.value for key, each in held.powers.items()}})[
            name
        ]
        found.append(abs(float(np.log10(float(has or 0) / value))))
    return max(found)


def main(arguments: list[str]) -> int:
    """Fits all parts; writes their files, or with ``--check`` tells what differs."""
    worst = 0.0
    for name in priors():
        one = fit(name)
        if "--check" in arguments:
            worst = max(worst, off_by(one))
            print(f"{name}: off by {off_by(one):.2g} decades")
        else:
            write_part(one)
            print(
                f"{name}: "
                + ", ".join(f"{key} {value:.4g} (x/{10 ** (Z * one.spread[key]):.2f})" for key, value in one.values.items())
            )
            print(f"  left: {', '.join(f'{kind} {s:.3f}' for kind, s in one.left.items())}")
    return int(worst > 1e-3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
