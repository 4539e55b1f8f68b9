#!/bin/sh
# Version: snntorch 1.0.0, nir 1.0.8, nirtorch 2.6 (torch 2.13.0)
# Behaviour: export_to_nir writes one and the same NIR LIF for a Leaky that subtracts its threshold, one that resets to zero, and one that
#   does not reset at all: v_reset = 0, which in NIR means that a spike sets the membrane to 0.
# A guess: the default (subtract) is written as NIR files without v_reset are read, or refused.
# Seen: three equal nodes; on the same input the three neurons send 3, 4 and 8 spikes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 snntorch==1.0.0 nir==1.0.8 nirtorch==2.6
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import torch
from snntorch import Leaky
from snntorch.export_nir import export_to_nir

nodes, counts = [], []
for reset in ("subtract", "zero", "none"):
    neuron = Leaky(beta=torch.tensor([0.5]), threshold=torch.tensor([1.0]), reset_mechanism=reset, init_hidden=True)
    layers = torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False), neuron)
    layers[0].weight.data.fill_(1.0)
    graph = export_to_nir(layers, torch.zeros(1, 1), ignore_dims=[0])
    (node,) = (node for node in graph.nodes.values() if type(node).__name__ == "LIF")
    nodes.append({name: getattr(node, name).item() for name in ("tau", "r", "v_leak", "v_threshold", "v_reset")})
    neuron.reset_mem()
    counts.append(sum(int(layers(torch.tensor([[0.75]]))) for _ in range(9)))
    print(reset, nodes[-1], f"{counts[-1]} spikes")
assert nodes[0] == nodes[1] == nodes[2]
assert nodes[0]["v_reset"] == 0.0
assert counts == [3, 4, 8]
PYTHON
