"""Spikes counted."""

from typing import TYPE_CHECKING

from costmodel.graphs.readouts.readout import Readout

if TYPE_CHECKING:
    import torch


class Count(Readout):
    """The sum over all steps: of spikes their number."""

    type: str = "count"

    def scores(self, sent: "torch.Tensor", dt: float) -> "torch.Tensor":
        """The sums."""
        return sent.sum(dim=0)
