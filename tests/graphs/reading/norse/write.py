"""Writes what `tests/graphs/reading/test_written.py` reads: Norse's NIR files, and what Norse itself spikes.

``python write.py`` in an environment with norse 1.1.0, nir 1.0.8 and torch 2.13.0, in this folder. Weights and decays are dyadic,
so that no sum is rounded and spikes are equal or not. ``compression=None``, for nir 1.0.8 cannot compress Norse's scalars.
"""

from pathlib import Path

import nir
import norse.torch as norse
import numpy as np
import torch
from norse.torch.functional.iaf import IAFParameters
from norse.torch.functional.lif import LIFParameters
from norse.torch.functional.lif_box import LIFBoxParameters

STEPS, BATCH, INPUTS, HIDDEN, OUTPUTS = 40, 8, 6, 12, 5


def inverse(tau: float) -> torch.Tensor:
    """1/τ."""
    return torch.as_tensor(1 / tau)


NEURONS = {
    "iaf": (lambda: norse.IAFCell(IAFParameters(v_th=torch.as_tensor(1.5))), 1.0),
    "lif-box": (lambda: norse.LIFBoxCell(LIFBoxParameters(tau_mem_inv=inverse(4e-3))), 4.0),
    "lif-box-leak": (
        lambda: norse.LIFBoxCell(LIFBoxParameters(tau_mem_inv=inverse(2e-3), v_leak=torch.as_tensor(0.25))),
        2.0,
    ),
    "lif": (lambda: norse.LIFCell(LIFParameters(tau_mem_inv=inverse(4e-3), tau_syn_inv=inverse(2e-3))), 2.0),
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
        nir.write(Path(f"{name}.nir"), norse.to_nir(norse.SequentialState(*layers), given[0, :1]), compression=None)
        spikes, states = [[], []], [None, None]
        with torch.no_grad():
            for x in given:
                for i in range(2):
                    x, states[i] = layers[2 * i + 1](layers[2 * i](x), states[i])
                    spikes[i].append(x)
        kept[f"{name}.input"] = given.numpy().astype(np.uint8)
        for i, each in enumerate(spikes):
            kept[f"{name}.{i}"] = torch.stack(each).numpy().astype(np.uint8)
        print(name, *(int(kept[f"{name}.{i}"].sum()) for i in range(2)))
    np.savez_compressed("spikes.npz", **kept)


if __name__ == "__main__":
    main()
