"""How far predictions of Loihi are off on networks drawn at random: the family's intervals come from here.

    python -m costmodel.validation.scoreboard.loihi_spread

None of these networks is a case of the family.
"""

import numpy as np

from costmodel.validation.scoreboard.families.loihi import place
from costmodel.validation.scoreboard.layered import Layers
from costmodel.validation.scoreboard.sana_fe import simulate
from costmodel.validation.scoreboard.wiring import Graph

DRAWN = 30
"""Of graphs, and of networks of layers."""


def draw_graph(dice: np.random.Generator) -> Graph:
    """Up to 64 cores and 2,048 neurons."""
    cores, neurons = int(dice.integers(1, 65)), int(2 ** dice.uniform(3, 8))
    neurons = min(neurons, 2048 // cores)
    reach, fan = int(dice.integers(1, min(cores, 8) + 1)), int(dice.integers(1, min(neurons, 32) + 1))
    kind = "dense" if dice.random() < 0.5 else "sparse"
    return Graph(cores, neurons, reach, fan, float(round(10 ** dice.uniform(-2, -0.5), 3)), kind, bool(dice.random() < 0.5))


def draw_layers(dice: np.random.Generator) -> Layers:
    """One to four layers of up to 512 neurons, on at most about 60 cores."""
    rate, capacity = float(round(10 ** dice.uniform(-2, -0.5), 3)), int(2 ** dice.uniform(5, 10))
    depth = int(dice.integers(1, 4))
    if dice.random() < 0.35:
        side, channels = int(dice.integers(8, 20)), int(dice.integers(1, 5))
        features = tuple(int(dice.integers(4, 13)) for _ in range(min(depth, 2)))
        return Layers((channels, side, side), features, rate, max(capacity, 100), "conv")
    sizes = tuple(int(2 ** dice.uniform(5, 9)) for _ in range(depth + 1))
    if dice.random() < 0.5:
        return Layers(sizes[:1], sizes[1:], rate, capacity)
    return Layers(sizes[:1], sizes[1:], rate, capacity, "sparse", float(round(10 ** dice.uniform(-1.5, -0.3), 3)))


def errors(seed: int = 0, drawn: int = DRAWN) -> dict[str, np.ndarray]:
    """Quantity → absolute relative errors, of as many graphs as networks of layers.

    Raises:
        InputError: SANA-FE is not installed.
    """
    dice, found = np.random.default_rng(seed), {}
    for network in [draw(dice) for _ in range(drawn) for draw in (draw_graph, draw_layers)]:
        placed = place(network)
        measured = simulate(placed.wiring)
        for name, value in (placed.mapped() | placed.from_layer_rates()).items():
            found.setdefault(name, []).append(abs(value / measured[name.removesuffix("_from_layer_rates")] - 1))
    return {name: np.array(values) for name, values in found.items()}


if __name__ == "__main__":
    for name, values in errors().items():
        print(f"{name}: median {np.median(values):.2%}, 90th percentile {np.quantile(values, 0.9):.2%} of {len(values)}")
