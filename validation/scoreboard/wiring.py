"""Networks as SANA-FE takes them: neurons on cores, their forced rates, and every connection; random, or of layers."""

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from costmodel.devices.placement.mapping import Mapping

CORES, CORES_A_TILE, TILE_ROWS = 128, 4, 4
"""Of the simulated Loihi: 32 tiles of four cores, numbered down the columns of a mesh of eight by four."""

STEPS = 100
"""Steps that are simulated; costs are told per step."""

RESOLUTION = 4096
"""A neuron's forced rate is a multiple of 1 / this."""

Kind = Literal["dense", "sparse", "conv"]
"""The synapse unit of a core that connections are kept in."""


@dataclass(frozen=True)
class Wiring:
    """A network on cores.

    Attributes:
        core, rate, updated: (neurons,) as in `Mapping`.
        before, after: (connections,) numbers of the neurons that each one joins.
        kind: of the synapses.
        phase: (neurons,) how far each neuron is from its next spike at the start, 0 to 1.
        trains: (inputs, steps) whether an input spikes, of the neurons that are not updated, in their order.
    """

    core: np.ndarray
    rate: np.ndarray
    updated: np.ndarray
    before: np.ndarray
    after: np.ndarray
    kind: Kind
    phase: np.ndarray
    trains: np.ndarray

    @property
    def tiles(self) -> int:
        """Tiles that hold a neuron."""
        return len(np.unique(self.core // CORES_A_TILE))

    @cached_property
    def mapping(self) -> Mapping:
        """What a prediction is made from."""
        tile = np.arange(CORES) // CORES_A_TILE
        places = np.stack([tile // TILE_ROWS, tile % TILE_ROWS], axis=1)
        return Mapping.of(self.core, self.rate, self.updated, self.before, self.after, places)


@dataclass(frozen=True)
class Graph:
    """A random network without layers: each neuron has ``fan`` connections on each of ``reach`` random cores.

    Attributes:
        cores, neurons: cores, and neurons on each.
        reach, fan: as above.
        rate: median spikes of a neuron per step; neurons differ by a factor of e^0.5 (one standard deviation).
        kind: of the synapses.
        scattered: whether the cores lie anywhere on the chip, or side by side.
    """

    cores: int
    neurons: int
    reach: int
    fan: int
    rate: float
    kind: Kind = "dense"
    scattered: bool = False

    @property
    def name(self) -> str:
        """All of it."""
        where = "scattered" if self.scattered else "together"
        return f"graph {self.cores}x{self.neurons} to {self.reach}x{self.fan} at {self.rate:g} {self.kind} {where}"

    def wiring(self) -> Wiring:
        """The network, the same at every call."""
        dice = np.random.default_rng(zlib.crc32(self.name.encode()))
        used = np.sort(dice.choice(CORES, self.cores, replace=False)) if self.scattered else np.arange(self.cores)
        count = self.cores * self.neurons
        cores = np.argsort(dice.random((count, self.cores)), axis=1)[:, : self.reach]
        places = np.argsort(dice.random((count, self.reach, self.neurons)), axis=2)[:, :, : self.fan]
        after = (cores[:, :, None] * self.neurons + places).reshape(-1)
        rate = forced(self.rate * dice.lognormal(0, 0.5, count))
        before = np.repeat(np.arange(count), self.reach * self.fan)
        core, updated = np.repeat(used, self.neurons), np.ones(count)
        return Wiring(core, rate, updated, before, after, self.kind, dice.random(count), np.zeros((0, STEPS), dtype=bool))


def forced(rates: np.ndarray) -> np.ndarray:
    """Rates that a neuron can be forced to."""
    return np.clip(np.round(rates * RESOLUTION), 0, RESOLUTION // 2) / RESOLUTION
