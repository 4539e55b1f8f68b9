"""Conductances that vary from read to read."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.noise.noise import Noise, normal

if TYPE_CHECKING:
    import torch


class ReadVariation(Noise):
    """Memristor read noise: in every pass each weight is multiplied by a normal number around 1."""

    type: str = "read-variation"
    deviation: float = Field(ge=0, allow_inf_nan=False, description="relative")

    def weights(self, weight: "torch.Tensor", dice: "torch.Generator") -> "torch.Tensor":
        """The weights of one pass."""
        return weight * (1 + self.deviation * normal(weight, dice))
