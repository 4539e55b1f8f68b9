#!/bin/sh
# Version: spikingjelly 2.0.0 (torch 2.13.0)
# Behaviour: LIAFNode in multi-step mode sends spikes, 0 or 1; in single-step mode it sends the activation of its membrane.
# A guess: a node's multi-step mode is its single-step mode over all steps, and a LIAFNode sends analog values in both.
# Seen: inputs 0, 0.75, 0, 3: single steps give 0, 0.375, 0.1875, 1.594; one multi-step call gives 0, 0, 0, 1.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 numpy loguru==0.7.3 tqdm scipy
"$folder/env/bin/pip" install --quiet --no-deps spikingjelly==2.0.0
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import torch
from spikingjelly.activation_based import neuron

inputs = torch.tensor([0.0, 0.75, 0.0, 3.0])[:, None]


def sent(mode):
    node = neuron.LIAFNode(act=torch.relu, threshold_related=False, tau=2.0, step_mode=mode)
    with torch.no_grad():
        out = node(inputs) if mode == "m" else torch.stack([node(now) for now in inputs])
    return [round(value, 3) for value in out.flatten().tolist()]


print("single steps:", sent("s"), "multi-step:", sent("m"))
assert sent("s") == [0.0, 0.375, 0.188, 1.594]
assert sent("m") == [0.0, 0.0, 0.0, 1.0]
PYTHON
