"""Draws of what is uncertain: Monte Carlo beside the first order of `costmodel.estimates.interval`, and odds.

Odds are those that one part beats another. Every uncertain quantity has a stream of draws of its own, found by what the quantity
is. Two parts with one and the same quantity (the price of electricity, a constant from the same source, the network's rates) so
share its draws, and what they share cancels in their comparison. Draws are a Latin hypercube: each quantity's are spread evenly
over its distribution.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from statistics import NormalDist
from typing import Any
from zlib import crc32

import numpy as np

from costmodel.deciding.parameters import identity
from costmodel.estimates.estimated import Estimate
from costmodel.estimates.estimating import Estimator
from costmodel.estimates.interval import Interval
from costmodel.graphs.lowering.activity import assumed_rate, is_spiking

SIZE = 4096
"""Draws of a comparison: odds are good to a percent or better."""

Z90 = NormalDist().inv_cdf(0.95)
"""Standard deviations from the middle to an end of a 90 % interval."""


@cache
def _normal(size: int) -> np.ndarray:
    """The standard normal distribution at evenly spread probabilities."""
    return np.array([NormalDist().inv_cdf((i + 0.5) / size) for i in range(size)])


@dataclass(frozen=True)
class Draws:
    """Streams of standard normal draws, the same for the same key and seed."""

    size: int = SIZE
    seed: int = 0

    def of(self, key: object) -> np.ndarray:
        """(size,) draws of a quantity."""
        return np.random.default_rng([self.seed, crc32(repr(key).encode())]).permutation(_normal(self.size))


def distributed(value: float, low: float, high: float, z: np.ndarray) -> np.ndarray:
    """Draws of a quantity from a standard normal: its median and 90 % interval are those given.

    Lognormal on either side of its median where the interval is above 0, normal on either side and cut off at 0 where it is not.
    """
    if low > 0:
        steps = np.where(z > 0, np.log(high / value), np.log(value / low)) / Z90
        return value * np.exp(z * steps)
    return np.maximum(value + z * np.where(z > 0, high - value, value - low) / Z90, 0.0)


def drawn(estimator: Estimator, draws: Draws | None = None) -> dict[str, np.ndarray]:
    """Latency (s) and energy (J per sample) at draws of the part's uncertain parameters and the network's rates, (size,) each.

    Quantities are drawn each on its own, so that a few draws may hold values that no part would have together.
    """
    draws = draws or Draws()
    values, rates = _parameters(estimator, draws), _rates(estimator, draws)
    found = {"latency": np.empty(draws.size), "energy": np.empty(draws.size)}
    for some in _chunks(estimator, draws.size):
        with np.errstate(all="ignore"):
            figures = estimator.figures(
                {name: value[some] for name, value in values.items()}, rates={name: rate[some] for name, rate in rates.items()}
            )
        found["latency"][some], found["energy"][some] = figures.latency, figures.energy
    return found


def monte_carlo(estimator: Estimator, draws: Draws | None = None) -> dict[str, Interval]:
    """The nominal value and the 5th and 95th percentile of latency and energy over draws."""
    figures, found = estimator.figures(), drawn(estimator, draws)
    nominal = {"latency": figures.latency, "energy": figures.energy}
    return {
        name: Interval(float(np.ravel(nominal[name])[0]), *(float(end) for end in np.nanpercentile(values, (5, 95))))
        for name, values in found.items()
    }


def with_draws(estimate: Estimate, estimator: Estimator, draws: Draws) -> Estimate:
    """The estimate with intervals from draws, where there are costs."""
    return replace(estimate, **monte_carlo(estimator, draws)) if estimate.feasible else estimate


def odds(one: Estimator, other: Estimator, draws: Draws | None = None) -> dict[str, float]:
    """The probability that the first has less latency, and less energy; a tie counts as half. What they share is drawn once."""
    first, second = drawn(one, draws), drawn(other, draws)
    result = {}
    for name in first:
        whole = np.isfinite(first[name]) & np.isfinite(second[name])
        a, b = first[name][whole], second[name][whole]
        result[name] = float(np.mean((a < b) + 0.5 * (a == b)))
    return result


def _parameters(estimator: Estimator, draws: Draws) -> dict[str, np.ndarray]:
    on, values = estimator.part, {}
    for name in on.uncertain:
        constant, declared = on.constants[name], on.device.params[name]
        if constant.value is None or constant.low is None or constant.high is None or name in ("weight_bits", "state_bits"):
            continue
        drawn_ = distributed(constant.value, constant.low, constant.high, draws.of(identity(name, constant)))
        drawn_ = np.minimum(drawn_, declared.high)
        values[name] = np.maximum(np.round(drawn_), 0.0 if declared.may_be_zero() else 1.0) if declared.whole else drawn_
    return values


def _rates(estimator: Estimator, draws: Draws) -> dict[str, np.ndarray]:
    """Rates move together, as in the first order: node → draws, of those that have an interval."""
    workload = estimator.workload
    network, mean, z, found = workload.network, workload.activities["mean"], draws.of("rates"), {}
    for name, node in network.nodes.items():
        own = node.rate or assumed_rate(node, network.timesteps)
        given = name in mean.given or name in mean.elements or ("*" in mean.given and is_spiking(node))
        if own is None or given:
            continue
        low, high = own.bounds()
        if low < high:
            found[name] = np.minimum(distributed(own.mean, low, high, z), network.rate_limit(name))
    return found


def _chunks(estimator: Estimator, size: int) -> Iterator[Any]:
    """Slices of the draws, fewer at a time where the network is large."""
    step = max(int(4e6 / max(len(estimator.workload.table.tasks), 1)), 16)
    return (slice(start, min(start + step, size)) for start in range(0, size, step))
