"""Traces of a network: what RTL and circuits are compared with."""

import io
import math
from pathlib import Path

import numpy as np
import torch

from costmodel.graphs.files import write_bytes
from costmodel.graphs.lowering import measurement
from costmodel.graphs.lowering.activity import Activity, is_spiking
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.population import Population
from costmodel.validation.runner.inputs import read
from costmodel.validation.runner.measuring import elements
from costmodel.validation.runner.model import NetworkModel


def simulate(network: Network, out: Path, given: Path | None = None, dt: float | None = None) -> tuple[dict[str, float], list[str]]:
    """Runs a network and writes ``spikes.NODE`` and ``state.NODE``, (T, batch, neurons), for every population.

    Beside it a file keeps how often each element sent something (`graphs.lowering.measurement`), which `estimate --rates` takes.

    Args:
        network: the network.
        out: the .npz to write.
        given: an .npz with an array (T, batch, *shape) called ``input``, or one for each input node; None: drawn at its rate.
        dt: length of a time step, s; None: the network's.

    Returns:
        Mean events per element and step of every spiking node; and what was assumed, in words.

    Raises:
        InputError: an input that is missing, damaged, or of the wrong shape.
    """
    notes = []
    if given is None:
        inputs = spikes_by_rate(network, network.timesteps, 1)
        notes.append("the input was drawn at its rate; give --input FILE.npz for your own")
    else:
        inputs = read(network, given)
    model = NetworkModel(network, dt)
    if model.drawn:
        notes.append(f"weights of {', '.join(model.drawn)} were drawn at random, for the file holds none")
    sent, states = model.trace(inputs)
    traces = {}
    for name, after in states.items():
        traces[f"spikes.{name}"] = sent[name].flatten(2).numpy()
        traces[f"state.{name}"] = membrane(network, name, after).numpy()
    stream = io.BytesIO()
    np.savez_compressed(stream, **traces)
    write_bytes(out, stream.getvalue())
    measurement.write(measurement.beside(out), elements(network, sent, model.dt))
    spiking = (name for name, node in network.nodes.items() if is_spiking(node))
    rates = {name: float((sent[name] != 0).float().mean()) for name in spiking}
    silent = [name for name, rate in rates.items() if rate == 0 and isinstance(network.nodes[name], Population)]
    if silent:
        notes.append(
            f"{', '.join(silent)} never fired: are weights, thresholds and dt ({model.dt * 1e3:g} ms) those of its writer?"
        )
    return rates, notes


def spikes_by_rate(network: Network, steps: int, batch: int, seed: int = 0) -> dict[str, torch.Tensor]:
    """Inputs where nobody gives any: ones at the rate of each input node, or values below 1 where it sends values."""
    activity, dice = Activity(network), torch.Generator().manual_seed(seed)
    drawn = {}
    for name in network.inputs:
        shape = (steps, batch, *network.shapes[name][1])
        signal = activity.sent[name]
        active = (torch.rand(shape, generator=dice) < float(signal.rate)).to(torch.get_default_dtype())
        drawn[name] = active if signal.binary else active * torch.rand(shape, generator=dice, dtype=active.dtype)
    return drawn


def membrane(network: Network, name: str, states: torch.Tensor) -> torch.Tensor:
    """The membrane of a population, (T, batch, neurons): its state ``v``, or its first where none is called so."""
    node = network.nodes[name]
    names = list(node.neuron.states) if isinstance(node, Population) else []
    if not names:
        return states.new_zeros((*states.shape[1:3], math.prod(network.shapes[name][1])))
    return states[names.index("v") if "v" in names else 0]
