"""Writes what `tests/graphs/reading/test_written.py` reads: Spyx's NIR files, and what Spyx itself spikes.

``python write.py`` in an environment with spyx 1.0.0, jax 0.10.2 and nir 1.0.8, in this folder. Weights and decays are dyadic, so
that no sum is rounded and spikes are equal or not.
"""

from pathlib import Path

import jax.numpy as jnp
import nir
import numpy as np
import spyx.nir
from flax import nnx
from spyx import nn

STEPS, BATCH, INPUTS, HIDDEN, OUTPUTS = 40, 8, 6, 12, 5


def across(layer: nnx.Module, dice: np.random.Generator) -> nnx.Module:
    """A recurrent layer with dyadic weights."""
    layer.recurrent_w[...] = jnp.asarray(dice.integers(-6, 5, layer.recurrent_w.shape) / 16)
    return layer


NEURONS = {
    "if": lambda size, rngs, dice: nn.IF((size,), threshold=1.5),
    "lif": lambda size, rngs, dice: nn.LIF((size,), beta=0.75, rngs=rngs),
    "cubalif": lambda size, rngs, dice: nn.CuBaLIF((size,), alpha=0.5, beta=0.75, threshold=2, rngs=rngs),
    "psu-lif": lambda size, rngs, dice: nn.PSU_LIF((size,), beta=0.5, threshold=1.5, rngs=rngs),
    "rif": lambda size, rngs, dice: across(nn.RIF((size,), threshold=1.5, rngs=rngs), dice),
    "rlif": lambda size, rngs, dice: across(nn.RLIF((size,), beta=0.75, rngs=rngs), dice),
    "rcubalif": lambda size, rngs, dice: across(nn.RCuBaLIF((size,), alpha=0.5, beta=0.75, threshold=2, rngs=rngs), dice),
}


def drawn(inputs: int, outputs: int, rngs: nnx.Rngs, dice: np.random.Generator) -> nnx.Linear:
    """Weights on sixteen dyadic levels, more above 0 than below."""
    layer = nnx.Linear(inputs, outputs, use_bias=False, rngs=rngs)
    layer.kernel[...] = jnp.asarray(dice.integers(-6, 13, (inputs, outputs)) / 16)
    return layer


def main() -> None:
    """One file a neuron, and all spikes in spikes.npz: ``NEURON.input`` and ``NEURON.0``, ``NEURON.1`` of its two layers."""
    dice, rngs, kept = np.random.default_rng(20), nnx.Rngs(0), {}
    for name, make in NEURONS.items():
        layers = [drawn(INPUTS, HIDDEN, rngs, dice), make(HIDDEN, rngs, dice)]
        layers += [drawn(HIDDEN, OUTPUTS, rngs, dice), make(OUTPUTS, rngs, dice)]
        given = (dice.random((STEPS, BATCH, INPUTS)) < 0.4).astype(np.float32)
        shapes = {"input": np.array([INPUTS])}, {"output": np.array([OUTPUTS])}
        nir.write(Path(f"{name}.nir"), spyx.nir.to_nir(nn.Sequential(*layers), *shapes))
        hidden, _ = nn.run(nn.Sequential(*layers[:2]), jnp.asarray(given))
        out, _ = nn.run(nn.Sequential(*layers[2:]), hidden)
        kept[f"{name}.input"] = given.astype(np.uint8)
        for i, each in enumerate((hidden, out)):
            kept[f"{name}.{i}"] = np.asarray(each).astype(np.uint8)
        print(name, *(int(kept[f"{name}.{i}"].sum()) for i in range(2)))
    np.savez_compressed("spikes.npz", **kept)


if __name__ == "__main__":
    main()
