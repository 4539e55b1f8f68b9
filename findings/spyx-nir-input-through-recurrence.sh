#!/bin/sh
# Version: spyx 1.0.0, nir 1.0.8 (jax 0.10.2)
# Behaviour: to_nir lets the input of a recurrent layer enter its recurrent weights; in the layer itself it enters the neurons. It writes
#   r = β, where NIR's equation of v ← β v + x has r = τ/dt.
# A guess: an edge from the subgraph's input to the neurons, and r = 1 / (1 − β).
# Seen: the input's only edge goes to w_rec; r = 0.75 at β = 0.75.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet spyx==1.0.0 jax==0.10.2 nir==1.0.8
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import spyx.nir
from flax import nnx
from spyx import nn

layer = nn.RLIF((4,), beta=0.75, rngs=nnx.Rngs(0))
graph = spyx.nir.to_nir(nn.Sequential(nnx.Linear(3, 4, rngs=nnx.Rngs(1)), layer), {"input": np.array([3])}, {"output": np.array([4])})
inner = graph.nodes["layer_1"]
entering = [edge for edge in inner.edges if edge[0] == "layer_1.input"]
print(entering, "r", inner.nodes["layer_1.lif"].r)
assert entering == [("layer_1.input", "layer_1.w_rec")]
assert np.allclose(inner.nodes["layer_1.lif"].r, 0.75)
PYTHON
