"""Many-core neuromorphic chips in lockstep: what Loihi, TrueNorth and SpiNNaker share."""

from costmodel.devices.bases.schedules import Lockstep
from costmodel.devices.device import Cost, Facts, Limit, Param, at_least_one, more_chips, too_wide
from costmodel.graphs.equations.algebra import Value, ceiling, exp, maximum, minimum, sqrt
from costmodel.graphs.lowering.operators import Memory, Neurons, Operator, Plasticity, Pooling, Synapses, Transfer


class Manycore(Lockstep):
    """A layer is spread evenly over as few cores as hold its neurons and weights; a spike goes to those it reaches."""

    cores = Param("1", "cores of one chip", whole=True)
    neurons_per_core = Param("1", "neurons that a core holds", whole=True)
    core_memory = Param("B", "synapse memory of a core")
    fan_in = Param("1", "most inputs of a neuron", whole=True)
    t_synop = Param("s", "time of a synaptic operation on its core")
    t_update = Param("s", "time of a neuron update on its core")
    t_spike = Param("s", "time to send a spike")
    t_receive = Param("s", "time for a core to take in a spike, before its synaptic operations")
    t_hop = Param("s", "time of a spike from router to router")
    e_synop = Param("J", "energy of a synaptic operation")
    e_update = Param("J", "energy of a neuron update")
    e_spike = Param("J", "energy to send a spike")
    e_receive = Param("J", "energy for a core to take in a spike")
    e_hop = Param("J", "energy of a spike from router to router")
    t_event = Param("s", "time to bring one input event onto the chip")
    e_event = Param("J", "energy to bring one input event onto the chip")

    def layer_memory(self, op: Operator | Facts) -> Value:
        """Bits of synapse memory that a layer takes: each weight once."""
        return op.layer_weight_bits

    def cores_needed(self, op: Operator | Facts) -> Value:
        """Fewest cores of a layer: max(1, ⌈neurons / neurons_per_core⌉, ⌈weight bits / (8 core_memory)⌉)."""
        by_neurons = ceiling(op.layer_neurons / self.neurons_per_core)
        by_memory = ceiling(self.layer_memory(op) / (8 * self.core_memory))
        return at_least_one(maximum(by_neurons, by_memory))

    def cores_of(self, op: Operator | Facts) -> Value:
        """Cores of a layer: those it was given (``placement`` in the file, ``--set cores.NODE=N``), or the fewest."""
        return maximum(op.layer_cores, self.cores_needed(op))

    def hops(self, op: Operator) -> Value:
        """Mean way of a spike to a layer next to its own on a mesh: 1 + (2/3) √cores (two random points of a square)."""
        return 1 + 2 * sqrt(self.cores_of(op)) / 3

    def reached(self, op: Synapses) -> Value:
        """Share of the layer's cores that an event goes to, if its connections are spread at random: 1 − (1 − 1/cores)^fan_out.

        As 1 − e^(−fan_out / (cores − 1/2)), within 2 % of that, and at least min(1, fan_out) / cores.
        """
        cores = self.cores_of(op)
        return maximum(1 - exp(-op.fan_out / (cores - 0.5)), minimum(1, op.fan_out) / cores)

    def destinations(self, op: Synapses) -> Value:
        """Cores that an event goes to: reached · cores."""
        return self.reached(op) * self.cores_of(op)

    def synapses(self, op: Synapses) -> Cost:
        """Every event travels ``hops`` to each core that it has to do with, which takes it in; the cores share the operations."""
        work = op.synops / self.cores_of(op) * self.t_synop
        receive, way = op.events * self.reached(op) * self.t_receive, self.hops(op) * self.t_hop
        messages = op.events * self.destinations(op)
        energy = op.synops * self.e_synop + messages * (self.hops(op) * self.e_hop + self.e_receive)
        return Cost(work + receive + way, energy, {"synapses": work, "reception": receive, "hops": way})

    def update_time(self, op: Neurons) -> Value:
        """Time of one neuron's update."""
        return op.substeps * self.t_update

    def update_energy(self, op: Neurons) -> Value:
        """Energy of one neuron's update."""
        return op.substeps * self.e_update

    def neurons(self, op: Neurons) -> Cost:
        """Per core neurons / cores updates, and its share of the spikes."""
        work = op.neurons / self.cores_of(op) * self.update_time(op)
        send = op.spikes / self.cores_of(op) * self.t_spike
        return Cost(work + send, op.neurons * self.update_energy(op) + op.spikes * self.e_spike, {"neurons": work, "spikes": send})

    def pooling(self, op: Pooling) -> Cost:
        """Pools are folded into the connections behind them: each event costs one synaptic operation."""
        work = op.events / self.cores_of(op) * self.t_synop
        return Cost(work, op.events * self.e_synop, {"synapses": work})

    def memory(self, op: Memory) -> Cost:
        """Delays are kept in the synapse memory's delay slots: reading one is part of the synaptic operation."""
        nothing = 0 * op.events * self.t_synop
        return Cost(nothing, 0 * op.events * self.e_synop, {"synapses": nothing})

    def transfer(self, op: Transfer) -> Cost:
        """events · t_event."""
        time = op.events * self.t_event
        return Cost(time, op.events * self.e_event, {"host": time})

    def plasticity(self, op: Plasticity) -> Cost:
        """A weight change is read, computed and written by the core: as many synaptic operations as it has arithmetic."""
        changes = op.changes * op.operations
        work = changes / self.cores_of(op) * self.t_synop
        return Cost(work, changes * self.e_synop, {"plasticity": work})

    def resources(self, facts: Facts) -> dict[str, Value]:
        """Cores in use, and bytes of weights."""
        return {"cores": self.cores_of(facts).sum(axis=0), "bytes": facts.stored_bits / 8}

    def placement(self, facts: Facts) -> dict[str, Value]:
        """Layer → its cores."""
        return dict(zip(facts.layer_names, self.cores_of(facts), strict=True))

    def used(self, facts: Facts) -> Value:
        """Cores in use, of those there are."""
        return self.cores_of(facts).sum(axis=0) / (self.cores * self.chips)

    def limits(self, facts: Facts) -> list[Limit]:
        """Cores, those of a layer too, fan-in, weight bits."""
        found = too_wide(facts, self.weight_bits)
        for name, given, fewest in zip(facts.layer_names, facts.layer_cores, self.cores_needed(facts), strict=True):
            if 0 < given.max() < fewest.max():
                lever = f"--set cores.{name}={fewest.max():g}"
                found.append(Limit(f"cores of {name}", float(fewest.max()), float(given.max()), (lever,)))
        needs, has = float(self.resources(facts)["cores"].max()), float(self.cores * self.chips)
        if needs > has:
            found.append(Limit("cores", needs, has, (more_chips(needs, has, self.chips), "fewer neurons", "fewer bits")))
        widest = float(facts.layer_fan_in.max(initial=0.0))
        if widest > self.fan_in:
            found.append(Limit("fan-in", widest, float(self.fan_in), (f"layers of at most {self.fan_in:g} inputs", "convolutions")))
        return found
