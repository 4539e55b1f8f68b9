"""Spikes that are already there."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.encoders.encoder import Encoder, spread

if TYPE_CHECKING:
    import torch


class Events(Encoder):
    """A spike wherever the value is above the threshold: frames of an event camera, or a still image made black and white."""

    type: str = "events"
    threshold: float = Field(default=0.5, allow_inf_nan=False, description="values above it are spikes")

    def encode(self, values: "torch.Tensor", steps: int, dt: float, dice: "torch.Generator") -> "torch.Tensor":
        """1 where the value is above the threshold."""
        return spread((values > self.threshold).to(values.dtype), steps)
