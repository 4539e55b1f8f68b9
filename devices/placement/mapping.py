"""A mapping: on which core each neuron of a network is, how often it spikes, and where its spikes go."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Mapping:
    """A network on the cores of a chip. An axon is the way of one neuron's spikes to one core.

    Attributes:
        core: (neurons,) number of the core that each neuron is on.
        rate: (neurons,) spikes per step, as shares of the steps.
        updated: (neurons,) 1 where the core computes the neuron, 0 where its spikes come from outside.
        source: (axons,) number of the neuron.
        target: (axons,) number of the core.
        synapses: (axons,) how many connections the neuron has on that core.
        hops: (axons,) routers on the way.
    """

    core: np.ndarray
    rate: np.ndarray
    updated: np.ndarray
    source: np.ndarray
    target: np.ndarray
    synapses: np.ndarray
    hops: np.ndarray

    @classmethod
    def of(
        cls, core: np.ndarray, rate: np.ndarray, updated: np.ndarray, before: np.ndarray, after: np.ndarray, places: np.ndarray
    ) -> "Mapping":
        """The mapping of a network of connections.

        Args:
            core, rate, updated: as above.
            before, after: (connections,) numbers of the neurons that each one joins.
            places: (cores, 2) columns and rows of each core's router on the mesh.
        """
        cores = len(places)
        axon, synapses = np.unique(before.astype(np.int64) * cores + core[after], return_counts=True)
        source, target = axon // cores, axon % cores
        hops = np.abs(places[core[source]] - places[target]).sum(axis=1)
        return cls(core, rate, updated.astype(float), source, target, synapses, hops)

    @property
    def axons(self) -> np.ndarray:
        """(neurons,) cores that each neuron's spikes go to."""
        return np.bincount(self.source, minlength=len(self.core))

    @property
    def events(self) -> np.ndarray:
        """(axons,) spikes per step."""
        return self.rate[self.source]

    def per_core(self, of_neurons: np.ndarray) -> np.ndarray:
        """Sums of a value of the neurons over each core, (cores,)."""
        return np.bincount(self.core, of_neurons, self._cores)

    def per_target(self, of_axons: np.ndarray) -> np.ndarray:
        """Sums of a value of the axons over the core where each ends, (cores,)."""
        return np.bincount(self.target, of_axons, self._cores)

    @property
    def _cores(self) -> int:
        return int(self.core.max()) + 1


def expected_maximum(mean: np.ndarray, variance: np.ndarray) -> float:
    """Mean of the largest of independent normal values: ∫ (1 − Π Φ((x − mean) / σ)) dx above where all the product is 0."""
    sigma = np.sqrt(np.maximum(variance, (1e-6 * mean.max()) ** 2))
    start, end = (mean - 6 * sigma).max(), (mean + 6 * sigma).max()
    x = np.linspace(start, end, 513)
    below = np.prod(_normal((x[:, None] - mean) / sigma), axis=1)
    return float(start + np.trapezoid(1 - below, x))


def _normal(x: np.ndarray) -> np.ndarray:
    """The normal distribution Φ."""
    return (1 + _erf(x / math.sqrt(2))) / 2


_erf = np.vectorize(math.erf, otypes=[float])
