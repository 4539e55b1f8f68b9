"""A small spiking network as one circuit: crossbars, mirrored column currents, leaky integrate-and-fire neurons.

A time step is a pulse of ``v_read`` on the rows of what spikes, and a decision. A weight is the difference of two columns' cells; a
column's current is mirrored, times the gain that makes weights what they are in the network, on a membrane C with a leak R. In the
first half of the decision a latch takes whether the membrane has passed its threshold; in the second a switch empties those that
have, or a current takes the threshold off them. The latch is the neuron's pulse in the next step: layers follow each other by a
step, as `devices.classes.memfpaa` has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from costmodel.devices.spice.job import Job
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit as Netlist

LARGEST = 2000
"""Cells up to which a network is simulated: each is two nodes of SPICE's."""

V_THRESHOLD, C_MEMBRANE = 0.3, 1e-12
"""Threshold of a membrane, V, and its capacitance, F."""

EDGE = 0.002
"""Share of a pulse that an edge takes."""


@dataclass(frozen=True)
class Cells:
    """The crossbars' technology.

    Attributes:
        r_on, r_off: resistances of a cell, Ω.
        r_wire, c_wire: of a line, a cell's length, Ω and F.
        r_driver, r_sense: of a row's driver and a column's amplifier, Ω.
        v_read: V.
    """

    r_on: float
    r_off: float
    r_wire: float
    c_wire: float
    r_driver: float
    r_sense: float
    v_read: float


@dataclass(frozen=True, eq=False)
class AnalogLayer:
    """Weights and the neurons behind them.

    Attributes:
        name: of the neurons.
        weight: (neurons, inputs).
        bias: (neurons).
        decay: of a membrane in a step, exp(−dt/τ); 1 without a leak.
        gain: what an input of 1 adds to a membrane in a step: r (1 − decay), or r dt without a leak.
        v_threshold: of the network's membranes.
        reset: whether a spike empties the membrane ("value") or takes the threshold off it ("subtract").
    """

    name: str
    weight: np.ndarray
    bias: np.ndarray
    decay: float
    gain: float
    v_threshold: float
    reset: Literal["value", "subtract"]

    @property
    def largest(self) -> float:
        """The weight that the whole range of a cell stands for."""
        return float(np.abs(self.weight).max()) or 1.0


def conductances(layer: AnalogLayer, cells: Cells) -> np.ndarray:
    """(inputs, 2 · neurons), S: columns 2 j and 2 j + 1 are neuron j's positive and negative: G_off, or up to G_on by weight."""
    off, on = 1 / cells.r_off, 1 / cells.r_on
    positive, negative = np.maximum(layer.weight, 0), np.maximum(-layer.weight, 0)
    pairs = np.stack([positive, negative], axis=1).reshape(2 * len(layer.weight), -1)
    return (off + pairs / layer.largest * (on - off)).T


def effective_weights(layer: AnalogLayer, cells: Cells, effective: np.ndarray) -> np.ndarray:
    """The weights that conductances between a row's driver and a column's output, (inputs, 2 · neurons), stand for."""
    difference = effective[:, 0::2] - effective[:, 1::2]
    return difference.T * layer.largest / (1 / cells.r_on - 1 / cells.r_off)


@dataclass(frozen=True)
class Step:
    """The parts of a time step, s.

    Attributes:
        pulse: in which rows are driven.
        decision: in which neurons are read, and emptied.
    """

    pulse: float
    decision: float

    @property
    def length(self) -> float:
        """Of the whole."""
        return self.pulse + self.decision


def job(layers: list[AnalogLayer], cells: Cells, spikes: np.ndarray, step: Step) -> Job:
    """The network under a spike train.

    Args:
        layers: in a chain.
        cells: the crossbars' technology.
        spikes: of the inputs, (T, inputs), 0 or 1.
        step: of time.

    Returns:
        A transient of T steps and one for each layer but the first. It saves ``v(spike_NAME_J)``, from 0 to 1 V, of each neuron,
        and ``v(row_NAME_I)`` and ``i(vrow_NAME_I)`` of each crossbar's rows.

    Raises:
        InputError: more than `LARGEST` cells.
    """
    count = sum(2 * layer.weight.size for layer in layers)
    if count > LARGEST:
        raise InputError(f"{count:,} cells are more than SPICE can simulate here", mend=f"take a network of at most {LARGEST:,}")
    from PySpice.Spice.Netlist import Circuit

    netlist = Circuit("spiking network")
    saved: list[str] = []
    edge = EDGE * step.pulse
    for name, delay, width in (
        ("pulse", 0.0, step.pulse),
        ("read", step.pulse, step.decision / 2),
        ("empty", step.pulse + step.decision / 2, step.decision / 2),
    ):
        edges = {"rise_time": edge, "fall_time": edge, "pulse_width": width - 2 * edge, "delay_time": delay}
        netlist.PulseVoltageSource(name, name, netlist.gnd, initial_value=0, pulsed_value=1, period=step.length, **edges)
    for i, train in enumerate(spikes.T):
        netlist.PieceWiseLinearVoltageSource(f"in_{i}", f"in_{i}", netlist.gnd, values=_levels(train, step))
    drives = [f"V(in_{i})" for i in range(spikes.shape[1])]
    for layer in layers:
        saved += _crossbar(netlist, layer, cells, drives)
        for j in range(len(layer.weight)):
            _neuron(netlist, layer, j, cells, step)
        drives = [f"V(spike_{layer.name}_{j})" for j in range(len(layer.weight))]
        saved += [f"v(spike_{layer.name}_{j})" for j in range(len(layer.weight))]
    end = (len(spikes) + len(layers) - 1) * step.length
    return Job("spiking network", str(netlist), step.length / 8, end, tuple(saved), initial=True, relative=1e-3)


def _levels(train: np.ndarray, step: Step) -> list[tuple[float, float]]:
    """Corners of a voltage that is 1 in the steps with a spike; it changes while rows are not driven."""
    corners = [(0.0, float(train[0]))]
    for t in np.flatnonzero(np.diff(np.concatenate([train, [0]]))) + 1:
        level, begin = corners[-1][1], t * step.length - step.decision / 2
        corners += [(begin, level), (begin + step.decision / 4, 1 - level)]
    return corners


def _crossbar(netlist: Netlist, layer: AnalogLayer, cells: Cells, drives: list[str]) -> list[str]:
    """Rows behind drivers, columns into 0 V sources; names of rows' voltages and currents."""
    name, conductance, saved = layer.name, conductances(layer, cells), []
    rows, columns = conductance.shape
    for i, drive in enumerate(drives):
        netlist.B(f"row_{name}_{i}", f"drive_{name}_{i}", netlist.gnd, v=f"{cells.v_read}*{drive}*V(pulse)")
        netlist.V(f"row_{name}_{i}", f"drive_{name}_{i}", f"row_{name}_{i}", 0)
        netlist.R(f"driver_{name}_{i}", f"row_{name}_{i}", f"r_{name}_{i}_0", cells.r_driver + cells.r_wire)
        saved += [f"v(row_{name}_{i})", f"i(vrow_{name}_{i})"]
        for k in range(columns):
            here = f"{name}_{i}_{k}"
            netlist.R(f"cell_{here}", f"r_{here}", f"c_{here}", 1 / conductance[i, k])
            netlist.C(f"r_{here}", f"r_{here}", netlist.gnd, cells.c_wire)
            netlist.C(f"c_{here}", f"c_{here}", netlist.gnd, cells.c_wire)
            if k + 1 < columns:
                netlist.R(f"rw_{here}", f"r_{here}", f"r_{name}_{i}_{k + 1}", cells.r_wire)
            if i + 1 < rows:
                netlist.R(f"cw_{here}", f"c_{here}", f"c_{name}_{i + 1}_{k}", cells.r_wire)
    for k in range(columns):
        netlist.R(f"sense_{name}_{k}", f"c_{name}_{rows - 1}_{k}", f"out_{name}_{k}", cells.r_sense + cells.r_wire)
        netlist.V(f"column_{name}_{k}", f"out_{name}_{k}", netlist.gnd, 0)
    return saved


def _neuron(netlist: Netlist, layer: AnalogLayer, j: int, cells: Cells, step: Step) -> None:
    """Mirrors, membrane, latch and switch of neuron j."""
    here = f"{layer.name}_{j}"
    membrane, spike = f"membrane_{here}", f"spike_{here}"
    driven = step.pulse * (1 - EDGE)  # edges count half
    added = V_THRESHOLD / layer.v_threshold * layer.gain  # V in a step by an input of 1
    if layer.decay < 1:
        tau = -step.length / np.log(layer.decay)
        leak = tau / C_MEMBRANE
        netlist.R(membrane, membrane, netlist.gnd, leak)
        # What is left at the end of the step of a current that flows during its pulse, V for 1 A.
        pulsed = leak * (1 - np.exp(-driven / tau)) * np.exp(-(step.decision + EDGE * step.pulse / 2) / tau)
        early, late = np.exp(step.decision / 2 / tau), np.exp(step.decision / 4 / tau)  # read and reset before the step ends
    else:
        pulsed = driven / C_MEMBRANE
        early = late = 1.0
    mirror = added / pulsed * layer.largest / (1 / cells.r_on - 1 / cells.r_off) / cells.v_read
    netlist.C(membrane, membrane, netlist.gnd, C_MEMBRANE, initial_condition=0)
    netlist.CurrentControlledCurrentSource(f"p_{here}", netlist.gnd, membrane, f"Vcolumn_{layer.name}_{2 * j}", mirror)
    netlist.CurrentControlledCurrentSource(f"n_{here}", membrane, netlist.gnd, f"Vcolumn_{layer.name}_{2 * j + 1}", mirror)
    if layer.bias[j]:
        netlist.B(f"bias_{here}", netlist.gnd, membrane, i=f"{layer.bias[j] * added / pulsed}*V(pulse)")
    above = f"(0.5+0.5*tanh((V({membrane})-{V_THRESHOLD * early})*2e5))"
    quick = C_MEMBRANE / (step.decision / 400)
    netlist.C(spike, spike, netlist.gnd, C_MEMBRANE, initial_condition=0)
    netlist.B(spike, netlist.gnd, spike, i=f"{quick}*V(read)*({above}-V({spike}))")
    if layer.reset == "value":
        away = f"{quick}*V({membrane})"
    else:
        away = f"{C_MEMBRANE * V_THRESHOLD * late / (step.decision / 2 - EDGE * step.pulse)}"
    netlist.B(f"empty_{here}", membrane, netlist.gnd, i=f"{away}*V(empty)*(0.5+0.5*tanh(40*(V({spike})-0.5)))")
