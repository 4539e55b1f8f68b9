"""The maximum over time."""

from typing import TYPE_CHECKING

from costmodel.graphs.readouts.readout import Readout

if TYPE_CHECKING:
    import torch


class Max(Readout):
    """The largest value over all steps: of a leaky integrator its highest potential."""

    type: str = "max"

    def scores(self, sent: "torch.Tensor", dt: float) -> "torch.Tensor":
        """The maxima."""
        return sent.amax(dim=0)
