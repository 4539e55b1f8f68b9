"""SpiNNaker and SpiNNaker 2: neurons as software on small ARM cores."""

from costmodel.devices.bases.manycore import Manycore
from costmodel.devices.device import Facts, Param, Run
from costmodel.graphs.equations.algebra import Value, ceiling, maximum, slowest
from costmodel.graphs.lowering.operators import Neurons, Operator

NO_TICK = 1e-9
"""Share of a step's work below which a tick is none: steps follow one another as they are done."""


class SpiNNaker(Manycore):
    """Each core runs a loop over its neurons once per tick, and an interrupt per incoming spike that walks a synaptic row.

    Where a core does not finish in a tick, ticks are made longer by a whole factor, for all cores (sPyNNaker's time scale factor);
    else they would drop spikes and fall out of phase. A neuron's update is a fixed overhead and its own arithmetic, so a
    Hodgkin-Huxley neuron costs what its exponentials cost.
    (Furber et al., "The SpiNNaker project", Proc. IEEE 102, 2014.)
    """

    paced = True

    t_op = Param("s", "time of an addition, multiplication or comparison")
    e_op = Param("J", "energy of an addition, multiplication or comparison")
    ops_per_divide = Param("1", "what a division costs in additions")
    ops_per_exponential = Param("1", "what an exponential costs in additions")
    synapse_word = Param("1", "bits of a synaptic word: weight, delay and target", whole=True)

    def step(self, run: Run) -> Value:
        """t_tick · ⌈work / t_tick⌉ + t_host, work that of the slowest core: real time, or a whole factor slower."""
        work = slowest(self.work(run, run.time)) + self.t_barrier
        ticks = ceiling(work / maximum(self.t_tick, work * NO_TICK))
        return maximum(self.t_tick, work, ticks * self.t_tick) + self.t_host + run.host()

    def layer_memory(self, op: Operator | Facts) -> Value:
        """A synaptic word for every connection: weights are not shared."""
        return op.layer_connections * self.synapse_word

    def arithmetic(self, op: Neurons) -> Value:
        """A neuron's operations in additions."""
        simple = op.add + op.multiply + op.compare
        return simple + op.divide * self.ops_per_divide + op.exponential * self.ops_per_exponential

    def update_time(self, op: Neurons) -> Value:
        """t_update + arithmetic · t_op."""
        return self.t_update + self.arithmetic(op) * self.t_op

    def update_energy(self, op: Neurons) -> Value:
        """e_update + arithmetic · e_op."""
        return self.e_update + self.arithmetic(op) * self.e_op


DEVICE = SpiNNaker
