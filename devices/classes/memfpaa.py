"""A memristive FPAA: crossbars of memristors as synapses, analog neurons at their columns, memristive routing between them."""

from costmodel.devices.bases.interface import EventInterface
from costmodel.devices.bases.schedules import Pipelined
from costmodel.devices.circuits.crossbar_energy import read_energy
from costmodel.devices.circuits.crossbar_settling import settling_time
from costmodel.devices.circuits.firing import comparator_pole
from costmodel.devices.device import Cost, Facts, Limit, Param, Run, more_chips, too_wide
from costmodel.graphs.equations.algebra import Value, ceiling, log, maximum, minimum, named
from costmodel.graphs.lowering.operators import Memory, Neurons, Operator, Plasticity, Pooling, Synapses


class MemFPAA(EventInterface, Pipelined):
    """Spikes drive rows at v_read; each cell passes v_read · G; differential columns carry the sum to a neuron.

    Its equations are the closed forms of `devices.circuits`, which SPICE confirms (docs/analog.md).
    Every layer is physical hardware of its own; convolutions are unrolled, for each neuron has its own column.
    """

    r_on = Param("ohm", "resistance of a cell that is on", zero=False)
    r_off = Param("ohm", "resistance of a cell that is off", zero=False)
    v_read = Param("V", "voltage on a row during a spike")
    v_write = Param("V", "voltage from which a cell's state changes")
    bits_per_cell = Param("1", "bits that one cell holds", whole=True)
    tile_rows = Param("1", "rows of a crossbar", whole=True)
    tile_columns = Param("1", "columns of a crossbar", whole=True)
    tiles = Param("1", "crossbars of a chip", whole=True)
    r_wire = Param("ohm", "line resistance per cell")
    c_cell = Param("F", "line capacitance per cell, its access device included")
    r_driver = Param("ohm", "output resistance of a row driver")
    r_sense = Param("ohm", "input resistance of a column's amplifier")
    g_spread = Param("1", "relative deviation of a programmed conductance", zero=True, high=1.0)
    g_noise = Param("1", "relative read noise of a conductance", zero=True, high=1.0)
    g_drift = Param("1", "drift exponent ν of G ∝ t^−ν", zero=True, high=1.0)
    switches = Param("1", "routing memristors, all on, between a neuron and a row", whole=True, zero=True)
    t_integrate = Param("s", "time for which a settled row is held, so that the column integrates")
    v_dd = Param("V", "supply voltage of the neurons")
    i_bias = Param("A", "bias current of a neuron's amplifier and comparator")
    c_compare = Param("F", "capacitance at a comparator's output")
    e_driver = Param("J", "energy of a row driver per spike, its line apart")
    e_spike = Param("J", "energy of a neuron's spike")
    t_program = Param("s", "time to write one cell, verification included")
    e_program = Param("J", "energy to write one cell, verification included")
    cell_area = Param("m**2", "area of a cell")
    neuron_area = Param("m**2", "area of a column's neuron and row's driver")
    k_rows = Param("1", "fitted: how much rows that leak less than the mean lengthen settling")
    k_columns = Param("1", "fitted: how much the column that depends most on them lengthens it")
    settling_residual = Param("1", "settling time in SPICE over its closed form", zero=False)
    energy_residual = Param("1", "read energy in SPICE over its closed form", zero=False)

    def contradiction(self) -> tuple[str, str] | None:
        """Cells that conduct better when off, or reading that writes."""
        if self.r_on > self.r_off:
            what = f"r_on is {self.r_on:g} ohm, above r_off, {self.r_off:g} ohm"
            return what, f"a cell that is on conducts better: give an r_on of at most {self.r_off:g} ohm"
        if self.v_read >= self.v_write:
            what = f"v_read is {self.v_read:g} V, not below v_write, {self.v_write:g} V: reading would write"
            return what, f"give a v_read below {self.v_write:g} V"
        return None

    def cells(self, op: Synapses | Plasticity) -> Value:
        """Cells of a weight: two columns for its sign, ⌈bits / bits_per_cell⌉ slices."""
        return 2 * ceiling(op.bits / self.bits_per_cell)

    def line(self, op: Synapses) -> Value:
        """Cells along a row of a tile."""
        return minimum(self.tile_columns, op.outputs * self.cells(op))

    def conductance(self) -> Value:
        """G = ½ (1/r_on + 1/r_off): the mean of cells."""
        return (1 / self.r_on + 1 / self.r_off) / 2

    def wires(self, op: Synapses) -> dict[str, Value]:
        """What a tile of the layer's is in closed forms: M = min(tile_rows, inputs), N = `line`, G, and the lines' resistances."""
        least = self.r_on * 1e-12  # lines without any resistance are the limit of little
        return {
            "rows": named("M", minimum(self.tile_rows, op.most_inputs)),
            "columns": named("N", self.line(op)),
            "g_cell": named("G", self.conductance()),
            "r_wire": self.r_wire,
            "r_driver": self.r_driver + least,
            "r_sense": self.r_sense + least,
        }

    def driven(self, op: Synapses) -> Value:
        """Rows of a tile that are driven in a step: max(1, M · rate)."""
        return named("m", maximum(1.0, minimum(self.tile_rows, op.most_inputs) * op.rate))

    def settling(self, op: Synapses) -> Value:
        """Until the slowest column is within half of the last bit, 2^−(bits + 1): `devices.circuits.crossbar_settling`.

        Cells are spread evenly between G_off and G_on, so that their deviation is (r_off − r_on) / (r_off + r_on) / √3 of the mean.
        """
        spread = (self.r_off - self.r_on) / (self.r_off + self.r_on) / 3**0.5
        closed = settling_time(
            **self.wires(op),
            c_wire=self.c_cell,
            tolerance=2.0 ** -(op.bits + 1),
            spread=spread,
            driven=self.driven(op),
            k_rows=self.k_rows,
            k_columns=self.k_columns,
        )
        return named("t_settle", closed * self.settling_residual)

    def routing(self) -> Value:
        """Of a spike from a neuron to a row's driver, to half of it: ln 2 · k (k + 1)/2 · r_on · tile_rows · c_cell.

        Elmore's delay (1948) of k memristors in a row, each before a line as long as a tile; up to 10 % less than the ladder's half
        (`devices.circuits.routing_switch`), of which k must be a number.
        """
        steps = self.switches * (self.switches + 1) / 2
        return named("t_route", log(2) * steps * self.r_on * self.tile_rows * self.c_cell)

    def synapses(self, op: Synapses) -> Cost:
        """All rows at once: route, settle and integrate.

        Energy: a driven line's share of its tile's `devices.circuits.crossbar_energy.read_energy` for as long, of which an event
        takes fan_out · cells / N; and of each line its driver's.
        """
        settle = self.settling(op)
        driven = self.driven(op)
        tile = read_energy(**self.wires(op), driven=driven, c_wire=self.c_cell, v_read=self.v_read, time=settle + self.t_integrate)
        line = named("e_line", tile / driven * self.energy_residual)
        lines = op.events * ceiling(op.fan_out * self.cells(op) / self.tile_columns)
        energy = op.synops * self.cells(op) / self.line(op) * line + lines * self.e_driver
        spent = {"routing": self.routing(), "settling": settle, "integration": self.t_integrate}
        return Cost(self.routing() + settle + self.t_integrate, energy, spent)

    def decision(self) -> Value:
        """τ_c ln 2, τ_c = c_compare v_dd / (2 i_bias): a comparator's output goes half way (`devices.circuits.firing`)."""
        return comparator_pole(self.c_compare, self.v_dd, self.i_bias) * log(2)

    def neurons(self, op: Neurons) -> Cost:
        """One decision, all neurons at once; spikes cost their energy."""
        return Cost(self.decision(), op.spikes * self.e_spike, {"decision": self.decision()})

    def pooling(self, op: Pooling) -> Cost:
        """Wiring: each event drives one more line."""
        nothing = 0 * op.events * self.t_event
        return Cost(nothing, op.events * self.e_driver, {"decision": nothing})

    def memory(self, op: Memory) -> Cost:
        """Delays go through the digital interface."""
        time = op.events * self.t_event
        return Cost(time, op.events * self.e_event, {"host": time})

    def plasticity(self, op: Plasticity) -> Cost:
        """Weight changes write cells, a row of a tile at a time."""
        writes = op.changes * self.cells(op)
        time = writes / self.tile_columns * self.t_program
        return Cost(time, writes * self.e_program, {"writing": time})

    def static_power(self, run: Run) -> Value:
        """And neurons · 2 v_dd i_bias: at rest a comparator's tail and its pair take its bias current."""
        return super().static_power(run) + run.neurons * 2 * self.v_dd * self.i_bias

    def tiles_of(self, op: Facts) -> Value:
        """Crossbars of a layer, unrolled: ⌈fan-in / tile_rows⌉ · ⌈neurons · cells / tile_columns⌉."""
        cells = 2 * ceiling(self.bits_of(op) / self.bits_per_cell)
        return ceiling(op.layer_fan_in / self.tile_rows) * ceiling(op.layer_neurons * cells / self.tile_columns)

    def bits_of(self, op: Facts | Operator) -> Value:
        """Bits of a weight as the network gives them, or the device's own."""
        return self.weight_bits if not isinstance(op, Facts) or op.widest is None else op.widest

    def resources(self, facts: Facts) -> dict[str, Value]:
        """Crossbars, cells and routing memristors in use."""
        cells = facts.connections * 2 * ceiling(self.bits_of(facts) / self.bits_per_cell)
        switches = facts.neurons * self.switches
        return {"tiles": self.tiles_of(facts).sum(axis=0), "cells": cells, "routing memristors": switches}

    def area(self, facts: Facts) -> Value | None:
        """tiles · tile_rows · tile_columns · cell_area + neurons · neuron_area."""
        tiles = self.resources(facts)["tiles"]
        return tiles * self.tile_rows * self.tile_columns * self.cell_area + facts.neurons * self.neuron_area

    def limits(self, facts: Facts) -> list[Limit]:
        """Crossbars and weight bits."""
        found = too_wide(facts, self.weight_bits)
        needs, has = float(self.resources(facts)["tiles"].max()), float(self.tiles * self.chips)
        if needs > has:
            found.append(Limit("tiles", needs, has, (more_chips(needs, has, self.chips), "fewer bits", "fewer neurons")))
        return found


DEVICE = MemFPAA
