"""A sensor that degrades."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.noise.noise import Noise, normal

if TYPE_CHECKING:
    import torch


class Dynamic(Noise):
    """Normal noise on the samples whose mean and deviation drift, in proportion, from the run's first batch to its last."""

    type: str = "dynamic"
    mean: float = Field(default=0.0, allow_inf_nan=False, description="at the start")
    deviation: float = Field(default=0.0, ge=0, allow_inf_nan=False, description="at the start")
    final_mean: float = Field(default=0.0, allow_inf_nan=False, description="at the end")
    final_deviation: float = Field(ge=0, allow_inf_nan=False, description="at the end")

    def values(self, values: "torch.Tensor", progress: float, dice: "torch.Generator") -> "torch.Tensor":
        """The samples and the noise that has come so far."""
        mean = self.mean + (self.final_mean - self.mean) * progress
        deviation = self.deviation + (self.final_deviation - self.deviation) * progress
        return values + mean + deviation * normal(values, dice)
