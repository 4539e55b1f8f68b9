"""A sensor of given accuracy."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.noise.noise import Noise, normal

if TYPE_CHECKING:
    import torch


class Static(Noise):
    """Normal noise on the samples, of fixed mean and deviation."""

    type: str = "static"
    mean: float = Field(default=0.0, allow_inf_nan=False)
    deviation: float = Field(ge=0, allow_inf_nan=False)

    def values(self, values: "torch.Tensor", progress: float, dice: "torch.Generator") -> "torch.Tensor":
        """The samples and the noise."""
        return values + self.mean + self.deviation * normal(values, dice)
