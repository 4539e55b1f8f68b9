"""Thresholds that differ from neuron to neuron."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.noise.noise import Noise

if TYPE_CHECKING:
    import torch


class ThresholdSpread(Noise):
    """Fixed-pattern noise: every neuron's threshold is multiplied by a normal number around 1, drawn once; both phases see it."""

    type: str = "threshold-spread"
    deviation: float = Field(ge=0, lt=1, allow_inf_nan=False, description="relative")

    def parameters(self, name: str, value: "torch.Tensor", neurons: int, dice: "torch.Generator") -> "torch.Tensor":
        """Thresholds of their own, none below a tenth of what they should be."""
        import torch

        if name not in ("v_threshold", "threshold"):
            return value
        factor = 1 + self.deviation * torch.randn(neurons, generator=dice, dtype=value.dtype)
        return value * factor.clamp(min=0.1)
