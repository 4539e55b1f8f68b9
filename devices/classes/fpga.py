"""An FPGA holding one event-driven core per layer; cycles and resources are those that the RTL blocks state of themselves."""

from costmodel.devices.bases.interface import EventInterface
from costmodel.devices.bases.schedules import Pipelined
from costmodel.devices.device import Cost, Facts, Limit, Param, Run, too_wide
from costmodel.graphs.equations.algebra import Value, ceiling, maximum, minimum
from costmodel.graphs.lowering.operators import Memory, Neurons, Plasticity, Pooling, Synapses
from costmodel.rtl.cost import datapath
from costmodel.rtl.cost.estimated import LayerSizes, estimated_sizes
from costmodel.rtl.cost.flip_flops import flip_flops
from costmodel.rtl.cost.luts import luts
from costmodel.rtl.cost.memory import core_blocks
from costmodel.rtl.cycles import core as cycles


class FPGA(EventInterface, Pipelined):
    """A spike walks the membranes it reaches, ``lanes`` at a time; the end of a step sweeps all neurons, ``units`` at a time.

    Layers are a pipeline: the slowest sets the pace. Weights lie in block memory, membranes in block memory or look-up tables. The
    cycles are the equations of `rtl.cycles.core`, which ``costmodel rtl`` checks against the simulated clock.
    """

    luts = Param("1", "look-up tables", whole=True)
    ffs = Param("1", "flip-flops", whole=True)
    brams = Param("1", "memory blocks", whole=True)
    bram_bits = Param("1", "bits of a memory block", whole=True)
    bram_width = Param("1", "widest word of a memory block", whole=True)
    dsps = Param("1", "multipliers", whole=True, zero=True)
    f_clk = Param("Hz", "clock that these cores reach")
    e_clock = Param("J", "energy of the clock tree per cycle, drawn whether or not a core works")
    lanes = Param("1", "P, accumulators that a core adds to in a cycle: a choice of the design", whole=True)
    units = Param("1", "R, neurons that a core updates in a cycle: a choice of the design", whole=True)
    e_lut = Param("J", "energy of a look-up table's output changing, its wires included")
    e_ff = Param("J", "energy of a flip-flop and its share of the clock tree, per cycle")
    e_bram = Param("J", "energy of a memory block access")
    e_dsp = Param("J", "energy of a multiplication")

    def static_power(self, run: Run) -> Value:
        """And of its clock tree: e_clock · f_clk · chips."""
        return super().static_power(run) + self.e_clock * self.f_clk * self.chips

    def clocked(self, cycles_: Value) -> Value:
        """Energy of a core's registers over some cycles: a weight in each lane and some of the state's width in the data path."""
        return cycles_ * (self.lanes * self.weight_bits + self.units * 4 * self.state_bits) * self.e_ff

    def blocks(self, bits: Value) -> Value:
        """Memory blocks that a word of so many bits is read from."""
        return ceiling(bits / self.bram_width)

    def synapses(self, op: Synapses) -> Cost:
        """events · cycles_per_event: each access reads a word of weights, and reads, adds to and writes one of accumulators."""
        width = op.columns * op.groups
        taps = op.connections * op.rows * op.groups / (op.inputs * op.weights)  # a missing weight saves no access
        spent = op.events * cycles.cycles_per_event(width, self.lanes, taps, op.positions)
        accesses = op.events * taps * cycles.groups(width, self.lanes)
        read = self.blocks(self.lanes * op.bits) + 2 * self.blocks(self.lanes * self.state_bits)
        energy = accesses * read * self.e_bram + op.synops * self.state_bits * self.e_lut + op.macs * self.e_dsp
        return Cost(spent / self.f_clk, energy + self.clocked(spent), {"synapses": spent / self.f_clk})

    def neurons(self, op: Neurons) -> Cost:
        """cycles_per_sweep: every neuron is read, updated and written back once a substep."""
        units = minimum(self.units, maximum(op.neurons, 1.0))
        beats = ceiling(op.neurons / units)
        stages = datapath.depth(op.multiply / op.substeps, op.exponential / op.substeps, op.compare / op.substeps)
        spent = cycles.cycles_per_sweep(beats, stages, op.substeps, cycles.waits(op.neurons, units, op.rate))
        moved = 2 * self.blocks(units * op.states * op.bits)
        simple = (op.add + op.compare) * op.bits * self.e_lut
        harder = (op.multiply + op.divide * op.bits) * self.e_dsp + op.exponential * (self.e_bram + self.e_dsp)
        energy = beats * op.substeps * moved * self.e_bram + op.neurons * (simple + harder) + self.clocked(spent)
        return Cost(spent / self.f_clk, energy, {"neurons": spent / self.f_clk})

    def pooling(self, op: Pooling) -> Cost:
        """Of spikes: two cycles for each, to see whether its window has sent, and one for each 16 windows to forget it. Of values:
        a read of each besides those of the sweep that follows."""
        spent = minimum(2 * op.events, op.inputs / self.units) + ceiling(op.outputs / 16) + 2
        return Cost(spent / self.f_clk, spent * self.e_bram, {"synapses": spent / self.f_clk})

    def memory(self, op: Memory) -> Cost:
        """A ring of bitmaps: two cycles for a spike that enters, one for one that leaves, two for each 16 elements looked at."""
        spent = 3 * op.events + 2 * ceiling(op.elements / 16) + 2
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
        """LUTs, flip-flops, memory blocks and multipliers of one core per layer, as `rtl.cost` has them of compiled ones; what is
        kept for delays takes blocks."""
        bits = self.bits_of(facts)
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
        bits = float(self.bram_bits)
        return "ice40" if bits < 10e3 else "ecp5" if bits < 20e3 else "xilinx"

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
            needs, has = float(value.max()), float(getattr(self, name) * self.chips)
            if needs > has:
                narrow = self.changed({"lanes": 1, "units": 1})
                mends = float(narrow.resources(facts)[name].max()) <= has
                found.append(Limit(name, needs, has, (("--set lanes=1",) if mends else ()) + levers[name]))
        return found


DEVICE = FPGA
