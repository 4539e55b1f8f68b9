"""Layered networks that are both a network file, for the cost model, and a wiring, for SANA-FE."""

import zlib
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from costmodel.graphs.network import Network
from costmodel.validation.scoreboard.wiring import STEPS, Kind, Wiring, forced


@dataclass(frozen=True)
class Layers:
    """Layers of leaky integrate-and-fire neurons, each wired to the one before, behind an input of random spikes.

    Attributes:
        shape: of the input: (features,) or (channels, height, width).
        features: of each layer; channels where the network is convolutional.
        rate: mean spikes of an input or neuron per step.
        capacity: most neurons of a core.
        kind: "dense", "sparse" or "conv" (kernel 3, no padding).
        density: share of the connections that a sparse network has.
    """

    shape: tuple[int, ...]
    features: tuple[int, ...]
    rate: float
    capacity: int
    kind: Kind = "dense"
    density: float = 1.0

    @property
    def name(self) -> str:
        """All of it."""
        sizes = "-".join(("x".join(map(str, self.shape)), *map(str, self.features)))
        share = f" {self.density:g}" if self.kind == "sparse" else ""
        return f"layers {sizes} {self.kind}{share} at {self.rate:g} up to {self.capacity} a core"

    @cached_property
    def shapes(self) -> list[tuple[int, ...]]:
        """Of the input and of each layer."""
        shapes = [self.shape]
        for features in self.features:
            shapes.append((features, *(side - 2 for side in shapes[-1][1:])))
        return shapes

    @cached_property
    def rates(self) -> list[np.ndarray]:
        """Of every input and neuron, layer by layer; those of inputs are what their spike trains turn out to have."""
        dice = self._dice("rates")
        drawn = [forced(self.rate * dice.lognormal(-0.125, 0.5, int(np.prod(shape)))) for shape in self.shapes[1:]]
        return [self.trains.mean(axis=1), *drawn]

    @cached_property
    def trains(self) -> np.ndarray:
        """Spikes of the inputs, (inputs, steps): at every step each one by chance."""
        return self._dice("trains").random((int(np.prod(self.shape)), STEPS)) < self.rate

    def network(self) -> Network:
        """As a network file would have it, with the mean rate of each layer and nothing more."""
        rates = [float(rate.mean()) for rate in self.rates]
        nodes: list[dict[str, Any]] = [{"id": "in", "type": "input", "shape": list(self.shape), "rate": rates[0]}]
        for i, features in enumerate(self.features, 1):
            joined: dict[Kind, dict[str, Any]] = {
                "dense": {"type": "linear", "bias": False},
                "sparse": {"type": "sparse", "connections": len(self.connections[i - 1][0])},
                "conv": {"type": "conv2d", "kernel": 3, "bias": False},
            }
            nodes += [{"id": f"w{i}", "features": features, **joined[self.kind]}]
            nodes += [{"id": f"lif{i}", "type": "lif", "tau": "10 ms", "rate": rates[i]}]
        return Network.from_document({"name": "layers", "timesteps": 1, "nodes": nodes})

    @cached_property
    def connections(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """(before, after) of each layer, numbers within the two."""
        if self.kind == "conv":
            return [_conv(before, after) for before, after in pairwise(self.shapes)]
        dice, found = self._dice("connections"), []
        for (before,), (after,) in pairwise(self.shapes):
            there = dice.random((before, after)) < self.density
            found.append((np.nonzero(there)[0], np.nonzero(there)[1]))
        return found

    def wiring(self, cores: list[int]) -> Wiring:
        """The network on chip.

        Args:
            cores: how many the input and each layer take; each is spread evenly over its own, in order.
        """
        sizes = [len(rate) for rate in self.rates]
        starts, first = np.cumsum([0, *sizes]), np.cumsum([0, *cores])
        core = [first[i] + np.arange(size) * cores[i] // size for i, size in enumerate(sizes)]
        updated = np.arange(starts[-1]) >= sizes[0]
        before = np.concatenate([starts[i] + pair[0] for i, pair in enumerate(self.connections)])
        after = np.concatenate([starts[i + 1] + pair[1] for i, pair in enumerate(self.connections)])
        rate, phase = np.concatenate(self.rates), self._dice("phase").random(starts[-1])
        return Wiring(np.concatenate(core), rate, updated.astype(float), before, after, self.kind, phase, self.trains)

    def _dice(self, what: str) -> np.random.Generator:
        return np.random.default_rng(zlib.crc32(f"{self.name} {what}".encode()))


def _conv(before: tuple[int, ...], after: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Connections of a convolution of kernel 3 without padding, (channels, height, width) to the like."""
    f, y, x, c, dy, dx = (axis.reshape(-1) for axis in np.indices((*after, before[0], 3, 3)))
    inside = np.ravel_multi_index((c, y + dy, x + dx), before)
    return np.asarray(inside), np.asarray(np.ravel_multi_index((f, y, x), after))
