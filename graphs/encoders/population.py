"""A value as the activity of several neurons."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, Strict

from costmodel.graphs.encoders.encoder import ENCODERS, AnyEncoder, Encoder, Shape
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    import torch


class PopulationCode(Encoder):
    """Gaussian receptive fields (radial basis functions) over 0 … 1; each activity then goes through another encoder.

    a_i = exp(−(x − c_i)² / 2 σ²),  c_i = (2 i − 3) / (2 (m − 2)),  i = 1 … m,  σ = 1 / (β (m − 2)),  β = 1.5.
    (Bohté, Kok & La Poutré, "Error-backpropagation in temporally encoded networks of spiking neurons", Neurocomputing 48, 2002.)

    The last axis of the input holds the ``neurons`` of the first value, then those of the second, and so on.
    """

    type: str = "population"
    neurons: Annotated[int, Strict()] = Field(default=8, ge=3, le=2**20, description="neurons per value, m")
    then: AnyEncoder = Field(default_factory=lambda: ENCODERS.read("poisson"), description="encoder of the activities")

    @property
    def spiking(self) -> bool:
        """As the encoder of the activities."""
        return self.then.spiking

    @property
    def once(self) -> bool:
        """As the encoder of the activities."""
        return self.then.once

    @property
    def differentiable(self) -> bool:
        """As the encoder of the activities."""
        return self.then.differentiable

    def sample_shape(self, shape: Shape) -> Shape:
        """The last axis is m times shorter."""
        if shape[-1] % self.neurons:
            what = f"{shape[-1]} inputs do not hold {self.neurons} neurons per value"
            raise InputError(what, mend="make the input's last axis a multiple of them")
        return self.then.sample_shape((*shape[:-1], shape[-1] // self.neurons))

    def activity(self, values: "torch.Tensor") -> "torch.Tensor":
        """a_i of every value: (…, n) becomes (…, n m)."""
        import torch

        m = self.neurons
        index = torch.arange(1, m + 1, dtype=values.dtype, device=values.device)
        centres, width = (2 * index - 3) / (2 * (m - 2)), 1 / (1.5 * (m - 2))
        return torch.exp(-(((values.unsqueeze(-1) - centres) / width) ** 2) / 2).flatten(-2)

    def encode(self, values: "torch.Tensor", steps: int, dt: float, dice: "torch.Generator") -> "torch.Tensor":
        """The activities, encoded."""
        return self.then.encode(self.activity(values), steps, dt, dice)

    def times(self, values: "torch.Tensor", steps: int, dt: float) -> "torch.Tensor":
        """The spike times of the activities."""
        return self.then.times(self.activity(values), steps, dt)
