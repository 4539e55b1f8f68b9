"""SANA-FE, the simulator of neuromorphic chips (Boyle et al., IEEE TCAD 44(8), 2025): a wiring in, energy and time out."""

import importlib
import importlib.metadata
import io
from contextlib import redirect_stdout
from typing import Any

from costmodel.graphs.errors import InputError
from costmodel.graphs.installing import install
from costmodel.validation.scoreboard.wiring import RESOLUTION, STEPS, Wiring

THRESHOLD = 64.0
"""Of every neuron. Its potential is kept in steps of 1/64."""


def version() -> str:
    """Of the installed package.

    Raises:
        InputError: there is none.
    """
    try:
        return importlib.metadata.version("sanafe")
    except importlib.metadata.PackageNotFoundError:
        raise InputError("SANA-FE is not installed", mend=install("peers")) from None


def simulate(wiring: Wiring, steps: int = STEPS) -> dict[str, float]:
    """Runs a network on SANA-FE's own Loihi, with its detailed timing.

    A neuron is forced to its rate: it has no leak, weights are 0, its bias is rate · threshold, and a spike takes the threshold
    off. Every neuron is updated at every step. An input follows its spike train.

    Returns:
        Per step: energy (J), latency (s), and spikes, messages, hops and synapses (counts).

    Raises:
        InputError: SANA-FE is not installed.
    """
    version()
    sanafe: Any = importlib.import_module("sanafe")
    chip_of = sanafe.load_loihi()
    network, cores = sanafe.Network(), chip_of.cores()
    synapse = f"loihi_{wiring.kind}_synapse"
    units = {"soma_hw_name": "loihi_lif", "default_synapse_hw_name": synapse, "default_dendrite_hw_name": "loihi_dendrites"}
    group = network.create_neuron_group("all", len(wiring.core), **units)
    lif = {"threshold": THRESHOLD, "leak_decay": 1.0, "reset_mode": "soft", "force_update": True}
    trains, held = iter(wiring.trains.tolist()), {}
    for i, neuron in enumerate(group.neurons):
        core = int(wiring.core[i])
        if wiring.updated[i]:
            bias = round(wiring.rate[i] * RESOLUTION) * THRESHOLD / RESOLUTION
            start = {"bias": bias, "potential": float(wiring.phase[i] * THRESHOLD)}
            neuron.set_attributes(model_attributes=lif | start)
        else:  # each input of a core is a unit of its own
            held[core] = held.get(core, -1) + 1
            neuron.set_attributes(soma_hw_name=f"loihi_inputs[{held[core]}]", model_attributes={"spikes": next(trains)})
        neuron.map_to_core(cores[core])
    neurons = list(group.neurons)
    for before, after in zip(wiring.before.tolist(), wiring.after.tolist(), strict=True):
        neurons[before].connect_to_neuron(neurons[after], {"weight": 0.0})
    chip = sanafe.SpikingChip(chip_of)
    chip.load(network)
    with redirect_stdout(io.StringIO()):  # it counts its steps there
        done = chip.sim(steps, timing_model="detailed", perf_trace=True)
    counts = {"spikes": done["neurons_fired"], "messages": done["packets_sent"], "synapses": done["spikes"]}
    counts["hops"] = sum(done["perf_trace"]["hops"])
    found = {"energy": done["energy"]["total"], "latency": done["sim_time"], **counts}
    return {name: value / steps for name, value in found.items()}
