#!/bin/sh
# Version: snntorch 1.0.0 (torch 2.13.0)
# Behaviour: Leaky with reset_mechanism="subtract" and reset_delay=False falls silent while its membrane is above the threshold. A membrane
#   that is still above the threshold after a spike's reset counts as a reset that is due: the next step takes the threshold off before it
#   asks for a spike, finds none, and then puts the threshold back, as for a reset that had been made twice.
# A guess: a neuron at 1.5 thresholds spikes at the next step, as it does with reset_delay=True.
# Seen: one pulse of 2.5 thresholds, no leak: one spike, then a membrane of 1.5 for ever; with the delay two spikes, and 0.5 is left.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 snntorch==1.0.0
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import torch
from snntorch import Leaky


def run(delay):
    neuron = Leaky(beta=1.0, threshold=1.0, reset_mechanism="subtract", reset_delay=delay, init_hidden=True, output=True)
    sent = [neuron(torch.tensor([[2.5 if step == 0 else 0.0]])) for step in range(8)]
    return [int(spike) for spike, _ in sent], [float(membrane) for _, membrane in sent]


for delay in (False, True):
    spikes, membranes = run(delay)
    print(f"reset_delay={delay}: spikes {spikes}, membrane {membranes}")
assert run(False) == ([1, 0, 0, 0, 0, 0, 0, 0], [1.5] * 8)
assert run(True) == ([1, 1, 0, 0, 0, 0, 0, 0], [2.5, 1.5] + [0.5] * 6)
PYTHON
