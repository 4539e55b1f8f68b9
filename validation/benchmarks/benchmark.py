"""What a benchmark is: samples and targets to learn from and to be tested on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch

Shape = tuple[int, ...]
Loader = Callable[[int, Path | None], "Benchmark"]
"""``load(seed, folder)``: the benchmark with the data of that seed; ``folder`` is where the user keeps files, None where none is needed.

Raises:
    InputError: the files are not there; it says what to fetch and where to put it.
"""


class Samples(Protocol):
    """Samples and their targets.

    Attributes:
        shape: of one sample: values (*shape), or a sequence (T, *shape) of values at every step.
        targets: (n,) class numbers, or (n, …) values to be predicted.
    """

    shape: Shape
    targets: torch.Tensor

    def __len__(self) -> int: ...

    def batch(self, indexes: torch.Tensor) -> torch.Tensor:
        """The samples of those numbers, (B, *shape), float32."""
        ...


@dataclass(frozen=True)
class Arrays:
    """Samples that lie in memory, (n, *shape): float, or uint8 of which 255 means 1."""

    values: torch.Tensor
    targets: torch.Tensor

    @property
    def shape(self) -> Shape:
        """Shape of one sample."""
        return tuple(self.values.shape[1:])

    def __len__(self) -> int:
        return len(self.values)

    def batch(self, indexes: torch.Tensor) -> torch.Tensor:
        """The samples of those numbers, (B, *shape), float32."""
        chosen = self.values[indexes]
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
