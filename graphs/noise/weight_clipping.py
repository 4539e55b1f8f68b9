"""Weights of limited range."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.noise.noise import Noise

if TYPE_CHECKING:
    import torch


class WeightClipping(Noise):
    """Weights saturate at ± limit; what lies beyond has no gradient."""

    type: str = "weight-clipping"
    limit: float = Field(gt=0, allow_inf_nan=False)

    def weights(self, weight: "torch.Tensor", dice: "torch.Generator") -> "torch.Tensor":
        """The weights within the limit."""
        return weight.clamp(-self.limit, self.limit)
