"""A memristive FPAA: crossbars of memristors as synapses, analog neurons at their columns, memristive routing between them."""

from devices.device import Cost, Facts, Limit, Param, Run, more_chips, too_wide
from devices.interface import EventInterface
from devices.schedules import Pipelined
from graphs.algebra import Value, ceiling, log, minimum
from graphs.operators import Memory, Neurons, Operator, Plasticity, Pooling, Synapses


class MemFPAA(EventInterface, Pipelined):
    """Spikes drive rows at v_read; each cell passes v_read · G; differential columns carry the sum to a neuron.

    Every layer is physical hardware of its own; convolutions are unrolled, for each neuron has its own column.
    """

    r_on = Param("ohm", "resistance of a cell that is on", zero=False)
    r_off = Param("ohm", "resistance of a cell that is off", zero=False)
    v_read = Param("V", "voltage on a row during a spike")
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
    t_compare = Param("s", "time of a neuron's threshold decision")
    e_driver = Param("J", "energy of a row driver per spike, its line apart")
    e_spike = Param("J", "energy of a neuron's spike")
    p_neuron = Param("W", "bias power of a column's amplifier and comparator")
    t_program = Param("s", "time to write one cell, verification included")
    e_program = Param("J", "energy to write one cell, verification included")
    cell_area = Param("m**2", "area of a cell")
    neuron_area = Param("m**2", "area of a column's neuron and row's driver")

    def cells(self, op: Synapses | Plasticity) -> Value:
        """Cells of a weight: two columns for its sign, ⌈bits / bits_per_cell⌉ slices."""
        return 2 * ceiling(op.bits / self.bits_per_cell)

    def line(self, op: Synapses) -> Value:
        """Cells along a row of a tile."""
        return minimum(self.tile_columns, op.outputs * self.cells(op))

    def settling(self, op: Synapses) -> Value:
        """t = (bits + 1) ln 2 · τ: to half of the last bit.

        τ = (r_driver + switches · r_on) n c_cell + ½ n² r_wire c_cell for n cells on a row (Elmore 1948: lumped source,
        distributed line).
        """
        n = self.line(op)
        tau = (self.r_driver + self.switches * self.r_on) * n * self.c_cell + n**2 * self.r_wire * self.c_cell / 2
        return (op.bits + 1) * log(2) * tau

    def synapses(self, op: Synapses) -> Cost:
        """All rows at once: settle and integrate.

        Energy: each active cell v_read² · G · t with G = ½ (1/r_on + 1/r_off), and each driven line its charge n c_cell v_read².
        """
        settle = self.settling(op)
        conductance = (1 / self.r_on + 1 / self.r_off) / 2
        pulse = self.v_read**2 * conductance * (settle + self.t_integrate)
        driven = op.events * ceiling(op.fan_out * self.cells(op) / self.tile_columns)
        energy = op.synops * self.cells(op) * pulse + driven * (self.line(op) * self.c_cell * self.v_read**2 + self.e_driver)
        return Cost(settle + self.t_integrate, energy, {"settling": settle, "integration": self.t_integrate})

    def neurons(self, op: Neurons) -> Cost:
        """One decision, all neurons at once; spikes cost their energy."""
        return Cost(self.t_compare, op.spikes * self.e_spike, {"decision": self.t_compare})

    def pooling(self, op: Pooling) -> Cost:
        """Wiring: each event drives one more line."""
        nothing = 0 * op.events * self.t_compare
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

    def static_energy(self, run: Run) -> Value:
        """(p_static · chips + neurons · p_neuron) · period."""
        return (self.p_static * self.chips + run.neurons * self.p_neuron) * self.period(run)

    def tiles_of(self, op: Facts) -> Value:
        """Crossbars of a layer, unrolled: ⌈fan-in / tile_rows⌉ · ⌈neurons · cells / tile_columns⌉."""
        cells = 2 * ceiling(self.bits_of(op) / self.bits_per_cell)
        return ceiling(op.layer_fan_in / self.tile_rows) * ceiling(op.layer_neurons * cells / self.tile_columns)

    def bits_of(self, op: Facts | Operator) -> Value:
        """Bits of a weight as the network gives them, or the device's own."""
        return self.weight_bits if not isinstance(op, Facts) or op.widest is None else op.widest

    def resources(self, facts: Facts) -> dict[str, Value]:
        """Crossbars and cells in use."""
        cells = facts.connections * 2 * ceiling(self.bits_of(facts) / self.bits_per_cell)
        return {"tiles": self.tiles_of(facts).sum(axis=0), "cells": cells}

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
