"""Random spikes at a rate."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.encoders.encoder import Encoder, spread
from costmodel.graphs.settings.fields import Hertz

if TYPE_CHECKING:
    import torch


class Poisson(Encoder):
    """At each step a spike with probability value × rate × dt, at most 1 (a Bernoulli draw: a Poisson process seen in bins)."""

    type: str = "poisson"
    rate: Hertz | None = Field(default=None, gt=0, description="rate of the value 1, Hz; by default one spike a step")

    @property
    def differentiable(self) -> bool:
        """A spike has the gradient of its probability."""
        return True

    def encode(self, values: "torch.Tensor", steps: int, dt: float, dice: "torch.Generator") -> "torch.Tensor":
        """Spikes, drawn for every element and step."""
        import torch

        chance = spread(values if self.rate is None else values * (self.rate * dt), steps)
        drawn = torch.rand(chance.shape, generator=dice, dtype=values.dtype).to(values.device)
        spikes = (drawn < chance).to(values.dtype)
        return spikes if not values.requires_grad else chance + (spikes - chance).detach()
