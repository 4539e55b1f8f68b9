"""Recordings of events, cut into bins when they are asked for."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from rich.console import Console
from rich.progress import track

from costmodel.validation.benchmarks.benchmark import Shape

AT_ONCE = 24
"""Recordings read together: few enough for a core's cache, and for torch to stay within one thread."""

LONG = 1000
"""From so many recordings on, reading shows its progress."""


@dataclass(frozen=True)
class Events:
    """The events of one recording.

    Attributes:
        ticks: when, in ticks since its start, (events,).
        cells: where, and of which polarity: places in the flattened shape of a step, (events,).
    """

    ticks: np.ndarray
    cells: np.ndarray


class Recordings:
    """Samples that are event recordings. What has been read is kept, at 4 to 6 bytes an event.

    Args:
        read: reads the recordings of those numbers.
        targets: class numbers, (n,).
        shape: of one step: (polarities, rows, columns); polarity 0 is OFF, 1 is ON.
        tick: unit of the events' times, s.
    """

    def __init__(self, read: Callable[[list[int]], list[Events]], targets: torch.Tensor, shape: Shape, tick: float) -> None:
        self.targets, self.shape, self.tick = targets, shape, tick
        self._read = read
        self._kept: dict[int, Events] = {}

    def __len__(self) -> int:
        return len(self.targets)

    def events(self, indexes: list[int]) -> list[Events]:
        """The recordings of those numbers."""
        missing = [i for i in dict.fromkeys(indexes) if i not in self._kept]
        parts = [missing[i : i + AT_ONCE] for i in range(0, len(missing), AT_ONCE)]
        console = Console(stderr=True)
        hidden = len(missing) < LONG or not console.is_terminal
        for part in track(parts, "reading recordings", console=console, transient=True, disable=hidden):
            self._kept.update(zip(part, self._read(part), strict=True))
        return [self._kept[i] for i in indexes]

    def batch(self, indexes: torch.Tensor, steps: int, dt: float) -> torch.Tensor:
        """How many events fall into each bin, (steps, batch, *shape): bin k holds those from k dt to (k + 1) dt.

        An event of tick i counts as one at (i + ½) ticks. What comes after the last bin is lost.
        """
        recordings = self.events(indexes.tolist())
        size = int(np.prod(self.shape))
        frames = torch.zeros(steps * len(recordings) * size)
        if recordings:
            sample = np.repeat(np.arange(len(recordings)), [len(one.ticks) for one in recordings])
            bins = ((np.concatenate([one.ticks for one in recordings]) + 0.5) * (self.tick / dt)).astype(np.int64)
            places = (bins * len(recordings) + sample) * size + np.concatenate([one.cells for one in recordings])
            inside = torch.from_numpy(places[bins < steps])
            frames.scatter_add_(0, inside, torch.ones(len(inside)))
        return frames.reshape(steps, len(recordings), *self.shape)
