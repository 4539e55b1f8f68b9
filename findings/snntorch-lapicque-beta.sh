#!/bin/sh
# Version: snntorch 1.0.0 (torch 2.13.0)
# Behaviour: Lapicque(beta=b) does not leave b of its membrane in a step: it derives R and C from b and steps by 1 - time_step / (R C).
# A guess: beta is the decay rate of the membrane, as in Leaky; a step without input leaves beta of it.
# Seen: with beta 0.9 a step leaves 0.8946, which is 1 + ln 0.9; with beta 0.5 it leaves 0.3069.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 snntorch==1.0.0
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import math

import snntorch
import torch

for beta in (0.9, 0.5):
    neuron = snntorch.Lapicque(beta=beta, threshold=100.0)
    with torch.no_grad():
        _, membrane = neuron(torch.zeros(1, 1), torch.ones(1, 1))
    print(f"beta {beta}: a step leaves {float(membrane):.4f}; 1 + ln beta = {1 + math.log(beta):.4f}")
    assert abs(float(membrane) - (1 + math.log(beta))) < 1e-4
    assert abs(float(membrane) - beta) > 5e-3
PYTHON
