"""A systolic accelerator whose sums stay in the array."""

from costmodel.devices.classes.tpu import TPU, Streams
from costmodel.graphs.equations.algebra import Value
from costmodel.graphs.lowering.operators import Synapses


class OutputStationary(TPU):
    """A TPU in which each cell keeps one sum: inputs and weights stream past each other."""

    def streams(self, op: Synapses) -> Streams:
        """Outputs over the cells, (positions · batch) × columns; the rows, which are summed over, stream."""
        weights = super().streams(op)
        return Streams(weights.length, weights.over_columns, weights.over_rows)

    def filling(self) -> Value:
        """Nothing is put in before: 0. Sums leave by wires of their own while the next tile begins, as SCALE-Sim 3 has it;
        Samajdar et al. 2020 shift them out through the array, which takes array_rows cycles more."""
        return 0 * self.array_rows


DEVICE = OutputStationary
