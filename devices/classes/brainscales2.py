"""BrainScaleS-2: accelerated analog neurons and synapses."""

from costmodel.devices.bases.interface import EventInterface
from costmodel.devices.bases.schedules import Physical
from costmodel.devices.device import Cost, Facts, Limit, Param, more_chips, too_wide
from costmodel.graphs.equations.algebra import Value, ceiling
from costmodel.graphs.lowering.operators import Memory, Neurons, Plasticity, Pooling, Synapses, Transfer


class BrainScaleS2(EventInterface, Physical):
    """Analog neurons a thousand times faster than biology; neuron circuits are joined where one has too few synapses.

    (Pehle et al., "The BrainScaleS-2 accelerated neuromorphic system with hybrid plasticity", Front. Neurosci. 16, 2022.)
    """

    circuits = Param("1", "neuron circuits of a chip", whole=True)
    synapses_per_circuit = Param("1", "synapses of a neuron circuit", whole=True)
    rows_per_weight = Param("1", "synapses that a signed weight takes", whole=True)
    e_synop = Param("J", "energy of a synapse's current pulse")
    e_spike = Param("J", "energy of a neuron's spike")
    t_change = Param("s", "time of the plasticity processor for the weight changes of one synapse row entry")
    e_change = Param("J", "energy of one weight change")

    def circuits_of(self, op: Facts) -> Value:
        """Circuits of a layer: neurons · ⌈fan-in · rows_per_weight / synapses_per_circuit⌉."""
        return op.layer_neurons * ceiling(op.layer_fan_in * self.rows_per_weight / self.synapses_per_circuit)

    def synapses(self, op: Synapses) -> Cost:
        """Every event crosses the link to its row of synapses, and drives it."""
        time = op.events * self.t_event
        return Cost(time, op.events * self.e_event + op.synops * self.e_synop, {"events": time})

    def neurons(self, op: Neurons) -> Cost:
        """Membranes are physics; a spike crosses the link where it is received."""
        nothing = 0 * op.spikes * self.t_event
        return Cost(nothing, op.spikes * self.e_spike, {"events": nothing})

    def pooling(self, op: Pooling) -> Cost:
        """Pools are wiring: each event passes the link."""
        time = op.events * self.t_event
        return Cost(time, op.events * self.e_event, {"events": time})

    def memory(self, op: Memory) -> Cost:
        """Delays are kept by the event controller: each event passes it."""
        time = op.events * self.t_event
        return Cost(time, op.events * self.e_event, {"events": time})

    def transfer(self, op: Transfer) -> Cost:
        """Answers cross the link; inputs do so on the way to their synapses, and are counted there."""
        time = op.outgoing * op.events * self.t_event
        return Cost(time, op.outgoing * op.events * self.e_event, {"host": time})

    def plasticity(self, op: Plasticity) -> Cost:
        """The plasticity processor changes weights from correlation sensors in each synapse."""
        time = op.changes * self.t_change
        return Cost(time, op.changes * self.e_change, {"plasticity": time})

    def resources(self, facts: Facts) -> dict[str, Value]:
        """Neuron circuits and synapses in use."""
        return {"circuits": self.circuits_of(facts).sum(axis=0), "synapses": facts.connections * self.rows_per_weight}

    def used(self, facts: Facts) -> Value:
        """Neuron circuits in use, of those there are."""
        return self.circuits_of(facts).sum(axis=0) / (self.circuits * self.chips)

    def limits(self, facts: Facts) -> list[Limit]:
        """Neuron circuits and weight bits."""
        found = too_wide(facts, self.weight_bits)
        needs, has = float(self.resources(facts)["circuits"].max()), float(self.circuits * self.chips)
        if needs > has:
            width = int(self.synapses_per_circuit // self.rows_per_weight)
            levers = (more_chips(needs, has, self.chips), "fewer neurons", f"fan-in ≤ {width}, for a neuron of one circuit")
            found.append(Limit("neuron circuits", needs, has, levers))
        return found


DEVICE = BrainScaleS2
