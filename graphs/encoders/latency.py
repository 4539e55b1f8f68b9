"""One spike, whose time is the value."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.encoders.encoder import Encoder, still
from costmodel.graphs.settings.fields import Seconds

if TYPE_CHECKING:
    import torch


ROUNDING = 1e-4
"""Part of a step by which times may lie before its start and still belong to it: what single precision loses."""


class Latency(Encoder):
    """One spike an element, at t = at_zero + (at_one − at_zero) · value; by default the largest values come first.

    (Thorpe, Delorme & Van Rullen, "Spike-based strategies for rapid processing", Neural Networks 14, 2001.)
    """

    type: str = "latency"
    at_zero: Seconds | None = Field(default=None, ge=0, description="time of the value 0, s; by default the last step")
    at_one: Seconds = Field(default=0.0, ge=0, description="time of the value 1, s")
    silent: float | None = Field(default=None, allow_inf_nan=False, description="values at or below it do not spike")

    @property
    def once(self) -> bool:
        """An element spikes once."""
        return True

    @property
    def differentiable(self) -> bool:
        """Spike times are linear; in time steps they have no gradient."""
        return True

    def times(self, values: "torch.Tensor", steps: int, dt: float) -> "torch.Tensor":
        """The linear map; infinite at or below ``silent``."""
        value = still(values, self.type)
        at_zero = (steps - 1) * dt if self.at_zero is None else self.at_zero
        found = at_zero + (self.at_one - at_zero) * value
        return found if self.silent is None else found.masked_fill(value <= self.silent, float("inf"))

    def encode(self, values: "torch.Tensor", steps: int, dt: float, dice: "torch.Generator") -> "torch.Tensor":
        """A spike in the step that holds its time; what comes after the last step is lost."""
        import torch

        step = (self.times(values, steps, dt).double() / dt + ROUNDING).floor()
        clock = torch.arange(steps, dtype=step.dtype, device=step.device).reshape(-1, *(1 for _ in step.shape))
        return (clock == step).to(values.dtype)
