#!/bin/sh
# Version: rockpool 3.1.0, nir 1.0.8 (torch 2.13.0)
# Behaviour: to_nir writes the shape of the example that it was given, batch and time included, as that of the graph's Input and Output;
#   the nodes between have the shape of a sample.
# A guess: the Input has the shape of one sample, as NIR says, so that it is that of the node behind it.
# Seen: Input (1, 1, 3) before an Affine of 3 inputs; Output (1, 1, 4) behind a CubaLIF of 4.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 rockpool==3.1.0 nir==1.0.8 nirtorch==2.6
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import torch
from rockpool.nn.combinators import Sequential
from rockpool.nn.modules import LIFTorch, LinearTorch
from rockpool.nn.modules.torch.nir import to_nir

net = Sequential(LinearTorch((3, 4), has_bias=True), LIFTorch(4, tau_mem=0.02, tau_syn=0.01, dt=1e-3))
graph = to_nir(net, torch.zeros(1, 1, 3))
shapes = {}
for name, node in graph.nodes.items():
    ports = node.input_type or node.output_type
    shapes[type(node).__name__] = tuple(int(size) for size in next(iter(ports.values())))
print(shapes)
assert shapes["Input"] == (1, 1, 3)
assert shapes["Affine"] == (3,)
assert shapes["CubaLIF"] == (4,)
assert shapes["Output"] == (1, 1, 4)
PYTHON
