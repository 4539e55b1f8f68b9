"""Trained parameters stay within their bounds."""

import torch
from torch import nn


class Bounded(nn.Module):
    """A parametrisation of values above ``low``, below ``high``, or between both; what is trained has no bounds.

    low + exp(θ),  high − exp(θ),  low + (high − low) σ(θ).

    Args:
        low, high: bounds, neither reached; at least one is given.
    """

    def __init__(self, low: float | None, high: float | None) -> None:
        super().__init__()
        self.low, self.high = low, high

    def forward(self, free: torch.Tensor) -> torch.Tensor:
        """The value of what is trained."""
        if self.low is None:
            return (self.high or 0.0) - free.exp()
        return self.low + (free.exp() if self.high is None else (self.high - self.low) * free.sigmoid())

    def right_inverse(self, value: torch.Tensor) -> torch.Tensor:
        """What is to be trained for a value within the bounds."""
        if self.low is None:
            return ((self.high or 0.0) - value).log()
        share = value - self.low
        return share.log() if self.high is None else (share / (self.high - self.low)).logit()
