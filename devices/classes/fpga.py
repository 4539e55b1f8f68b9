"""An FPGA holding one event-driven core per layer; cycles and resources are those that the RTL blocks state of themselves."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from costmodel.devices.bases.interface import EventInterface
from costmodel.devices.bases.schedules import Pipelined
from costmodel.devices.device import Cost, Facts, Limit, Param, Run, too_wide
from costmodel.devices.fitting import AS_PLANNED, Made, family_of
from costmodel.graphs.equations.algebra import Value, ceiling, maximum, minimum, named
from costmodel.graphs.lowering.operators import Memory, Neurons, Plasticity, Pooling, Synapses, Transfer
from costmodel.rtl.cost import datapath
from costmodel.rtl.cost.estimated import LayerSizes, estimated_sizes
from costmodel.rtl.cost.flip_flops import flip_flops
from costmodel.rtl.cost.luts import luts
from costmodel.rtl.cost.memory import core_blocks
from costmodel.rtl.cycles import core as cycles


class FPGA(EventInterface, Pipelined):
    """A spike walks the membranes it reaches, ``lanes`` at a time; the end of a step sweeps all neurons, ``units`` at a time.

    Layers are a pipeline: the slowest sets the pace. Weights lie in block memory, membranes in block memory or look-up tables. The
    cycles are the equations of `rtl.cycles`, which ``costmodel rtl`` checks against the simulated clock, for the hardware that it
    would make of the network: with the P and R that it would choose unless they are given.
    """

    chosen: ClassVar[frozenset[str]] = frozenset(AS_PLANNED)
    hardware: ClassVar[Made | None] = None
    """What was planned for the network; None where no hardware can be: its layers are then priced by their sizes."""

    luts = Param("1", "look-up tables", whole=True)
    ffs = Param("1", "flip-flops", whole=True)
    brams = Param("1", "memory blocks", whole=True)
    bram_bits = Param("1", "bits of a memory block", whole=True)
    bram_width = Param("1", "widest word of a memory block", whole=True)
    dsps = Param("1", "multipliers", whole=True, zero=True)
    f_clk = Param("Hz", "clock that these cores reach")
    e_clock = Param("J", "energy of the clock tree per cycle, drawn whether or not a core works")
    lanes = Param("1", "P, accumulators that a core adds to in a cycle, at most its channels", optional=True, whole=True)
    units = Param("1", "R, neurons that a core updates in a cycle: the largest divisor of its P up to this", optional=True,
                  whole=True, high=cycles.MOST_UNITS)  # fmt: skip
    t_event = Param("s", "time that the host's link takes for one event, where it is slower than the core", optional=True)
    e_lut = Param("J", "energy of a look-up table's output changing, its wires included")
    e_ff = Param("J", "energy of a flip-flop and its share of the clock tree, per cycle")
    e_bram = Param("J", "energy of a memory block access")
    e_dsp = Param("J", "energy of a multiplication")

    def __init__(self, values: Mapping[str, Value]) -> None:
        super().__init__(values)
        self.lanes, self.units = (AS_PLANNED[name] if values[name] is None else values[name] for name in ("lanes", "units"))

    def static_power(self, run: Run) -> Value:
        """And of its clock tree: e_clock · f_clk · chips."""
        return super().static_power(run) + self.e_clock * self.f_clk * self.chips

    def clocked(self, cycles_: Value) -> Value:
        """Energy of a core's registers over some cycles: a weight in each lane and some of the state's width in the data path."""
        return cycles_ * (self.lanes * self.weight_bits + self.units * 4 * self.state_bits) * self.e_ff

    def blocks(self, bits: Value) -> Value:
        """Memory blocks that a word of so many bits is read from."""
        return ceiling(bits / self.bram_width)

    def widths(self, channels: Value) -> tuple[Value, Value]:
        """P and R of a layer of so many channels."""
        lanes = minimum(self.lanes, channels)
        return lanes, named("R", cycles.dividing(lanes, self.units))

    def latency(self, run: Run) -> Value:
        """As `rtl.cycles.steady` has it: the first step through all layers, then the pace of the slowest. Of hardware that nobody
        can plan as a pipeline."""
        if self.hardware is None:
            return Pipelined.latency(self, run)
        return self.hardware.latency(self.times(run), self.lanes, self.units, self.f_clk, run.batch * run.timesteps)

    def period(self, run: Run) -> Value:
        """T · the pace of the slowest."""
        if self.hardware is None:
            return Pipelined.period(self, run)
        return run.timesteps * self.hardware.pace(self.times(run), self.lanes, self.units, self.f_clk)

    @staticmethod
    def times(run: Run) -> Value:
        """Time of each task in a step."""
        return run.time * run.executions / run.timesteps

    def transfer(self, op: Transfer) -> Cost:
        """The core takes a token a cycle, an event or the end of a step; answers leave as they are found. A link that is slower
        takes t_event for each."""
        slower = 0.0 if self.t_event is None else self.t_event
        taken = op.events * maximum(slower, 1 / self.f_clk) + 1 / self.f_clk
        time = (1 - op.outgoing) * taken + op.outgoing * op.events * slower
        return Cost(time, op.events * self.e_event, {"host": time})

    def synapses(self, op: Synapses) -> Cost:
        """events · cycles_per_event: each access reads a word of weights, and reads, adds to and writes one of accumulators."""
        width, events = op.columns * op.groups, op.inputs * op.arriving
        taps = op.connections * op.rows * op.groups / (op.inputs * op.weights)  # a missing weight saves no access
        spent = events * cycles.cycles_per_event(width, self.lanes, taps, op.positions)
        accesses = events * taps * cycles.groups(width, self.lanes)
        read = self.blocks(self.lanes * op.bits) + 2 * self.blocks(self.lanes * self.state_bits)
        energy = accesses * read * self.e_bram + op.synops * self.state_bits * self.e_lut + op.macs * self.e_dsp
        return Cost(spent / self.f_clk, energy + self.clocked(spent), {"synapses": spent / self.f_clk})

    def neurons(self, op: Neurons) -> Cost:
        """cycles_per_sweep: every neuron is read, updated and written back once a substep."""
        lanes, units = self.widths(op.neurons / op.positions)
        beats = cycles.beats(op.neurons, op.positions, lanes, units)
        waits = cycles.waits(op.neurons, units, op.rate)
        spent = cycles.cycles_per_sweep(beats * op.reads, op.stages, op.substeps, waits)
        moved = 2 * self.blocks(units * op.states * op.bits)
        simple = (op.add + op.compare) * op.bits * self.e_lut
        harder = (op.multiply + op.divide * op.bits) * self.e_dsp + op.exponential * (self.e_bram + self.e_dsp)
        energy = beats * op.substeps * moved * self.e_bram + op.neurons * (simple + harder) + self.clocked(spent)
        return Cost(spent / self.f_clk, energy, {"neurons": spent / self.f_clk})

    def pooling(self, op: Pooling) -> Cost:
        """Of a maximum of spikes: two cycles for each, to see whether its window has sent, and the bitmap cleared. Sums pass all
        on, and what is pooled before neurons is read by their sweep."""
        walk = cycles.CYCLES_PER_HELD * op.events
        spent = minimum(1.0, op.words) * (walk + cycles.end_of_pool(op.words, op.events))
        return Cost(spent / self.f_clk, spent * self.e_bram, {"synapses": spent / self.f_clk})

    def memory(self, op: Memory) -> Cost:
        """A ring of bitmaps: two cycles for a spike that enters, one for one that leaves, two for each word looked at."""
        spent = cycles.CYCLES_PER_HELD * op.events + cycles.end_of_delay(op.words, op.events)
        return Cost(spent / self.f_clk, spent * self.e_bram, {"memory": spent / self.f_clk})

    def plasticity(self, op: Plasticity) -> Cost:
        """Per change: the weight read and written, its arithmetic; ``lanes`` changes at a time."""
        spent = ceiling(op.changes / self.lanes) * 2
        energy = op.changes * (2 * self.e_bram + op.add * op.bits * self.e_lut + op.multiply * self.e_dsp)
        return Cost(spent / self.f_clk, energy + self.clocked(spent), {"plasticity": spent / self.f_clk})

    def bits_of(self, facts: Facts) -> Value:
        """Bits of a weight as the network gives them, or the device's own."""
        return self.weight_bits if facts.widest is None else facts.widest

    def resources(self, facts: Facts) -> dict[str, Value]:
        """LUTs, flip-flops, memory blocks and multipliers, as `rtl.cost` has them of the planned hardware. Of hardware that nobody
        can plan those of one core per layer by its sizes; what is kept for delays takes blocks."""
        bits = self.bits_of(facts)
        if self.hardware is not None:
            found = self.hardware.resources(facts.widest, self.weight_bits, self.state_bits, self.fabric(), self.lanes, self.units)
            if found is not None:
                return {"luts": ceiling(found.luts), "ffs": found.ffs, "brams": found.brams, "dsps": found.dsps}
        layer = LayerSizes(
            neurons=facts.layer_neurons,
            weights=facts.layer_weight_bits / bits,
            bits=bits,
            fan_in=facts.layer_fan_in,
            states=facts.layer_states,
            multiply=facts.layer_multiply,
            exponential=facts.layer_exponential,
            compare=facts.layer_compare,
            state_bits=self.state_bits,
        )
        core, family = estimated_sizes(layer, self.lanes, self.units), self.fabric()
        products = core.units * datapath.multipliers(facts.layer_exponential)
        return {
            "luts": ceiling(luts(core, family)).sum(axis=0),
            "ffs": ceiling(flip_flops(core, family)).sum(axis=0),
            "brams": core_blocks(core, family).sum(axis=0) + ceiling(8 * facts.kept_bytes / self.bram_bits),
            "dsps": (products * (self.dsps > 0)).sum(axis=0),
        }

    def fabric(self) -> str:
        """The family whose equations hold: by the size of its memory blocks."""
        return family_of(float(self.bram_bits))

    def limits(self, facts: Facts) -> list[Limit]:
        """LUTs, flip-flops, memory blocks, multipliers, weight bits."""
        found = too_wide(facts, self.weight_bits)
        levers = {
            "luts": ("fewer layers", "a simpler neuron", "a larger part"),
            "ffs": ("fewer layers", "a simpler neuron", "a larger part"),
            "brams": ("fewer bits", "fewer synapses", "a larger part"),
            "dsps": ("a simpler neuron", "a larger part"),
        }
        for name, value in self.resources(facts).items():
            needs, has = float(np.max(value)), float(getattr(self, name) * self.chips)
            if needs > has:
                narrow = self.changed({"lanes": 1, "units": 1})
                mends = float(np.max(narrow.resources(facts)[name])) <= has
                found.append(Limit(name, needs, has, (("--set lanes=1",) if mends else ()) + levers[name]))
        return found


DEVICE = FPGA
