"""Writes what `tests/graphs/reading/test_written.py` reads: Rockpool's NIR files, and what Rockpool itself spikes.

``python write.py`` in an environment with rockpool 3.1.0, nir 1.0.8 and torch 2.13.0, in this folder. Weights are dyadic, and
decays where Rockpool takes them as such. One spike a step, for its file does not say that a neuron may spike more than once.
"""

from pathlib import Path

import nir
import numpy as np
import torch
from rockpool.nn.combinators import Sequential
from rockpool.nn.modules import LIFNeuronTorch, LIFTorch, LinearTorch
from rockpool.nn.modules.torch.nir import to_nir

STEPS, BATCH, INPUTS, HIDDEN, OUTPUTS = 40, 8, 6, 12, 5
ONCE = torch.tensor(1.0)


def decays(size: int) -> torch.nn.Module:
    """α = 1/2, β = 3/4."""
    alpha, beta = torch.full((size,), 0.5), torch.full((size, 1), 0.75)
    return LIFTorch(size, leak_mode="decays", alpha=alpha, beta=beta, max_spikes_per_dt=ONCE)


NEURONS = {
    "lif": (decays, 1.0),
    "lif-taus": (lambda size: LIFTorch(size, tau_mem=0.02, tau_syn=0.01, dt=2e-3, max_spikes_per_dt=ONCE), 1.0),
    "lif-neuron": (
        lambda size: LIFNeuronTorch(size, tau_mem=0.01, threshold=torch.full((size,), 1.25), max_spikes_per_dt=ONCE),
        1.0,
    ),
}


def drawn(inputs: int, outputs: int, dice: torch.Generator, largest: float) -> torch.nn.Module:
    """Weights on sixteen dyadic levels, as many above 0 as below."""
    weight = torch.randint(-9, 10, (inputs, outputs), generator=dice) / 16 * largest
    return LinearTorch((inputs, outputs), weight=weight, has_bias=False)


def main() -> None:
    """One file a neuron, and all spikes in spikes.npz: ``NEURON.input`` and ``NEURON.0``, ``NEURON.1`` of its two layers."""
    dice, kept = torch.Generator().manual_seed(20), {}
    for name, (make, largest) in NEURONS.items():
        layers = [drawn(INPUTS, HIDDEN, dice, largest), make(HIDDEN), drawn(HIDDEN, OUTPUTS, dice, largest), make(OUTPUTS)]
        given = (torch.rand((STEPS, BATCH, INPUTS), generator=dice) < 0.4).float()
        nir.write(Path(f"{name}.nir"), to_nir(Sequential(*layers), torch.zeros(1, 1, INPUTS)))
        for layer in layers:
            layer.reset_state()
        x, spikes = given.transpose(0, 1), []
        with torch.no_grad():
            for i in range(2):
                x = layers[2 * i](x)[0]
                x = layers[2 * i + 1](x)[0]
                spikes.append(x.transpose(0, 1))
        kept[f"{name}.input"] = given.numpy().astype(np.uint8)
        for i, each in enumerate(spikes):
            kept[f"{name}.{i}"] = each.numpy().astype(np.uint8)
        print(name, *(int(kept[f"{name}.{i}"].sum()) for i in range(2)), int(max(each.max() for each in spikes)))
    np.savez_compressed("spikes.npz", **kept)


if __name__ == "__main__":
    main()
