#!/bin/sh
# Version: sinabs 3.1.3, nir 1.0.4, nirtorch 2.0.2 (torch 2.13.0)
# Behaviour: to_nir writes one and the same NIR LIF for norm_input=True, which scales an input by 1 − exp(−1/τ), and for
#   norm_input=False; from_nir makes norm_input=False of it.
# A guess: r says how an input is scaled.
# Seen: r = 1 for both, and both come back with norm_input=False.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 sinabs==3.1.3 nir==1.0.4 nirtorch==2.0.2
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import sinabs.layers as sl
import sinabs.nir
import torch

written = []
for norm_input in (True, False):
    neurons = sl.LIFSqueeze(tau_mem=torch.full((4,), 20.0), spike_threshold=torch.ones(4), batch_size=1, norm_input=norm_input)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), neurons)
    graph = sinabs.nir.to_nir(net, torch.zeros(1, 3))
    (node,) = [node for node in graph.nodes.values() if type(node).__name__ == "LIF"]
    written.append({name: node.__dict__[name].tolist() for name in ("tau", "r", "v_leak", "v_threshold")})
    (again,) = [module for module in sinabs.nir.from_nir(graph, batch_size=1).modules() if isinstance(module, sl.LIFSqueeze)]
    print(norm_input, written[-1], "back:", again.norm_input)
    assert again.norm_input is False
assert written[0] == written[1]
PYTHON
