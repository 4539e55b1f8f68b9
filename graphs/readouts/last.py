"""The last step."""

from typing import TYPE_CHECKING

from costmodel.graphs.readouts.readout import Readout

if TYPE_CHECKING:
    import torch


class Last(Readout):
    """The value at the last step."""

    type: str = "last"

    def scores(self, sent: "torch.Tensor", dt: float) -> "torch.Tensor":
        """The last values."""
        return sent[-1]
