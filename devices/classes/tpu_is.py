"""A systolic accelerator whose inputs stay in the array."""

from costmodel.devices.classes.tpu import TPU, Streams
from costmodel.graphs.lowering.operators import Synapses


class InputStationary(TPU):
    """A TPU with the other operand at rest: tiles of input windows stay in the cells while the weights stream through."""

    def streams(self, op: Synapses) -> Streams:
        """Inputs over the cells, rows × (positions · batch); the columns of the weight matrix stream."""
        weights = super().streams(op)
        return Streams(weights.over_rows, weights.length, weights.over_columns)


DEVICE = InputStationary
