#!/bin/sh
# Version: snntorch 1.0.0, nir 1.0.8, nirtorch 2.6 (torch 2.13.0)
# Behaviour: export_to_nir writes a Conv2d that pads circularly (or by reflection) as one that pads with zeros, without a word. NIR's Conv2d has
#   no padding mode.
# A guess: the layer is refused, or its padding is written as a node of its own.
# Seen: the node of the circular layer equals that of the zero-padded one; their outputs on a corner pixel differ in 5 of 16 positions.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 snntorch==1.0.0 nir==1.0.8 nirtorch==2.6
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import torch
from snntorch.export_nir import export_to_nir

nodes, sent = [], []
pixel = torch.zeros(1, 1, 4, 4)
pixel[0, 0, 0, 0] = 1.0
for mode in ("zeros", "circular"):
    layer = torch.nn.Conv2d(1, 1, 3, padding=1, padding_mode=mode, bias=False)
    layer.weight.data.fill_(1.0)
    graph = export_to_nir(torch.nn.Sequential(layer, torch.nn.Flatten()), pixel, ignore_dims=[0])
    (node,) = (node for node in graph.nodes.values() if type(node).__name__ == "Conv2d")
    nodes.append({name: str(getattr(node, name)) for name in ("weight", "stride", "padding", "dilation", "groups")})
    sent.append(layer(pixel).detach())
differ = int((sent[0] != sent[1]).sum())
print("padding written:", [node["padding"] for node in nodes], "positions that differ:", differ)
assert nodes[0] == nodes[1]
assert differ == 5
PYTHON
