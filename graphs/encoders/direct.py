"""Values as they are."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.encoders.encoder import Encoder, spread

if TYPE_CHECKING:
    import torch


class Direct(Encoder):
    """A current at every step: ``gain`` times the value, of any size and sign."""

    type: str = "direct"
    gain: float = Field(default=1.0, allow_inf_nan=False, description="factor on the values")

    @property
    def spiking(self) -> bool:
        """It sends values."""
        return False

    @property
    def differentiable(self) -> bool:
        """It is linear."""
        return True

    def encode(self, values: "torch.Tensor", steps: int, dt: float, dice: "torch.Generator") -> "torch.Tensor":
        """The values times the gain."""
        return spread(values if self.gain == 1 else self.gain * values, steps)
