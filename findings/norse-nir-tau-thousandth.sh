#!/bin/sh
# Version: norse 1.1.0, nir 1.0.8, nirtorch 2.6 (torch 2.13.0)
# Behaviour: to_nir writes dt / (1/τ), that is dt · τ, where NIR wants τ: a thousandth at its default dt of 1 ms. from_nir takes what it
#   reads as τ, so that a network which comes back has another leak.
# A guess: τ = 10 ms is written as 0.01 and comes back as 1/τ = 100.
# Seen: 1e-05, and 1/τ = 100000 after coming back, with which the Euler step of 1 ms multiplies the membrane by −99.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 norse==1.1.0 nir==1.0.8 nirtorch==2.6
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import norse.torch as norse
import torch
from norse.torch.functional.lif_box import LIFBoxParameters

tau = 1e-2
neurons = norse.LIFBoxCell(LIFBoxParameters(tau_mem_inv=torch.as_tensor(1 / tau)))
graph = norse.to_nir(norse.SequentialState(torch.nn.Linear(3, 4), neurons), torch.zeros(1, 3))
(written,) = [float(node.tau) for node in graph.nodes.values() if type(node).__name__ == "LIF"]
again = [module for module in norse.from_nir(graph).modules() if type(module).__name__ == "LIFBoxCell"]
inverse = float(again[0].p.tau_mem_inv)
print(f"tau {tau} written as {written:.3g}, back as 1/tau = {inverse:.6g}")
assert abs(written / (1e-3 * tau) - 1) < 1e-4
assert abs(inverse / 1e5 - 1) < 1e-4
PYTHON
