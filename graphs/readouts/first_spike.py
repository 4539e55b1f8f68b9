"""The first spike."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.readouts.readout import Readout
from costmodel.graphs.settings.fields import Seconds

if TYPE_CHECKING:
    import torch


class FirstSpike(Readout):
    """Who spikes first is the answer: the score is −t / softness, so that a softmax of the scores is that of Göltz et al.

    (Göltz et al., "Fast and energy-efficient neuromorphic deep learning with first-spike times", Nat. Mach. Intell. 3, 2021, eq. 3,
    where the softness is ξ τ_s.) A neuron that does not spike counts as one that does when the sample ends.
    """

    type: str = "first-spike"
    softness: Seconds | None = Field(default=None, gt=0, description="time that makes a difference, s; by default 1/20 of a sample")

    def scores(self, sent: "torch.Tensor", dt: float) -> "torch.Tensor":
        """With t the steps before the first spike, dt Σ_t Π_{k ≤ t} (1 − s_k): exact for spikes, and differentiable in them."""
        waiting = (1 - sent).cumprod(dim=0).sum(dim=0) * dt
        return self.scores_of_times(waiting, len(sent) * dt)

    def scores_of_times(self, times: "torch.Tensor", duration: float) -> "torch.Tensor":
        """−t / softness."""
        return -times.clamp(max=duration) / (self.softness or duration / 20)
