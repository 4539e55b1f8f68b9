"""Transmission delays as torch modules, of whole time steps; trained ones have a gradient."""

from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from costmodel.validation.neurons.bounded import Bounded


class Held(nn.Module):
    """What comes in, some whole steps later: one number of steps, or one for each element."""

    def __init__(self, steps: int | torch.Tensor) -> None:
        super().__init__()
        self.steps = steps

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Zeros first, then the inputs, (T, batch, *shape)."""
        if isinstance(self.steps, int):
            return later(inputs, self.steps)
        out = torch.zeros_like(inputs)
        for steps in self.steps.unique().tolist():
            out = torch.where(self.steps.to(inputs.device) == steps, later(inputs, int(steps)), out)
        return out

    def longest(self) -> int:
        """Most steps that anything waits."""
        return self.steps if isinstance(self.steps, int) else int(self.steps.max())


class Delays(nn.Module):
    """Delays that are trained, or that every connection has of its own.

    Args:
        start: delays to start from, s, of any shape.
        longest: bound of every delay, s.
        dt: length of a time step, s.
        trained: whether they are trained.
    """

    def __init__(self, start: torch.Tensor, longest: float, dt: float, *, trained: bool) -> None:
        super().__init__()
        self.dt, self.bound = dt, round(longest / dt)
        if trained:
            self.delay = nn.Parameter(start.clamp(longest * 1e-3, longest * (1 - 1e-3)))
            parametrize.register_parametrization(self, "delay", Bounded(0.0, longest * (1 + 1e-6)))
        else:
            self.register_buffer("delay", start)

    def chosen(self) -> torch.Tensor:
        """1 where a delay is k steps, (bound + 1, *shape of the delays)."""
        return _Chosen.apply(self.delay / self.dt, self.bound + 1)


class _Chosen(torch.autograd.Function):
    """One-hot over whole steps; backward, as if what passes were interpolated: ∂/∂d ≈ (next step − step before) / 2."""

    @staticmethod
    def forward(ctx: Any, steps: torch.Tensor, count: int) -> torch.Tensor:
        nearest = steps.round().long().clamp(0, count - 1)
        ctx.save_for_backward(nearest)
        return nn.functional.one_hot(nearest, count).movedim(-1, 0).to(steps.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        (nearest,) = ctx.saved_tensors
        last = len(grads[0]) - 1
        up, down = ((nearest + step).clamp(0, last).unsqueeze(0) for step in (1, -1))
        return (grads[0].gather(0, up) - grads[0].gather(0, down)).squeeze(0) / 2, None


class DelayLine(nn.Module):
    """Each element waits its own, trained delay (axonal and dendritic)."""

    def __init__(self, delays: Delays) -> None:
        super().__init__()
        self.delays = delays

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Σ_k [d = k] x(t − k), (T, batch, *shape)."""
        chosen = self.delays.chosen().to(inputs.dtype)
        return torch.stack([later(inputs, k) * here for k, here in enumerate(chosen)]).sum(dim=0)

    def longest(self) -> int:
        """Most steps that anything may wait."""
        return self.delays.bound


class DelayedLinear(nn.Module):
    """Each connection waits its own delay (synaptic): y_j(t) = Σ_i w_ji x_i(t − d_ji) + b_j."""

    def __init__(self, linear: nn.Linear, delays: Delays) -> None:
        super().__init__()
        self.linear, self.delays = linear, delays

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """A convolution over time, (T, batch, features)."""
        chosen = self.delays.chosen().to(inputs.dtype)
        kernel = (self.linear.weight * chosen).permute(1, 2, 0).flip(-1)
        padded = nn.functional.pad(inputs.permute(1, 2, 0), (self.delays.bound, 0))
        out = nn.functional.conv1d(padded, kernel, self.linear.bias)
        return out.permute(2, 0, 1)

    def longest(self) -> int:
        """Most steps that anything may wait."""
        return self.delays.bound


def later(inputs: torch.Tensor, steps: int) -> torch.Tensor:
    """Zeros first, then the inputs, (T, batch, *shape)."""
    silence = inputs.new_zeros((min(steps, len(inputs)), *inputs.shape[1:]))
    return torch.cat([silence, inputs[: max(len(inputs) - steps, 0)]])


DELAYING = Held | DelayLine | DelayedLinear
"""Modules that need what came in at earlier steps: ``longest`` says how many."""
