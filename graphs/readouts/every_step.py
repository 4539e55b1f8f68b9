"""Every step."""

from typing import TYPE_CHECKING

from costmodel.graphs.readouts.readout import Readout

if TYPE_CHECKING:
    import torch


class EveryStep(Readout):
    """What the output sends at each step is that step's answer: for sequences that are predicted."""

    type: str = "every-step"

    @property
    def every_step(self) -> bool:
        """It reads at every step."""
        return True

    def scores(self, sent: "torch.Tensor", dt: float) -> "torch.Tensor":
        """All of it, (T, batch, K)."""
        return sent
