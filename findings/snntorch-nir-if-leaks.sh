#!/bin/sh
# Version: snntorch 1.0.0, nir 1.0.8, nirtorch 2.6 (torch 2.13.0)
# Behaviour: import_from_nir turns a NIR IF, which integrates without a leak, into a Leaky with beta = 0.9; for r = 1 only, whatever the step.
# A guess: beta = 1, and an input that a step of dt seconds scales by r dt.
# Seen: beta 0.9; an input of 0.05 a step, which 20 steps sum to the threshold of 1, has it at 0.5 after 100 steps, without a spike.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 snntorch==1.0.0 nir==1.0.8 nirtorch==2.6
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import nir
import numpy as np
import torch
from snntorch.import_nir import import_from_nir

nodes = {
    "input": nir.Input(np.array([1])),
    "if": nir.IF(r=np.ones(1), v_threshold=np.ones(1), v_reset=np.zeros(1)),
    "output": nir.Output(np.array([1])),
}
net = import_from_nir(nir.NIRGraph(nodes, [("input", "if"), ("if", "output")]))
(neuron,) = (part for part in net.modules() if type(part).__name__ == "Leaky")
membrane, spikes = neuron.init_leaky(), 0
with torch.no_grad():
    for _ in range(100):
        spike, membrane = neuron(torch.full((1, 1), 0.05), membrane)
        spikes += int(spike)
print(f"beta {float(neuron.beta):.3f}; {spikes} spikes in 100 steps; the membrane ends at {float(membrane):.2f}")
assert abs(float(neuron.beta) - 0.9) < 1e-6
assert spikes == 0
assert abs(float(membrane) - 0.5) < 1e-3
PYTHON
