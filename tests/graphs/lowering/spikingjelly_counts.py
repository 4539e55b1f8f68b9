"""Synaptic operations of a convolutional network as SpikingJelly runs it and its own counter counts them.

``python -m tests.graphs.lowering.spikingjelly_counts`` prints what lies in spikingjelly_counts.json. SpikingJelly 2.0.0 and loguru
are enough (``pip install --no-deps``): with all that it asks for it is no light peer, so that its counts are kept.
"""

import json
from pathlib import Path

import numpy as np

STEPS, SAMPLES, SHAPE = 8, 3, (1, 12, 12)
LAYERS = {
    "c1": {"features": 4, "kernel": 3, "padding": 1},
    "c2": {"features": 6, "kernel": 3, "stride": 2, "padding": [2, 0], "groups": 2},
    "fc": {"features": 10},
}
SIZES = {"c1": (4, 1, 3, 3), "c2": (6, 2, 3, 3), "fc": (10, 6 * 7 * 5)}
KEPT = Path(__file__).with_suffix(".json")


def drawn(count: int) -> np.ndarray:
    """Numbers between 0 and 1 that look drawn, the same everywhere (Knuth's multiplicative hash)."""
    return np.arange(1, count + 1) * 2654435761 % 2**32 / 2**32


def weights() -> dict[str, np.ndarray]:
    """None of them zero."""
    return {name: (drawn(np.prod(size)).reshape(size) - 0.3) * 6 / np.prod(size[1:]) for name, size in SIZES.items()}


def spikes() -> np.ndarray:
    """(T, batch, 1, 12, 12): the more, the nearer to the middle of the right border."""
    rows, columns = np.sin(np.linspace(0.2, np.pi - 0.2, 12)), np.linspace(0.05, 0.9, 12)
    return drawn(STEPS * SAMPLES * 144).reshape(STEPS, SAMPLES, *SHAPE) < np.outer(rows, columns)


def main() -> None:
    """Counts, layer by layer."""
    import spikingjelly
    import torch
    from spikingjelly.activation_based import neuron
    from spikingjelly.activation_based.op_counter import DispatchCounterMode, SynOpCounter
    from torch import nn

    layers = {
        "c1": nn.Conv2d(1, 4, 3, padding=1, bias=False),
        "c2": nn.Conv2d(4, 6, 3, stride=2, padding=(2, 0), groups=2, bias=False),
        "fc": nn.Linear(SIZES["fc"][1], 10, bias=False),
    }
    populations = {name: neuron.IFNode(v_threshold=1.0, v_reset=None) for name in layers}
    for name, array in weights().items():
        layers[name].weight.data = torch.as_tensor(array, dtype=torch.float32)
    found = dict.fromkeys(layers, 0)
    with torch.no_grad():
        for step in torch.as_tensor(spikes()).float():
            sent = step
            for name, layer in layers.items():
                counter = SynOpCounter()
                with DispatchCounterMode([counter]):
                    received = layer(sent.flatten(1) if name == "fc" else sent)
                found[name] += counter.get_total()
                sent = populations[name](received)
    versions = {"spikingjelly": getattr(spikingjelly, "__version__", "2.0.0"), "torch": torch.__version__}
    print(json.dumps({"counter": "spikingjelly.activation_based.op_counter.SynOpCounter", **versions, "synops": found}, indent=1))


if __name__ == "__main__":
    main()
