"""Spikes at changes."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.encoders.encoder import Encoder, spread

if TYPE_CHECKING:
    import torch


class Delta(Encoder):
    """Send on delta: +1 or −1 where the value has moved by the threshold from what the receiver knows, which then follows by it.

    (Corradi & Indiveri, "A neuromorphic event-based neural recording system for smart brain-machine interfaces", IEEE Trans.
    Biomed. Circuits Syst. 9, 2015.)
    """

    type: str = "delta"
    threshold: float = Field(default=0.1, gt=0, allow_inf_nan=False, description="change that makes an event")

    def encode(self, values: "torch.Tensor", steps: int, dt: float, dice: "torch.Generator") -> "torch.Tensor":
        """−1, 0 or 1 at every step, at most one event of an element a step; what is known starts at 0."""
        import torch

        known, sent = torch.zeros_like(values[0]), []
        for value in spread(values, steps):
            change = value - known
            event = torch.sign(change) * (change.abs() >= self.threshold)
            known = known + self.threshold * event
            sent.append(event)
        return torch.stack(sent)
