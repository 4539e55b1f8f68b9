"""An event-driven digital core whose energy follows its technology node."""

from costmodel.devices.bases.interface import EventInterface
from costmodel.devices.bases.schedules import Serial
from costmodel.devices.device import Cost, Facts, Limit, Param, Run, more_chips, too_wide
from costmodel.graphs.equations.algebra import Value, sqrt
from costmodel.graphs.lowering.operators import Memory, Neurons, Plasticity, Pooling, Synapses


class ASIC(EventInterface, Serial):
    """One core works through events and neurons, ``lanes`` at a time; weights and membranes lie in its SRAM.

    Energies are those of a 45 nm process at 0.9 V (Horowitz, ISSCC 2014), scaled to the node and the supply by
    s = (node / 45 nm)^energy_exponent · (v_dd / 0.9 V)² (a fit to Stillmaker & Baas, Integration 58, 2017).
    """

    node = Param("m", "technology node")
    v_dd = Param("V", "supply voltage")
    f_clk = Param("Hz", "clock")
    e_clock = Param("J", "energy of the clock tree per cycle, drawn whether or not a core works")
    lanes = Param("1", "synaptic operations side by side", whole=True)
    cycles_per_synop = Param("1", "cycles of one synaptic operation")
    cycles_per_update = Param("1", "cycles of one neuron update, per arithmetic operation of the neuron")
    cores = Param("1", "cores side by side, each with its own neurons", whole=True)
    neurons_per_core = Param("1", "neurons of a core", whole=True)
    core_memory = Param("B", "synapse memory of a core")
    energy_exponent = Param("1", "exponent of energy over node")
    node_0 = Param("m", "node of the reference energies")
    v_0 = Param("V", "supply of the reference energies")
    e_add = Param("J", "energy of an addition, per bit, at the reference")
    e_multiply = Param("J", "energy of a multiplication, per bit of either factor, at the reference")
    e_sram = Param("J", "energy of a bit read or written in a SRAM of size_0, at the reference")
    size_0 = Param("B", "SRAM size of that energy; it grows with the root of the size")
    e_control = Param(
        "J", "energy of control and scheduling per synaptic operation, neuron update or weight change, at the reference"
    )
    ops_per_divide = Param("1", "what a division costs in additions")
    ops_per_exponential = Param("1", "what an exponential costs in additions")
    bit_area = Param("m**2", "area of a bit of SRAM, its periphery included")
    lane_area = Param("m**2", "area of a lane: adder, multiplier, control")

    def static_power(self, run: Run) -> Value:
        """And of its clocks: e_clock · f_clk · chips."""
        return super().static_power(run) + self.e_clock * self.f_clk * self.chips

    def scale(self) -> Value:
        """s = (node / node_0)^energy_exponent · (v_dd / v_0)²."""
        return (self.node / self.node_0) ** self.energy_exponent * (self.v_dd / self.v_0) ** 2

    def e_bit(self) -> Value:
        """Energy of a bit of the core's memory at the reference: e_sram · √(core_memory / size_0)."""
        return self.e_sram * sqrt(self.core_memory / self.size_0)

    def synapses(self, op: Synapses) -> Cost:
        """Per operation: a weight read, a membrane read and written, an addition (a multiplication too for values), control."""
        moved = (op.bits + 2 * self.state_bits) * self.e_bit()
        accumulate = self.state_bits * self.e_add + self.e_control
        multiply = op.bits * self.state_bits * self.e_multiply
        energy = self.scale() * (op.synops * (moved + accumulate) + op.macs * multiply)
        time = op.synops * self.cycles_per_synop / (self.lanes * self.cores * self.f_clk)
        return Cost(time, energy, {"synapses": time})

    def arithmetic(self, op: Neurons) -> Value:
        """A neuron's operations in additions."""
        return op.add + op.multiply + op.compare + op.divide * self.ops_per_divide + op.exponential * self.ops_per_exponential

    def neurons(self, op: Neurons) -> Cost:
        """Every state read and written and every operation done at each step; control once an update."""
        moved = 2 * op.states * op.bits * op.substeps * self.e_bit()
        multiply = op.multiply * op.bits**2 * self.e_multiply
        per_neuron = moved + multiply + self.arithmetic(op) * op.bits * self.e_add + op.substeps * self.e_control
        time = op.neurons * self.arithmetic(op) * self.cycles_per_update / (self.lanes * self.cores * self.f_clk)
        return Cost(time, self.scale() * op.neurons * per_neuron, {"neurons": time})

    def pooling(self, op: Pooling) -> Cost:
        """An address computed per event."""
        time = op.events / (self.lanes * self.cores * self.f_clk)
        return Cost(time, self.scale() * op.events * (self.state_bits * self.e_add + self.e_control), {"synapses": time})

    def memory(self, op: Memory) -> Cost:
        """Bits written and read."""
        time = 2 * op.elements * op.bits / self.state_bits / (self.lanes * self.cores * self.f_clk)
        return Cost(time, self.scale() * 2 * op.elements * op.bits * self.e_bit(), {"memory": time})

    def plasticity(self, op: Plasticity) -> Cost:
        """Per change: the weight read and written, its arithmetic done; control once."""
        per_change = 2 * op.bits * self.e_bit() + op.operations * self.state_bits * self.e_add + self.e_control
        time = op.changes * op.operations * self.cycles_per_update / (self.lanes * self.cores * self.f_clk)
        return Cost(time, self.scale() * op.changes * per_change, {"plasticity": time})

    def area(self, facts: Facts) -> Value | None:
        """Of the chip where it is known, else cores · (8 core_memory · bit_area + lanes · lane_area)."""
        if self.die_area is not None:
            return self.die_area * self.chips
        return self.chips * self.cores * (8 * self.core_memory * self.bit_area + self.lanes * self.lane_area)

    def limits(self, facts: Facts) -> list[Limit]:
        """Neurons, memory and weight bits."""
        found = too_wide(facts, self.weight_bits)
        neurons, has = float(facts.neurons), float(self.neurons_per_core * self.cores * self.chips)
        if neurons > has:
            found.append(Limit("neurons", neurons, has, (more_chips(neurons, has, self.chips), f"at most {int(has)} neurons")))
        needs, has = float(facts.stored_bits / 8), float(self.core_memory * self.cores * self.chips)
        if needs > has:
            found.append(Limit("weight memory", needs, has, (more_chips(needs, has, self.chips), "fewer bits", "fewer synapses")))
        return found


DEVICE = ASIC
