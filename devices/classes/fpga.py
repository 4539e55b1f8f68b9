"""An FPGA holding one event-driven core per layer; cycles and resources are those that the RTL blocks state of themselves."""

from devices.device import Cost, Facts, Limit, Param, Run, too_wide
from devices.interface import EventInterface
from devices.schedules import Pipelined
from graphs.algebra import Value, ceiling, maximum
from graphs.operators import Memory, Neurons, Plasticity, Pooling, Synapses
from rtl import dense_cost


class FPGA(EventInterface, Pipelined):
    """A spike walks the membranes it reaches, ``lanes`` at a time; the end of a step sweeps all neurons of the layer.

    Layers are a pipeline: the slowest sets the pace. Weights and membranes lie in block memory.
    """

    luts = Param("1", "look-up tables of four inputs, or as many as the part's larger ones are worth", whole=True)
    ffs = Param("1", "flip-flops", whole=True)
    brams = Param("1", "memory blocks", whole=True)
    bram_bits = Param("1", "bits of a memory block", whole=True)
    bram_width = Param("1", "widest word of a memory block", whole=True)
    dsps = Param("1", "multipliers", whole=True, zero=True)
    f_clk = Param("Hz", "clock that these cores reach")
    e_clock = Param("J", "energy of the clock tree per cycle, drawn whether or not a core works")
    lanes = Param("1", "neurons that a core updates in a cycle: a choice of the design", whole=True)
    e_lut = Param("J", "energy of a look-up table's output changing, its wires included")
    e_ff = Param("J", "energy of a flip-flop and its share of the clock tree, per cycle")
    e_bram = Param("J", "energy of a memory block access")
    e_dsp = Param("J", "energy of a multiplication")

    def static_energy(self, run: Run) -> Value:
        """(p_static + e_clock · f_clk) · chips · period."""
        return (self.p_static + self.e_clock * self.f_clk) * self.chips * self.period(run)

    def clocked(self, cycles: Value) -> Value:
        """Energy of a core's registers over some cycles: those of its lanes, e_ff · lanes · (state_bits + 1)."""
        return cycles * self.lanes * (self.state_bits + 1) * self.e_ff

    def words(self, bits: Value) -> Value:
        """Memory blocks that a word of so many bits is read from."""
        return ceiling(bits / self.bram_width)

    def synapses(self, op: Synapses) -> Cost:
        """events · cycles_per_event: each group of lanes reads a word of weights, reads and writes one of membranes, and adds."""
        cycles = op.events * dense_cost.cycles_per_event(op.fan_out, self.lanes)
        accesses = op.events * dense_cost.groups(op.fan_out, self.lanes)
        blocks = self.words(self.lanes * op.bits) + 2 * self.words(self.lanes * self.state_bits)
        multiply = op.macs * self.e_dsp
        energy = accesses * blocks * self.e_bram + op.synops * self.state_bits * self.e_lut + multiply + self.clocked(cycles)
        return Cost(cycles / self.f_clk, energy, {"synapses": cycles / self.f_clk})

    def neurons(self, op: Neurons) -> Cost:
        """cycles_per_sweep, and another pass over the groups for each further substep; the data path is pipelined."""
        passes = dense_cost.groups(op.neurons, self.lanes)
        cycles = dense_cost.cycles_per_sweep(op.neurons, self.lanes, op.spikes) + (op.substeps - 1) * passes
        blocks = 2 * self.words(self.lanes * op.states * op.bits)
        simple = (op.add + op.compare) * op.bits * self.e_lut
        harder = (op.multiply + op.divide * op.bits) * self.e_dsp + op.exponential * (self.e_bram + self.e_dsp)
        energy = passes * op.substeps * blocks * self.e_bram + op.neurons * (simple + harder) + self.clocked(cycles)
        return Cost(cycles / self.f_clk, energy, {"neurons": cycles / self.f_clk})

    def pooling(self, op: Pooling) -> Cost:
        """An address computed per event, in passing."""
        cycles = op.events
        return Cost(cycles / self.f_clk, op.events * self.state_bits * self.e_lut, {"synapses": cycles / self.f_clk})

    def memory(self, op: Memory) -> Cost:
        """A ring buffer in block memory, a word of ``bram_width`` bits at a time."""
        cycles = 2 * op.elements * op.bits / self.bram_width
        return Cost(cycles / self.f_clk, cycles * self.e_bram, {"memory": cycles / self.f_clk})

    def plasticity(self, op: Plasticity) -> Cost:
        """Per change: the weight read and written, its arithmetic; ``lanes`` changes at a time."""
        cycles = ceiling(op.changes / self.lanes) * 2
        energy = op.changes * (2 * self.e_bram + op.add * op.bits * self.e_lut + op.multiply * self.e_dsp)
        return Cost(cycles / self.f_clk, energy + self.clocked(cycles), {"plasticity": cycles / self.f_clk})

    def bits_of(self, facts: Facts) -> Value:
        """Bits of a weight as the network gives them, or the device's own."""
        return self.weight_bits if facts.widest is None else facts.widest

    def resources(self, facts: Facts) -> dict[str, Value]:
        """LUTs, flip-flops, memory blocks and multipliers of one core per layer, as `rtl.dense_cost` has them.

        A neuron with more arithmetic than a leaky integrate-and-fire's two additions takes an adder for each further addition,
        a multiplier for each product beyond the leak (or bits² LUTs where the part has none).
        """
        bits, lanes, n = self.bits_of(facts), self.lanes, facts.layer_neurons
        inputs = facts.layer_weight_bits / (bits * n)  # weights stored per neuron: a convolution keeps fewer than it has inputs
        adders, products = maximum(facts.layer_add - 2, 0.0), maximum(facts.layer_multiply - 2, 0.0)
        has_dsps = self.dsps > 0
        luts = dense_cost.luts(inputs, n, lanes, bits, self.state_bits) + lanes * adders * self.state_bits
        luts = luts + lanes * products * (0.0 if has_dsps else self.state_bits**2)
        ffs = dense_cost.flip_flops(inputs, n, lanes, bits, self.state_bits) + lanes * (adders + products) * self.state_bits
        depth = ceiling(facts.layer_weight_bits / (lanes * bits))
        weights = dense_cost.bram_blocks(depth, lanes * bits, self.bram_bits, self.bram_width)
        groups = dense_cost.groups(n, lanes)
        states = dense_cost.bram_blocks(groups, lanes * self.state_bits * facts.layer_states, self.bram_bits, self.bram_width)
        return {
            "luts": ceiling(luts).sum(axis=0),
            "ffs": ceiling(ffs).sum(axis=0),
            "brams": (weights + states).sum(axis=0) + ceiling(8 * facts.kept_bytes / self.bram_bits),
            "dsps": (lanes * products * has_dsps).sum(axis=0),
        }

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
                narrow = type(self)({**{key: getattr(self, key) for key in self.params}, "lanes": 1})
                mends = float(narrow.resources(facts)[name].max()) <= has
                found.append(Limit(name, needs, has, (("--set lanes=1",) if mends else ()) + levers[name]))
        return found


DEVICE = FPGA
