"""Loihi: energy and time of a step, held against SANA-FE (Boyle et al., IEEE TCAD 44(8), 2025) with SANA-FE's own constants.

Rates are forced and so known before anything is simulated. A prediction is made from the mapping and each neuron's rate; and
for networks of layers a second one from the mean rate of each layer alone, by the product's own placement.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from costmodel.devices.classes.loihi import Loihi
from costmodel.devices.part import Part, part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.validation.scoreboard.family import Bound, Case, Family, Predicted, Prediction
from costmodel.validation.scoreboard.layered import Layers
from costmodel.validation.scoreboard.sana_fe import simulate, version
from costmodel.validation.scoreboard.wiring import Graph, Kind, Wiring

PART = Path(__file__).parents[1] / "parts" / "loihi-sanafe.toml"

SYNAPSES: dict[Kind, dict[str, float]] = {
    "dense": {"t_synop": 3.8e-9, "e_synop": 35.5e-12},
    "sparse": {"t_synop": 4.7e-9, "e_synop": 33.6e-12},
    "conv": {"t_synop": 3.1e-9, "e_synop": 24.0e-12},
}
"""latency_process_spike and energy_process_spike of SANA-FE's three synapse units."""

BARRIER = {1: 0.6e-6, 2: 1.0e-6, 4: 1.4e-6, 29: 1.8e-6}
"""latency_sync of SANA-FE's Loihi, from as many tiles on."""

SPREAD = {"energy": 0.004, "latency": 0.07, "energy_from_layer_rates": 0.08, "latency_from_layer_rates": 0.12}
"""Half a 90 % interval, as a share: the 90th percentile of the errors on other random networks of the same make, which are not
among the cases (`validation.scoreboard.loihi_spread`)."""

GRAPHS = (
    Graph(1, 64, 1, 16, 0.1),
    Graph(1, 512, 1, 4, 0.02, "sparse"),
    Graph(2, 128, 2, 16, 0.05),
    Graph(4, 16, 2, 8, 0.3, scattered=True),
    Graph(4, 256, 4, 4, 0.01, "sparse"),
    Graph(4, 128, 2, 32, 0.1),
    Graph(8, 64, 8, 32, 0.02),
    Graph(8, 64, 4, 8, 0.3, "sparse", scattered=True),
    Graph(8, 256, 2, 2, 0.1, "sparse"),
    Graph(16, 32, 8, 16, 0.05, scattered=True),
    Graph(16, 128, 1, 32, 0.2),
    Graph(32, 32, 4, 4, 0.2, "sparse", scattered=True),
    Graph(32, 64, 2, 16, 0.03),
    Graph(64, 32, 1, 32, 0.1, scattered=True),
    Graph(64, 16, 8, 8, 0.05, "sparse"),
    Graph(120, 16, 2, 4, 0.1, "sparse"),
)

LAYERED = (
    Layers((64,), (128, 10), 0.1, 1024),
    Layers((256,), (128, 128, 10), 0.05, 64),
    Layers((784,), (128, 10), 0.1, 128),
    Layers((784,), (128, 10), 0.02, 32),
    Layers((128,), (512, 64), 0.2, 128),
    Layers((100,), (300, 200, 100), 0.03, 50),
    Layers((32,), (32, 32, 32, 32), 0.3, 16),
    Layers((512,), (256, 20), 0.01, 256),
    Layers((256,), (512, 256), 0.1, 64, "sparse", 0.1),
    Layers((512,), (512, 512), 0.05, 128, "sparse", 0.05),
    Layers((1000,), (500, 100), 0.02, 100, "sparse", 0.3),
    Layers((128,), (1024, 128), 0.2, 256, "sparse", 0.02),
    Layers((64,), (64, 64, 64), 0.1, 32, "sparse", 0.5),
    Layers((512,), (512,), 0.1, 64, "sparse", 0.01),
    Layers((2, 16, 16), (8, 8), 0.1, 256, "conv"),
    Layers((1, 28, 28), (4, 8), 0.05, 512, "conv"),
    Layers((2, 12, 12), (16, 16), 0.2, 128, "conv"),
    Layers((3, 20, 20), (8,), 0.02, 1024, "conv"),
    Layers((4, 10, 10), (32,), 0.1, 64, "conv"),
    Layers((2, 16, 16), (8, 16, 8), 0.03, 512, "conv"),
    Layers((1, 34, 34), (8,), 0.01, 512, "conv"),
    Layers((8, 8, 8), (16, 8), 0.3, 200, "conv"),
)


SEEN = {"layers 4x10x10-32 conv at 0.1 up to 64 a core"}
"""Cases that the parameter in_flight was fitted with: shown, and not scored."""


@dataclass(frozen=True)
class Placed:
    """A network on chip.

    Attributes:
        wiring: with its mapping.
        on: SANA-FE's Loihi with the constants of the synapses' kind and the barrier of as many tiles.
        layers: what it was made from, where it has layers.
    """

    wiring: Wiring
    on: Part
    layers: Layers | None = None

    def mapped(self) -> dict[str, float]:
        """Energy (J) and latency (s) of a step, from the mapping and each neuron's rate."""
        cost = Loihi(self.on.values).mapped(self.wiring.mapping)
        return {"energy": cost.energy, "latency": cost.time}

    def from_layer_rates(self) -> dict[str, float]:
        """Energy and latency of a step, from mean rates; nothing where there are no layers."""
        if self.layers is None:
            return {}
        found = Estimator(Workload(self.layers.network()), self.on).figures()
        return {
            "energy_from_layer_rates": float(np.ravel(found.dynamic)[0]),
            "latency_from_layer_rates": float(np.ravel(found.period)[0]),
        }


def place(network: Graph | Layers) -> Placed:
    """A graph where it says, layers as the product places them."""
    on = part(str(PART)).override(SYNAPSES[network.kind])
    if isinstance(network, Graph):
        wiring = network.wiring()
        return Placed(wiring, _synchronised(on, wiring))
    on = on.override({"neurons_per_core": network.capacity})
    estimator = Estimator(Workload(network.network()), on)
    layers = Loihi(on.values).cores_of(estimator.facts)
    inputs = -(-len(network.rates[0]) // network.capacity)
    wiring = network.wiring([inputs, *(int(cores) for cores in np.ravel(layers))])
    return Placed(wiring, _synchronised(on, wiring), network)


def _synchronised(on: Part, wiring: Wiring) -> Part:
    return on.override({"t_barrier": max(time for tiles, time in BARRIER.items() if tiles <= wiring.tiles)})


class OnLoihi(Family):
    """Random graphs and networks of layers, dense, sparse and convolutional, on one to 120 cores."""

    name = "loihi"
    title = "energy and time of a step on Loihi, against SANA-FE"
    units: ClassVar[dict[str, str]] = {
        "energy": "J", "latency": "s", "energy_from_layer_rates": "J", "latency_from_layer_rates": "s",
    }  # fmt: skip
    bounds: ClassVar[dict[str, Bound]] = {
        "energy": Bound(median=0.02),
        "latency": Bound(median=0.10),
        "energy_from_layer_rates": Bound(median=0.10),
        "latency_from_layer_rates": Bound(median=0.20),
    }

    def prepare(self, kept: dict[str, Any]) -> None:
        """Asks for SANA-FE.

        Raises:
            InputError: it is not installed.
        """
        self.provenance = kept or {"sanafe": version(), "timing": "detailed", "spread": SPREAD}

    def cases(self) -> list[Case]:
        """The graphs, then the networks of layers."""
        source = "SANA-FE, its own Loihi, detailed timing"
        return [Case(name, scored=name not in SEEN, source=source) for name in self._networks]

    @cached_property
    def _networks(self) -> dict[str, Graph | Layers]:
        return {network.name: network for network in (*GRAPHS, *LAYERED)}

    def predict(self, case: Case) -> Prediction:
        """By core and neuron, and by layer."""
        placed = place(self._networks[case.name])
        said = {
            name: Predicted(value, value * (1 - SPREAD[name]), value * (1 + SPREAD[name]))
            for name, value in (placed.mapped() | placed.from_layer_rates()).items()
        }
        rate, cores = placed.wiring.rate.mean(), len(np.unique(placed.wiring.core))
        return Prediction(said, f"{cores} cores, {rate:.3g} spikes a neuron and step, forced")

    def measure(self, case: Case) -> dict[str, float]:
        """Runs SANA-FE."""
        placed = place(self._networks[case.name])
        found = simulate(placed.wiring)
        measured = {name: found[name] for name in ("energy", "latency")}
        if placed.layers is not None:
            measured |= {f"{name}_from_layer_rates": found[name] for name in ("energy", "latency")}
        return measured


FAMILY = OnLoihi
