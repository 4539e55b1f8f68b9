#!/bin/sh
# Version: rockpool 3.1.0, nir 1.0.8, nirtorch 2.6 (torch 2.13.0)
# Behaviour: to_nir writes v_leak = 0 whatever a LIFTorch's bias, and drops its recurrent weights, both without a word.
# A guess: a bias is written, or the export is refused; a recurrent layer has a loop, or is refused.
# Seen: one and the same CubaLIF for a layer with a bias of 0.3, without one, and with recurrent weights; no loop among the edges.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 rockpool==3.1.0 nir==1.0.8 nirtorch==2.6
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import torch
from rockpool.nn.combinators import Sequential
from rockpool.nn.modules import LIFTorch, LinearTorch
from rockpool.nn.modules.torch.nir import to_nir

written = []
for options in ({"bias": torch.full((4,), 0.3)}, {}, {"has_rec": True}):
    graph = to_nir(Sequential(LinearTorch((3, 4)), LIFTorch(4, **options)), torch.zeros(1, 1, 3))
    (node,) = [node for node in graph.nodes.values() if type(node).__name__ == "CubaLIF"]
    written.append([np.asarray(getattr(node, name)) for name in ("tau_syn", "tau_mem", "r", "v_leak", "v_threshold")])
    print(options.keys(), "v_leak", node.v_leak, "edges", sorted(graph.edges))
    assert len(graph.edges) == 3
assert all(np.array_equal(a, b) for other in written[1:] for a, b in zip(written[0], other))
assert not written[0][3].any()
PYTHON
