"""What a benchmark is: samples and targets to learn from and to be tested on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

Shape = tuple[int, ...]
Loader = Callable[[int, Path | None], "Benchmark"]
"""``load(seed, folder)``: the benchmark with the data of that seed; ``folder`` is where the user keeps files.

Raises:
    InputError: the files are not there; it says what to fetch and where to put it.
"""


class Samples(Protocol):
    """Samples and their targets."""

    @property
    def targets(self) -> torch.Tensor:
        """(n,) class numbers, or (n, T, K) values to be predicted at every step."""
        ...

    @property
    def shape(self) -> Shape:
        """The shape of one sample at one time step."""
        ...

    def __len__(self) -> int: ...

    def batch(self, indexes: torch.Tensor, steps: int, dt: float) -> torch.Tensor:
        """The samples of those numbers, (S, batch, *shape), float32: S is 1 for samples that stand still, else ``steps``.

        Args:
            indexes: numbers of samples.
            steps: time steps of a sample, for recordings that are cut into as many bins.
            dt: length of a step, s.

        Raises:
            InputError: sequences of another length.
        """
        ...


@dataclass(frozen=True)
class Still:
    """Samples that stand still, (n, *shape): float, or uint8 of which 255 means 1."""

    values: torch.Tensor
    targets: torch.Tensor

    @property
    def shape(self) -> Shape:
        """The shape of one sample."""
        return tuple(self.values.shape[1:])

    def __len__(self) -> int:
        return len(self.values)

    def batch(self, indexes: torch.Tensor, steps: int, dt: float) -> torch.Tensor:
        """The samples of those numbers, (1, batch, *shape)."""
        return _floats(self.values[indexes]).unsqueeze(0)


@dataclass(frozen=True)
class Sequences:
    """Samples of a value at every step, (n, S, *shape): float, or uint8 of which 255 means 1."""

    values: torch.Tensor
    targets: torch.Tensor

    @property
    def shape(self) -> Shape:
        """The shape of one step."""
        return tuple(self.values.shape[2:])

    def __len__(self) -> int:
        return len(self.values)

    def batch(self, indexes: torch.Tensor, steps: int, dt: float) -> torch.Tensor:
        """The sequences of those numbers, (S, batch, *shape); a network that runs other than S steps is refused by its encoder."""
        return _floats(self.values[indexes]).movedim(0, 1)


def _floats(chosen: torch.Tensor) -> torch.Tensor:
    return chosen.float() / 255 if chosen.dtype == torch.uint8 else chosen.float()


@dataclass(frozen=True)
class Benchmark:
    """A task.

    Attributes:
        name: in network files and on the command line.
        train, test: its samples; nothing of the test set is used in training.
        classes: number of classes; None where values are predicted.
        source: where the data come from, and how they were split.
    """

    name: str
    train: Samples
    test: Samples
    classes: int | None
    source: str
