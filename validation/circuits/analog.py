"""A small network in SPICE, held against the same network in torch: which neurons spike when, and what reading takes."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from costmodel.devices.circuits.firing import comparator_pole
from costmodel.devices.circuits.network import AnalogLayer, Cells, Step, conductances, effective_weights, job
from costmodel.devices.circuits.nodal import Nodal, effective_conductance
from costmodel.devices.circuits.relaxation import relaxation
from costmodel.devices.part import Part
from costmodel.devices.spice import run
from costmodel.devices.spice.job import Job, Waves
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.linear import Linear
from costmodel.graphs.nodes.population import Population
from costmodel.validation.circuits.simulating import Row, Simulated
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.parts import key
from costmodel.validation.runner.simulate import spikes_by_rate

NEURONS = ("lif", "if")
"""Types with a circuit."""


@dataclass(frozen=True)
class Compared:
    """A network in SPICE and in torch.

    Attributes:
        netlist: the deck.
        spikes: neurons → (in SPICE, in torch), each (T, neurons), by time step.
        energy: of the rows' drivers, J: (SPICE, predicted).
        last: time of the last output spike, s: (SPICE, predicted); NaN where the output is silent.
    """

    netlist: str
    spikes: dict[str, tuple[np.ndarray, np.ndarray]]
    energy: tuple[float, float]
    last: tuple[float, float]

    @property
    def rows(self) -> list[Row]:
        """What was predicted, by torch and closed forms, and simulated."""
        counts = [Row(f"spikes of {name}", "1", float(two.sum()), float(one.sum())) for name, (one, two) in self.spikes.items()]
        energy, last = self.energy, self.last
        return [*counts, Row("energy of rows", "J", energy[1], energy[0]), Row("last output spike", "s", last[1], last[0])]

    @property
    def differing(self) -> int:
        """Spikes that only one of them has."""
        return sum(int((one != two).sum()) for one, two in self.spikes.values())


def simulated(network: Network, on: Part, seed: int, out: Path) -> Simulated:
    """A network under random spikes at its input's rate, as ``costmodel spice`` prints it.

    Raises:
        InputError: see `compare`.
    """
    given = spikes_by_rate(network, network.timesteps, 1, seed)[network.inputs[0]]
    found = compare(network, on, given[:, 0].flatten(1).numpy(), out)
    told = f"{found.differing} spikes differ between SPICE and torch; the input was drawn at its rate"
    return Simulated(network.name, found.netlist, tuple(found.rows), (told,))


def compare(network: Network, on: Part, spikes: np.ndarray, failed: Path = Path("failed-netlists")) -> Compared:
    """Runs both.

    Args:
        network: input, then linear nodes and populations of `NEURONS` in turn, with weights.
        on: a part of the class memfpaa.
        spikes: of the input, (T, inputs), 0 or 1.
        failed: where a deck goes that SPICE does not finish.

    Raises:
        InputError: the network has no such circuit, or SPICE did not finish.
    """
    layers = analog_layers(network)
    cells, step = technology(on, layers)
    asked = job(layers, cells, spikes, step)
    effective = [effective_conductance(conductances(layer, cells), cells.r_wire, cells.r_driver, cells.r_sense) for layer in layers]
    expected = in_torch(network, [effective_weights(la, cells, g) for la, g in zip(layers, effective, strict=True)], spikes)
    waves = run(asked, failed)
    return _compared(layers, cells, step, asked, waves, spikes, expected)


def analog_layers(network: Network) -> list[AnalogLayer]:
    """The network's weights and neurons.

    Raises:
        InputError: another node than input, linear, `NEURONS`, output; no weights; a neuron that does not rest at 0.
    """
    found, chain, weights = [], _chain(network), None
    for name in chain:
        node, where = network.nodes[name], f"{network.where}: node '{name}'"
        if isinstance(node, Linear):
            weights = network.arrays.get(name, {})
            if "weight" not in weights:
                mend = f"train with 'costmodel run {network.name} --out DIR'"
                raise InputError("no weights: cells hold trained ones", mend=mend, where=where)
        elif isinstance(node, Population) and node.type in NEURONS and weights is not None:
            known = node.parameters()
            if known.get("v_leak", 0.0) or known["v_reset"] or network.arrays.get(name):
                raise InputError("rests or restarts elsewhere than at 0", mend="v_leak and v_reset of 0", where=where)
            reset = node.reset_name()
            if reset not in ("value", "subtract"):
                raise InputError(f"the reset '{reset}' has no circuit", mend='"reset": "value" or "subtract"', where=where)
            decay = math.exp(-network.dt / known["tau"]) if "tau" in known else 1.0
            gain = known["r"] * ((1 - decay) if "tau" in known else network.dt)
            bias = weights.get("bias", np.zeros(len(weights["weight"])))
            found.append(AnalogLayer(name, np.asarray(weights["weight"], float), bias, decay, gain, known["v_threshold"], reset))
            weights = None
        elif node.type not in ("input", "output"):
            raise InputError(f"a {node.type} node has no circuit", mend=f"linear and {' or '.join(NEURONS)} in turn", where=where)
    return found


def _chain(network: Network) -> list[str]:
    """The nodes in order.

    Raises:
        InputError: it is no chain from one input of spikes.
    """
    graph = network.graph
    source = network.nodes[network.inputs[0]]
    branches = any(graph.out_degree(name) > 1 or graph.in_degree(name) > 1 for name in graph)
    if branches or len(network.inputs) > 1 or not (isinstance(source, Input) and source.spiking):
        raise InputError("is no chain from one input of spikes", mend="SPICE runs such chains", where=network.where)
    chain = [source.id]
    while following := list(graph.succ[chain[-1]]):
        chain += following
    return chain


def technology(on: Part, layers: list[AnalogLayer]) -> tuple[Cells, Step]:
    """A part's cells, and its time step for the largest of the layers.

    Raises:
        InputError: the part is of another class.
    """
    if on.class_name != "memfpaa":
        raise InputError(f"'{on.name}' has no crossbars", mend="take a memfpaa: memfpaa-hfox, memfpaa-taox, memfpaa-pcm")
    values = {name: float(value) for name, value in on.values.items() if value is not None}
    cells = Cells(
        values["r_on"], values["r_off"], values["r_wire"], values["c_cell"], values["r_driver"], values["r_sense"], values["v_read"]
    )
    decision = comparator_pole(values["c_compare"], values["v_dd"], values["i_bias"]) * math.log(2)
    return cells, Step(values["t_integrate"], decision)


@torch.no_grad()
def in_torch(network: Network, weights: list[np.ndarray], spikes: np.ndarray) -> dict[str, np.ndarray]:
    """What the populations send with other weights, (T, neurons)."""
    model = NetworkModel(network)
    nodes = [name for name in _chain(network) if isinstance(network.nodes[name], Linear)]
    for name, weight in zip(nodes, weights, strict=True):
        model.parts[key(name)].get_parameter("weight").copy_(torch.as_tensor(weight))
    given = torch.as_tensor(spikes[:, None, :]).to(torch.get_default_dtype())
    names = [name for name in _chain(network) if isinstance(network.nodes[name], Population)]
    sent = model(given, names)
    return {name: sent[name][:, 0].numpy() for name in names}


def _compared(
    layers: list[AnalogLayer],
    cells: Cells,
    step: Step,
    asked: Job,
    waves: Waves,
    spikes: np.ndarray,
    expected: dict[str, np.ndarray],
) -> Compared:
    count, found = len(spikes), {}
    # A latch holds a step's spike from the middle of its decision on; each layer is a step behind the one before.
    for lag, layer in enumerate(layers):
        times = (np.arange(count) + lag + 1) * step.length - step.decision / 4
        levels = [np.interp(times, waves.time, waves[f"v(spike_{layer.name}_{j})"]) for j in range(len(layer.weight))]
        found[layer.name] = (np.stack(levels, axis=1) > 0.5, expected[layer.name] > 0.5)
    drives = [spikes, *(expected[layer.name] for layer in layers[:-1])]
    predicted = sum(_reading(layer, cells, step, sent) for layer, sent in zip(layers, drives, strict=True))
    simulated = 0.0
    for layer in layers:
        for i in range(layer.weight.shape[1]):
            power = waves[f"v(row_{layer.name}_{i})"] * waves[f"i(vrow_{layer.name}_{i})"]
            simulated += waves.integral(power)
    output = layers[-1].name
    steps = np.flatnonzero(found[output][1].any(axis=1))
    times = [t for j in range(len(layers[-1].weight)) for t in waves.crossings(f"v(spike_{output}_{j})", 0.5)]
    when = (steps[-1] + len(layers)) * step.length - step.decision / 2 if len(steps) else math.nan
    return Compared(asked.text(), found, (simulated, predicted), (max(times, default=math.nan), when))


def _reading(layer: AnalogLayer, cells: Cells, step: Step, sent: np.ndarray) -> float:
    """Energy that the drivers of a crossbar's rows give, J: in every step what settling and holding its pattern takes."""
    crossbar = Nodal(conductances(layer, cells), cells.r_wire, cells.r_driver, cells.r_sense)
    patterns, counts = np.unique(sent, axis=0, return_counts=True)
    each = (relaxation(crossbar, cells.v_read * pattern, cells.c_wire).energy(step.pulse) for pattern in patterns if pattern.any())
    return sum(float(times) * energy for times, energy in zip(counts[patterns.any(axis=1)], each, strict=True))
