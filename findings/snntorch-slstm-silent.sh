#!/bin/sh
# Version: snntorch 1.0.0 (torch 2.13.0)
# Behaviour: SLSTM with its defaults never spikes: its membrane is the hidden state of an LSTM, which stays between -1 and 1, and its
#   threshold is 1.
# A guess: a spiking layer with default parameters spikes if it is driven hard enough.
# Seen: 200 steps of inputs of standard deviation 100: no spike at the default threshold of 1; thousands at 0.1.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 snntorch==1.0.0
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import snntorch
import torch


def spikes(**words):
    torch.manual_seed(0)
    layer = snntorch.SLSTM(4, 50, **words)
    current, membrane = layer.init_slstm()
    total = 0.0
    with torch.no_grad():
        for _ in range(200):
            sent, current, membrane = layer(100 * torch.randn(32, 4), current, membrane)
            total += float(sent.sum())
    return total


print("threshold 1:", spikes(), "threshold 0.1:", spikes(threshold=0.1))
assert spikes() == 0
assert spikes(threshold=0.1) > 1000
PYTHON
