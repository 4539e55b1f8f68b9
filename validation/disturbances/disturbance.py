"""The noise of a network, acting on its modules and on what passes between them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from costmodel.graphs.noise.memfpaa import MemFPAA
from costmodel.graphs.noise.noise import Noise
from costmodel.validation.disturbances.arrays import Array

HARDWARE: dict[type[Noise], Callable[[Any, int | None, int], Array]] = {MemFPAA: Array}
"""Noises that are a layer's hardware: type → what acts in their place on one module, made of noise, bits and seed."""


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
        for noise in self.noises:
            if self.acts(noise, training=training):
                value = change(noise, value)
        return value

    def acts(self, noise: Noise, *, training: bool) -> bool:
        """Whether a noise acts now."""
        return not self.quiet and noise.acts(training=training)

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

    def attach(self, module: nn.Module, bits: int | None = None) -> None:
        """Lets a module apply its weights as the noises leave them.

        Args:
            module: with ``weight``.
            bits: of its weights; None where the network does not say.

        Raises:
            InputError: a noise speaks of hardware that there is not.
        """
        if self.noises:
            acting = [self._acting(noise, bits) for noise in self.noises]
            with self.silenced():  # nothing is drawn or solved before the network runs
                parametrize.register_parametrization(module, "weight", _Applied(self, acting))

    def _acting(self, noise: Noise, bits: int | None) -> Noise | Array:
        """A noise, or the hardware of one module that acts in its place, with a fixed pattern of its own."""
        if type(noise) not in HARDWARE:
            return noise
        seed = int(torch.randint(2**62, (), generator=self.fixed))
        return HARDWARE[type(noise)](noise, bits, seed)


class _Applied(nn.Module):
    """A parametrisation: weights after the noises.

    Args:
        disturbance: all noises.
        acting: for each, what acts on this module's weights.
    """

    def __init__(self, disturbance: Disturbance, acting: Sequence[Noise | Array]) -> None:
        super().__init__()
        self.disturbance, self.acting = disturbance, acting

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """The weights as they are applied."""
        dice = self.disturbance.dice
        for noise, one in zip(self.disturbance.noises, self.acting, strict=True):
            if self.disturbance.acts(noise, training=self.training):
                hardware = isinstance(one, Array)
                weight = one.weights(weight, dice, training=self.training) if hardware else one.weights(weight, dice)
        return weight

    def right_inverse(self, value: torch.Tensor) -> torch.Tensor:
        """The weights themselves."""
        return value
