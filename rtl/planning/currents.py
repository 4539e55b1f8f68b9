"""What neurons would receive at the network file's rates: the ranges of their states follow where nobody has measured them."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from costmodel.graphs.equations.neuron import Neuron
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.network import Network
from costmodel.rtl.datapath.compiling.ranges import observed_ranges
from costmodel.rtl.planning.paths import Path

STEPS = 300
"""Steps of random input."""

BUSY = 2.0
"""Inputs are not alike: ranges are those of this many times the mean rate."""


def currents(
    network: Network, ways: list[Path], weights: list[np.ndarray], bias: np.ndarray | None, one: float, typical: Mapping[str, float]
) -> np.ndarray:
    """Random input of a layer's neurons, (STEPS, channels): events at twice the rate of what sends.

    Args:
        network: the network.
        ways: into the layer.
        weights: of each way, real, (channels, …).
        bias: in units ``one``, added at every step.
        one: real value of a unit.
        typical: source → what an event of it is worth in least significant bits; 1 for spikes.
    """
    dice, activity = np.random.default_rng(0), Activity(network)
    total = np.zeros((STEPS, len(weights[0])))
    for way, real in zip(ways, weights, strict=True):
        flat = real.reshape(len(real), -1)
        rate = min(1.0, BUSY * float(np.max(activity.sent[way.source].rate)) * way.multiplicity)
        places = 1 if way.window is None else way.window.rows * way.window.columns
        joined = np.max if way.window is not None and way.window.kind == "max" else np.sum
        sums = [(dice.random((STEPS, flat.shape[1])) < rate) @ flat.T for _ in range(places)]
        total += joined(sums, axis=0) * typical[way.source]
    return total if bias is None else total + one * bias[: total.shape[1]]


def ranges_of(
    neuron: type[Neuron], reset: str | None, parameters: Mapping[str, ArrayLike], dt: float, given: np.ndarray
) -> dict[str, tuple[float, float]]:
    """Ranges of a neuron's states on that input; of a parameter that differs between neurons its least and greatest are tried."""
    found: dict[str, tuple[float, float]] = {}
    for pick in (np.min, np.max):
        one = {name: float(pick(value)) for name, value in parameters.items()}
        for state, (low, high) in observed_ranges(neuron, reset, one, dt, given).items():
            known = found.get(state, (low, high))
            found[state] = (min(low, known[0]), max(high, known[1]))
        if not any(np.ndim(value) for value in parameters.values()):
            break
    return found
