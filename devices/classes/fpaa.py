"""A field-programmable analog array: floating-gate switches that are also synapses, transconductors that are neurons."""

from costmodel.devices.bases.interface import EventInterface
from costmodel.devices.bases.schedules import Physical
from costmodel.devices.circuits.firing import static_power
from costmodel.devices.device import Cost, Facts, Limit, Param, Run, more_chips, too_wide
from costmodel.graphs.equations.algebra import Value
from costmodel.graphs.lowering.operators import Memory, Neurons, Plasticity, Pooling, Synapses


class FPAA(EventInterface, Physical):
    """Neurons are built from the amplifiers of computational analog blocks (CABs), weights are floating-gate currents.

    The neuron is that of `devices.circuits.ota_lif`, whose closed forms SPICE confirms (docs/analog.md).
    (George et al., "A programmable and configurable mixed-mode FPAA SoC", IEEE TVLSI 24, 2016.)
    """

    cabs = Param("1", "computational analog blocks of a chip", whole=True)
    neurons_per_cab = Param("1", "neurons that a block's amplifiers make")
    crosspoints = Param("1", "floating-gate crosspoints that can be weights", whole=True)
    v_dd = Param("V", "supply voltage")
    i_leak = Param("A", "bias current of a neuron's leak")
    i_bias = Param("A", "bias current of a neuron's comparator")
    v_thermal = Param("V", "thermal voltage, kT/q")
    kappa = Param("1", "gate coupling of subthreshold transistors", zero=False, high=1.0)
    c_membrane = Param("F", "membrane capacitance")
    c_comparator = Param("F", "capacitance at a comparator's output")
    v_threshold = Param("V", "threshold above the reset: the swing of a membrane at a spike")
    e_synop = Param("J", "energy of a synaptic current pulse")

    def static_power(self, run: Run) -> Value:
        """And neurons · P, P that of `devices.circuits.ota_lif` at rest: v_dd i_leak, and v_dd i_bias
        (2 − tanh(κ v_threshold / 2 U_T)) of the comparator."""
        comparator = static_power(self.v_dd, self.i_bias, self.v_threshold, self.kappa, self.v_thermal)
        return super().static_power(run) + run.neurons * (self.v_dd * self.i_leak + comparator)

    def synapses(self, op: Synapses) -> Cost:
        """Currents add on a wire: no time of their own; each synaptic event costs its pulse."""
        nothing = 0 * op.synops * self.t_event
        return Cost(nothing, op.synops * self.e_synop, {"events": nothing})

    def neurons(self, op: Neurons) -> Cost:
        """A spike charges the membrane to its threshold and the comparator's output to the supply, both from v_dd:
        (c_membrane · v_threshold + c_comparator · v_dd) · v_dd; what biases take besides is static."""
        nothing = 0 * op.spikes * self.t_event
        charge = self.c_membrane * self.v_threshold + self.c_comparator * self.v_dd
        return Cost(nothing, op.spikes * charge * self.v_dd, {"events": nothing})

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
