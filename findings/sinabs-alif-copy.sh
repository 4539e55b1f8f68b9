#!/bin/sh
# Version: sinabs 3.1.3 (torch 2.13.0)
# Behaviour: copy.deepcopy of an ALIF layer forgets norm_input=False: the copy scales its input by 1 - alpha, as by default.
# A guess: a deep copy of a layer computes what the layer computes; so does sinabs' LIF.
# Seen: three inputs of 0.1 leave 0.2724 on the membrane of the layer and 0.0259 on that of its copy.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 sinabs==3.1.3 nir==1.0.4 nirtorch==2.0.2
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import copy

import sinabs.layers as sl
import torch


def membrane(layer):
    layer.reset_states()
    with torch.no_grad():
        layer(torch.full((1, 3, 1), 0.1))
    return round(float(layer.v_mem), 4)


alif = sl.ALIF(tau_mem=10.0, tau_adapt=10.0, norm_input=False)
lif = sl.LIF(tau_mem=10.0, norm_input=False)
print("ALIF:", membrane(alif), "its copy:", membrane(copy.deepcopy(alif)))
print("LIF:", membrane(lif), "its copy:", membrane(copy.deepcopy(lif)))
assert (membrane(alif), membrane(copy.deepcopy(alif))) == (0.2724, 0.0259)
assert membrane(lif) == membrane(copy.deepcopy(lif))
PYTHON
