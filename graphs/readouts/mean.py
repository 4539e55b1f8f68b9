"""The mean over time."""

from typing import TYPE_CHECKING

from costmodel.graphs.readouts.readout import Readout

if TYPE_CHECKING:
    import torch


class Mean(Readout):
    """The mean over all steps: of spikes their rate."""

    type: str = "mean"

    def scores(self, sent: "torch.Tensor", dt: float) -> "torch.Tensor":
        """The means."""
        return sent.mean(dim=0)
