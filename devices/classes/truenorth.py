"""IBM's TrueNorth."""

from costmodel.devices.bases.manycore import Manycore
from costmodel.devices.device import Facts
from costmodel.graphs.equations.algebra import Value, ceiling
from costmodel.graphs.lowering.operators import Operator, Synapses


class TrueNorth(Manycore):
    """Cores of 256 axons × 256 neurons, a crossbar bit for every pair, in steps of a fixed tick.

    (Merolla et al., Science 345, 2014; Cassidy et al., IJCNN 2013.)
    """

    def layer_memory(self, op: Operator | Facts) -> Value:
        """None: the crossbar of a core holds every connection that its axons and neurons can have."""
        return 0 * op.layer_neurons

    def destinations(self, op: Synapses) -> Value:
        """⌈fan-out / neurons_per_core⌉: an event goes to one axon, which feeds all neurons of its core (Merolla et al. 2014)."""
        return ceiling(op.fan_out / self.neurons_per_core)


DEVICE = TrueNorth
