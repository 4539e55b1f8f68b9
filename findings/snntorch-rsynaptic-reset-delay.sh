#!/bin/sh
# Version: snntorch 1.0.0 (torch 2.13.0)
# Behaviour: RSynaptic ignores reset_delay=False: what it resets within the step is a local value that it then drops.
# A guess: as in Synaptic, RLeaky and Leaky, the membrane that comes back after a spike has been reset already.
# Seen: one input of 1.5 over a threshold of 1: Synaptic hands back 0.5 with reset_delay=False and 1.5 with True; RSynaptic 1.5 both times.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 snntorch==1.0.0
cd "$folder"
"$folder/env/bin/python" -W ignore - <<'PYTHON'
import snntorch
import torch

zeros = torch.zeros(1, 1)
found = {}
with torch.no_grad():
    for late in (True, False):
        plain = snntorch.Synaptic(alpha=0.5, beta=0.5, reset_delay=late)
        recurrent = snntorch.RSynaptic(alpha=0.5, beta=0.5, all_to_all=False, V=0.0, reset_delay=late)
        found["Synaptic", late] = float(plain(torch.full((1, 1), 1.5), zeros, zeros)[2])
        found["RSynaptic", late] = float(recurrent(torch.full((1, 1), 1.5), zeros, zeros, zeros)[2])
print({f"{kind}, reset_delay={late}": value for (kind, late), value in found.items()})
assert found == {("Synaptic", True): 1.5, ("Synaptic", False): 0.5, ("RSynaptic", True): 1.5, ("RSynaptic", False): 1.5}
PYTHON
