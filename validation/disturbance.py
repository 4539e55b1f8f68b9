"""The noise of a network, acting on its modules and on what passes between them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.utils import parametrize

from graphs.noise.noise import Noise


class Disturbance:
    """All noises of a network, one after another.

    Args:
        noises: the noises.
        seed: of fixed patterns; what changes from pass to pass is drawn from where `begin` says.
    """

    def __init__(self, noises: Sequence[Noise], seed: int) -> None:
        self.noises = list(noises)
        self.fixed, self.dice = (torch.Generator().manual_seed(seed) for _ in range(2))
        self.progress = 0.0
        self.quiet = False

    def begin(self, seed: int) -> None:
        """Draws anew from here on."""
        self.dice.manual_seed(seed)

    @contextmanager
    def silenced(self) -> Iterator[None]:
        """Without noise, for as long as the context lasts."""
        self.quiet = True
        try:
            yield
        finally:
            self.quiet = False

    def through(self, training: bool, value: torch.Tensor, change: Callable[[Noise, torch.Tensor], torch.Tensor]) -> torch.Tensor:
        """A value after every noise that acts in that phase."""
        if not self.quiet:
            for noise in self.noises:
                if noise.acts(training=training):
                    value = change(noise, value)
        return value

    def values(self, values: torch.Tensor, *, training: bool) -> torch.Tensor:
        """Samples, (S, batch, *shape)."""
        return self.through(training, values, lambda noise, x: noise.values(x, self.progress, self.dice))

    def spikes(self, sent: torch.Tensor, dt: float, *, training: bool) -> torch.Tensor:
        """Spikes, (T, batch, …)."""
        return self.through(training, sent, lambda noise, x: noise.spikes(x, dt, self.dice))

    def times(self, times: torch.Tensor, *, training: bool) -> torch.Tensor:
        """Spike times, s."""
        return self.through(training, times, lambda noise, x: noise.times(x, self.dice))

    def parameter(self, name: str, value: torch.Tensor, neurons: int) -> torch.Tensor:
        """A neuron parameter with its fixed pattern."""
        for noise in self.noises:
            value = noise.parameters(name, value, neurons, self.fixed)
        return value

    def attach(self, module: nn.Module) -> None:
        """Lets a module apply its weights as the noises leave them."""
        if self.noises:
            parametrize.register_parametrization(module, "weight", _Applied(self))


class _Applied(nn.Module):
    """A parametrisation: weights after the noises."""

    def __init__(self, disturbance: Disturbance) -> None:
        super().__init__()
        self.disturbance = disturbance

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """The weights as they are applied."""
        noise = self.disturbance
        return noise.through(self.training, weight, lambda one, x: one.weights(x, noise.dice))

    def right_inverse(self, value: torch.Tensor) -> torch.Tensor:
        """The weights themselves."""
        return value
