"""A leaky integrator behind the output."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.readouts.readout import Readout
from costmodel.graphs.settings.fields import Seconds

if TYPE_CHECKING:
    import torch


class LeakyIntegrator(Readout):
    """A trace of the output's spikes, x(t) = Σ exp(−(t − t_k) / τ) over the spikes at t_k, read at the last step."""

    type: str = "leaky-integrator"
    tau: Seconds = Field(default=20e-3, gt=0, description="time constant, s")

    def scores(self, sent: "torch.Tensor", dt: float) -> "torch.Tensor":
        """The trace after the last step."""
        import torch

        age = torch.arange(len(sent) - 1, -1, -1, dtype=sent.dtype, device=sent.device)
        return torch.einsum("t,t...->...", torch.exp(age * (-dt / self.tau)), sent)
