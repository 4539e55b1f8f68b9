"""A field-programmable analog array: floating-gate switches that are also synapses, transconductors that are neurons."""

from devices.device import Cost, Facts, Limit, Param, Run, more_chips, too_wide
from devices.interface import EventInterface
from devices.schedules import Physical
from graphs.algebra import Value
from graphs.operators import Memory, Neurons, Plasticity, Pooling, Synapses


class FPAA(EventInterface, Physical):
    """Neurons are built from the amplifiers of computational analog blocks (CABs), weights are floating-gate currents.

    (George et al., "A programmable and configurable mixed-mode FPAA SoC", IEEE TVLSI 24, 2016.)
    """

    cabs = Param("1", "computational analog blocks of a chip", whole=True)
    neurons_per_cab = Param("1", "neurons that a block's amplifiers make")
    crosspoints = Param("1", "floating-gate crosspoints that can be weights", whole=True)
    v_dd = Param("V", "supply voltage")
    i_neuron = Param("A", "bias current of a neuron: its transconductors and comparator")
    c_membrane = Param("F", "membrane capacitance")
    v_swing = Param("V", "voltage swing of a membrane at a spike")
    e_synop = Param("J", "energy of a synaptic current pulse")

    def static_energy(self, run: Run) -> Value:
        """(p_static · chips + neurons · v_dd · i_neuron) · period."""
        return (self.p_static * self.chips + run.neurons * self.v_dd * self.i_neuron) * self.period(run)

    def synapses(self, op: Synapses) -> Cost:
        """Currents add on a wire: no time of their own; each synaptic event costs its pulse."""
        nothing = 0 * op.synops * self.t_event
        return Cost(nothing, op.synops * self.e_synop, {"events": nothing})

    def neurons(self, op: Neurons) -> Cost:
        """A spike charges the membrane through its swing: c_membrane · v_swing · v_dd."""
        nothing = 0 * op.spikes * self.t_event
        return Cost(nothing, op.spikes * self.c_membrane * self.v_swing * self.v_dd, {"events": nothing})

    def pooling(self, op: Pooling) -> Cost:
        """Wiring."""
        nothing = 0 * op.events * self.t_event
        return Cost(nothing, op.events * self.e_synop, {"events": nothing})

    def memory(self, op: Memory) -> Cost:
        """Delays go through the digital interface."""
        time = op.events * self.t_event
        return Cost(time, op.events * self.e_event, {"events": time})

    def plasticity(self, op: Plasticity) -> Cost:
        """Weights change through the digital interface."""
        time = op.changes * self.t_event
        return Cost(time, op.changes * self.e_event, {"plasticity": time})

    def resources(self, facts: Facts) -> dict[str, Value]:
        """Blocks and crosspoints in use."""
        return {"cabs": facts.neurons / self.neurons_per_cab, "crosspoints": facts.connections}

    def limits(self, facts: Facts) -> list[Limit]:
        """Blocks, crosspoints and weight bits."""
        found = too_wide(facts, self.weight_bits)
        neurons, has = float(facts.neurons), float(self.cabs * self.neurons_per_cab * self.chips)
        if neurons > has:
            found.append(Limit("neurons", neurons, has, (more_chips(neurons, has, self.chips), f"at most {int(has)} neurons")))
        weights, has = float(facts.connections), float(self.crosspoints * self.chips)
        if weights > has:
            found.append(Limit("synapses", weights, has, (more_chips(weights, has, self.chips), "sparser connections")))
        return found


DEVICE = FPAA
