"""Spikes that come early or late."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.noise.noise import Noise, normal
from costmodel.graphs.settings.fields import Seconds

if TYPE_CHECKING:
    import torch


class SpikeJitter(Noise):
    """Every spike is moved by a normal time; in a network of time steps to the nearest step, and two that meet become one.

    In loops spikes are not moved, for they cannot come before they were sent.
    """

    type: str = "spike-jitter"
    deviation: Seconds = Field(ge=0, description="s")

    def spikes(self, sent: "torch.Tensor", dt: float, dice: "torch.Generator") -> "torch.Tensor":
        """Spikes in other steps, each with the gradient of its own."""
        import torch

        clock = torch.arange(len(sent), device=sent.device).reshape(-1, *(1 for _ in sent.shape[1:]))
        moved = (normal(sent, dice) * (self.deviation / dt)).round().long()
        target = (clock + moved).clamp(0, len(sent) - 1)
        return torch.zeros_like(sent).scatter_add(0, target, sent).clamp(-1, 1)

    def times(self, times: "torch.Tensor", dice: "torch.Generator") -> "torch.Tensor":
        """Other times, none before the sample begins."""
        return (times + self.deviation * normal(times, dice)).clamp(min=0)
