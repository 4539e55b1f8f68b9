"""IBM's TrueNorth."""

from typing import Any

from costmodel.devices.bases.manycore import Manycore
from costmodel.devices.device import Cost, Facts, Limit, Param, Run, at_least_one
from costmodel.graphs.equations.algebra import Value, ceiling, maximum, minimum
from costmodel.graphs.lowering.operators import Neurons, Operator, Synapses


class TrueNorth(Manycore):
    """Cores of 256 axons × 256 neurons, a crossbar bit for every pair, in steps of a fixed tick.

    A neuron hears the axons of its own core, and sends to one axon. So a layer of more inputs than a core has is split: cores sum a
    piece of the inputs each, further cores add the pieces, and where an input goes to several cores, splitter neurons copy it.
    Each takes a tick. (Merolla et al., Science 345, 2014; Cassidy et al., IJCNN 2013; corelets: Amir et al., IJCNN
    2013. Pieces are sent as spikes, so that a split layer is another network than the whole one: its costs are told, not its
    accuracy.) Power and energies go with the square of the supply voltage.
    """

    v_dd = Param("V", "supply voltage")
    v_0 = Param("V", "supply voltage of its powers and energies")

    def scale(self) -> Value:
        """(v_dd / v_0)²."""
        return (self.v_dd / self.v_0) ** 2

    def static_power(self, run: Run) -> Value:
        """Of the chip at its supply."""
        return super().static_power(run) * self.scale()

    def cost(self, op: Operator) -> Cost:
        """Of any operator at the chip's supply."""
        found = super().cost(op)
        return Cost(found.time, found.energy * self.scale(), found.bounds)

    def pieces(self, op: Any) -> Value:
        """Cores that a neuron's inputs are split over: ⌈fan-in of the layer / fan_in⌉."""
        return at_least_one(ceiling(op.layer_fan_in / self.fan_in))

    def split(self, op: Any) -> Value:
        """1 where inputs are split, else 0."""
        return minimum(1, self.pieces(op) - 1)

    def targets(self, op: Any) -> Value:
        """Cores that the neurons of a layer take: ⌈neurons / neurons_per_core⌉."""
        return at_least_one(ceiling(op.layer_neurons / self.neurons_per_core))

    def adders(self, op: Any) -> Value:
        """Neurons that add the pieces: as many as the layer has, where its inputs are split."""
        return self.split(op) * op.layer_neurons

    def copies(self, op: Any) -> Value:
        """Cores that an input is copied for: ⌈its connections / neurons_per_core⌉."""
        return at_least_one(ceiling(op.layer_connections / maximum(1, op.layer_inputs) / self.neurons_per_core))

    def splitters(self, op: Any) -> Value:
        """Neurons that copy inputs: one for each input and core that it goes to, where those are several."""
        return minimum(1, self.copies(op) - 1) * op.layer_inputs * self.copies(op)

    def cores_needed(self, op: Operator | Facts) -> Value:
        """pieces · targets, ⌈adders · pieces / fan_in⌉ for their axons, ⌈splitters / neurons_per_core⌉."""
        adding = ceiling(self.adders(op) * self.pieces(op) / self.fan_in)
        return self.pieces(op) * self.targets(op) + adding + ceiling(self.splitters(op) / self.neurons_per_core)

    def relays(self, layers: Any) -> Value:
        """A tick for each layer whose inputs are split, and one for each whose inputs are copied."""
        return (self.split(layers) + minimum(1, self.copies(layers) - 1)).sum(axis=0)

    def destinations(self, op: Synapses) -> Value:
        """⌈fan-out / neurons_per_core⌉: an event goes to one axon, which feeds all neurons of its core (Merolla et al. 2014)."""
        return ceiling(op.fan_out / self.neurons_per_core)

    def neurons(self, op: Neurons) -> Cost:
        """As on every chip of this kind, and what splitting adds: pieces · neurons + splitters updates, and as many times the
        spikes that there are."""
        found = super().neurons(op)
        more = self.adders(op) * self.pieces(op) + self.splitters(op)
        share = more / at_least_one(op.layer_neurons)
        way = self.e_spike + self.e_receive + self.hops(op) * self.e_hop
        return Cost(found.time, found.energy + op.substeps * more * self.e_update + op.spikes * share * way, found.bounds)

    def limits(self, facts: Facts) -> list[Limit]:
        """Cores and weight bits: what has too many inputs is split."""
        return [limit for limit in super().limits(facts) if limit.limit != "fan-in"]


DEVICE = TrueNorth
