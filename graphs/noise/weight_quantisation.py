"""Weights of few bits."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, Strict

from costmodel.graphs.noise.noise import Noise, straight_through

if TYPE_CHECKING:
    import torch


class WeightQuantisation(Noise):
    """Weights rounded to the nearest of 2^bits − 1 levels, evenly spaced from −w_max to w_max, of each layer's own w_max."""

    type: str = "weight-quantisation"
    bits: Annotated[int, Strict()] = Field(ge=2, le=32)

    def weights(self, weight: "torch.Tensor", dice: "torch.Generator") -> "torch.Tensor":
        """The levels; gradients pass straight through."""
        step = weight.detach().abs().max().clamp(min=1e-30) / (2 ** (self.bits - 1) - 1)
        return straight_through((weight / step).round() * step, weight)
