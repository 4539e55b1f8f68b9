"""What an event camera sees of a still digit under N-MNIST's three saccades.

(Orchard, Jayawant, Cohen & Thakor, "Converting static image datasets to spiking neuromorphic datasets using saccades", Front.
Neurosci. 9:437, 2015: 34 × 34 pixels, two polarities, three saccades of 100 ms along an isosceles triangle.)

The triangle's size and place are those by which tonic 1.7, ``datasets/nmnist.py``, takes the motion out again, after the data
set's own ``stabilize.m``: the digit moves by (3.5, 7), (3.5, −7) and (−7, 0) pixels (right, down), and starts 4 pixels left of the
sensor's middle and 2 above it.

Assumed: a motion that starts and stops smoothly, one half period of a cosine a saccade; pixels without noise, refractory time and
spread of thresholds; log intensities that are linear between the pixels of the image.
"""

import numpy as np
import torch
from torch.nn import functional

from costmodel.validation.benchmarks.mnist_files import SIDE
from costmodel.validation.benchmarks.recordings import Events, Recordings

SENSOR = 34
"""Pixels of the sensor's side."""

SACCADE, TICK = 0.1, 1e-3
"""Length of a saccade, and resolution of events in time, s."""

STEPS = round(3 * SACCADE / TICK)

CORNERS = np.array([[0.0, 0.0], [3.5, 7.0], [7.0, 0.0], [0.0, 0.0]]) + (SENSOR - SIDE) / 2 - np.array([4.0, 2.0])
"""Where the image's left upper corner is before, between and after the saccades: (right, down) on the sensor, pixels."""

THRESHOLD = 0.3
"""Change of log intensity that makes an event: assumed, within the usual range of event cameras."""

BLACK = 0.37
"""Light of a black pixel, white ones adding 1: chosen such that MNIST's digits make about 4,170 events, as N-MNIST's do."""

MARGIN = 10
"""Black pixels put around the image: the sensor sees no further."""


def path(times: np.ndarray) -> np.ndarray:
    """Where the image's left upper corner is on the sensor, (n, 2): pixels to the right and down.

    Args:
        times: since the start of the recording, s, within it.
    """
    saccades = times / SACCADE
    number = np.minimum(saccades.astype(int), 2)
    share = (1 - np.cos(np.pi * (saccades - number))) / 2
    return CORNERS[number] + share[:, None] * (CORNERS[number + 1] - CORNERS[number])


def emulate(images: torch.Tensor) -> list[Events]:
    """The recording of each image.

    A pixel makes an ON or OFF event whenever its log intensity is a threshold above or below what it was at the last one.

    Args:
        images: (n, 28, 28), uint8.
    """
    above_black = torch.log1p(images.float() / (255 * BLACK)) / THRESHOLD
    exact = (above_black * 1024).round() / 1024  # whole thresholds added to it stay exact: what comes back comes back to the same
    field = functional.pad(exact, (MARGIN,) * 4)
    start, *places = path(np.arange(STEPS + 1) * TICK).tolist()
    known = _seen(field, *start)
    changes = torch.empty((len(images), STEPS, SENSOR, SENSOR), dtype=torch.int8)
    for step, place in enumerate(places):
        changes[:, step] = _seen(field, *place) - known  # cut to whole thresholds, as is the change to what is known
        known += changes[:, step]
    return [_listed(recording) for recording in changes.numpy()]


def _seen(field: torch.Tensor, right: float, down: float) -> torch.Tensor:
    """The sensor's pixels, (n, 34, 34), when the image's corner is there."""
    x, y = MARGIN - right, MARGIN - down
    column, row = int(x), int(y)
    window = field[:, row : row + SENSOR + 1, column : column + SENSOR + 1]
    rows = torch.lerp(window[:, :-1], window[:, 1:], y - row)
    return torch.lerp(rows[:, :, :-1], rows[:, :, 1:], x - column)


def _listed(changes: np.ndarray) -> Events:
    """The events of thresholds crossed, (steps, 34, 34), those below 0 OFF."""
    flat = changes.ravel()
    found = np.flatnonzero(flat != 0)
    found = np.repeat(found, np.abs(flat[found]))
    ticks, pixels = np.divmod(found, SENSOR**2)
    return Events(ticks.astype(np.int16), (pixels + SENSOR**2 * (flat[found] > 0)).astype(np.int16))


def recordings(images: torch.Tensor, labels: torch.Tensor) -> Recordings:
    """Samples of shape (2, 34, 34) that are emulated when they are first asked for.

    Args:
        images: (n, 28, 28), uint8.
        labels: (n,).
    """
    return Recordings(lambda indexes: emulate(images[indexes]), labels, (2, SENSOR, SENSOR), TICK)
