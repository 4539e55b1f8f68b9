"""Writes what `tests/graphs/reading/test_dialects.py` reads: SpikingJelly's NIR files, and what SpikingJelly itself spikes.

``python write.py`` in an environment with spikingjelly 2.0.0, nir 1.0.8 and torch 2.13.0, in this folder. Weights and decays are
dyadic, so that no sum is rounded and spikes are equal or not.
"""

import math
from pathlib import Path

import nir
import numpy as np
import torch
from spikingjelly.activation_based import functional, neuron
from spikingjelly.activation_based.nir_exchange import export_to_nir

STEPS, BATCH, INPUTS, HIDDEN, OUTPUTS = 40, 8, 6, 12, 5


def plif() -> neuron.ParametricLIFNode:
    """Its τ is 1 / sigmoid(w): 4 at w = −ln 3."""
    found = neuron.ParametricLIFNode(init_tau=4.0, decay_input=False)
    found.w.data.fill_(-math.log(3.0))
    return found


NEURONS = {
    "if": lambda: neuron.IFNode(v_reset=0.0),
    "lif": lambda: neuron.LIFNode(tau=2.0, v_reset=0.0),
    "lif-at-rest": lambda: neuron.LIFNode(tau=4.0, v_reset=-0.25, v_threshold=0.75),
    "lif-whole-input": lambda: neuron.LIFNode(tau=2.0, decay_input=False, v_reset=0.0),
    "plif": plif,
    "cubalif": lambda: neuron.CUBALIFNode(c_decay=0.5, v_decay=0.75),
}


def drawn(inputs: int, outputs: int, dice: torch.Generator, largest: float) -> torch.nn.Linear:
    """Weights on sixteen dyadic levels, more above 0 than below."""
    layer = torch.nn.Linear(inputs, outputs, bias=False)
    layer.weight.data = torch.randint(-6, 13, layer.weight.shape, generator=dice) / 16 * largest
    return layer


def main() -> None:
    """One file a neuron, and all spikes in spikes.npz: ``NEURON.input`` and ``NEURON.0``, ``NEURON.1`` of its two layers."""
    dice, kept = torch.Generator().manual_seed(20), {}
    for name, make in NEURONS.items():
        largest = 4.0 if name in ("lif", "lif-at-rest") else 1.0  # where the leak divides the input
        layers = [drawn(INPUTS, HIDDEN, dice, largest), make(), drawn(HIDDEN, OUTPUTS, dice, largest), make()]
        given = (torch.rand((STEPS, BATCH, INPUTS), generator=dice) < 0.4).float()
        net = torch.nn.Sequential(*layers)
        nir.write(Path(f"{name}.nir"), export_to_nir(net, given[0, :1], dt=1e-4))
        functional.reset_net(net)
        spikes = [[], []]
        with torch.no_grad():
            for x in given:
                hidden = layers[1](layers[0](x))
                spikes[0].append(hidden)
                spikes[1].append(layers[3](layers[2](hidden)))
        kept[f"{name}.input"] = given.numpy().astype(np.uint8)
        for i, each in enumerate(spikes):
            kept[f"{name}.{i}"] = torch.stack(each).numpy().astype(np.uint8)
        print(name, *(int(kept[f"{name}.{i}"].sum()) for i in range(2)))
    np.savez_compressed("spikes.npz", **kept)


if __name__ == "__main__":
    main()
