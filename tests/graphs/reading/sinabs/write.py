"""Writes what `tests/graphs/reading/test_written.py` reads: Sinabs' NIR files, and what Sinabs itself spikes.

``python write.py`` in an environment with sinabs 3.1.3, nir 1.0.4 (which it pins) and torch 2.13.0, in this folder. Weights are
dyadic; a decay is the float32 that Sinabs computes. SingleSpike, for its file does not say that a neuron may spike more than once.
"""

from pathlib import Path

import nir
import numpy as np
import sinabs.layers as sl
import sinabs.nir
import torch
from sinabs.activation import MembraneReset, SingleSpike

STEPS, BATCH, INPUTS, HIDDEN, OUTPUTS = 40, 8, 6, 12, 5


def squeezed(kind: type, **fields) -> torch.nn.Module:
    """A layer that takes batch and time in one axis."""
    return kind(batch_size=BATCH, spike_fn=SingleSpike, **fields)


NEURONS = {
    "iaf": (lambda: squeezed(sl.IAFSqueeze), 1.0),
    "iaf-reset": (lambda: squeezed(sl.IAFSqueeze, reset_fn=MembraneReset()), 1.0),
    "lif": (lambda: squeezed(sl.LIFSqueeze, tau_mem=4.0), 4.0),
    "lif-many": (lambda: squeezed(sl.LIFSqueeze, tau_mem=torch.tensor(20.0), spike_threshold=torch.tensor(0.25)), 4.0),
}


def drawn(inputs: int, outputs: int, dice: torch.Generator, largest: float) -> torch.nn.Linear:
    """Weights on sixteen dyadic levels, more above 0 than below."""
    layer = torch.nn.Linear(inputs, outputs, bias=False)
    layer.weight.data = torch.randint(-6, 13, layer.weight.shape, generator=dice) / 16 * largest
    return layer


def main() -> None:
    """One file a neuron, and all spikes in spikes.npz: ``NEURON.input`` and ``NEURON.0``, ``NEURON.1`` of its two layers."""
    dice, kept = torch.Generator().manual_seed(20), {}
    for name, (make, largest) in NEURONS.items():
        layers = [drawn(INPUTS, HIDDEN, dice, largest), make(), drawn(HIDDEN, OUTPUTS, dice, largest), make()]
        given = (torch.rand((STEPS, BATCH, INPUTS), generator=dice) < 0.4).float()
        graph = sinabs.nir.to_nir(torch.nn.Sequential(*layers), torch.zeros(BATCH, INPUTS))
        nir.write(Path(f"{name}.nir"), graph)
        for layer in (layers[1], layers[3]):
            layer.reset_states()
        x, spikes = given.transpose(0, 1).flatten(0, 1), []
        with torch.no_grad():
            for i in range(2):
                x = layers[2 * i + 1](layers[2 * i](x))
                spikes.append(x.unflatten(0, (BATCH, STEPS)).transpose(0, 1))
        kept[f"{name}.input"] = given.numpy().astype(np.uint8)
        for i, each in enumerate(spikes):
            kept[f"{name}.{i}"] = each.numpy().astype(np.uint8)
        print(name, *(int(kept[f"{name}.{i}"].sum()) for i in range(2)))
    np.savez_compressed("spikes.npz", **kept)


if __name__ == "__main__":
    main()
