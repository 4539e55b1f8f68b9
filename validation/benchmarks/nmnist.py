"""N-MNIST: MNIST's digits, recorded by an event camera that makes three saccades before each.

(Orchard, Jayawant, Cohen & Thakor, Front. Neurosci. 9:437, 2015; the files: doi 10.17632/468j46mzdv.1.) tonic reads the files, and
fetches none.
"""

import io
from pathlib import Path

import numpy as np
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.installing import install
from costmodel.validation.benchmarks.benchmark import Benchmark
from costmodel.validation.benchmarks.recordings import Events, Recordings

SENSOR = 34
"""Pixels of the sensor's side."""

TICK = 1e-6
"""Unit of the files' times, s."""

EVENT = 5
"""Bytes of an event: x, y, and polarity (1 bit) with time (23 bits)."""

FETCH = (
    "fetch Train.zip and Test.zip from https://data.mendeley.com/datasets/468j46mzdv/1, unpack them to PATH/Train/0 … 9 and "
    "PATH/Test/0 … 9 and give --data PATH; 'nmnist-emulated' needs MNIST's digits only, 'digits-saccades' nothing at all"
)


def load(seed: int, folder: Path | None) -> Benchmark:
    """Recordings of about 300 ms, shape (2, 34, 34), of the official split; ``seed`` changes nothing.

    ``folder`` holds ``Train`` and ``Test``, or holds ``NMNIST`` (as tonic names it) or ``N-MNIST`` that do.

    Raises:
        InputError: the files are not there, or tonic is not installed.
    """
    if folder is None:
        raise InputError("N-MNIST's recordings are needed", mend=FETCH)
    root = next((place for place in (folder, folder / "NMNIST", folder / "N-MNIST") if (place / "Train").is_dir()), None)
    if root is None:
        raise InputError(f"there is no {folder / 'Train'}", mend=FETCH)
    train, test = _part(root / "Train"), _part(root / "Test")
    source = f"N-MNIST (Orchard et al. 2015), official split, {len(train):,} train and {len(test):,} test recordings, from {root}"
    return Benchmark("nmnist", train, test, 10, source)


def _part(folder: Path) -> Recordings:
    files = [(path, digit) for digit in range(10) for path in sorted((folder / str(digit)).glob("*.bin"))]
    if not files:
        raise InputError("there are no recordings in the folders 0 … 9", mend=FETCH, where=str(folder))
    paths, labels = [path for path, _ in files], torch.tensor([digit for _, digit in files])
    return Recordings(lambda indexes: [read(paths[i]) for i in indexes], labels, (2, SENSOR, SENSOR), TICK)


def read(path: Path) -> Events:
    """The events of one file.

    Raises:
        InputError: it is damaged, or tonic is not installed.
    """
    try:
        from tonic.io import read_mnist_file
    except ImportError as error:
        raise InputError("N-MNIST's files are read by tonic, which is missing", mend=install("events")) from error
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"it cannot be read ({error})", mend="unpack it again", where=str(path)) from error
    if len(content) % EVENT:
        raise InputError(f"it has {len(content):,} bytes, and an event has {EVENT}", mend="unpack it again", where=str(path))
    events = read_mnist_file(io.BytesIO(content), np.dtype([(name, np.int32) for name in "xytp"]), is_stream=True)
    x, y = events["x"], events["y"]
    if len(x) and max(x.max(), y.max()) >= SENSOR:
        what = f"it has events at x up to {x.max()} and y up to {y.max()}, and the sensor has {SENSOR} × {SENSOR} pixels"
        raise InputError(what, mend="unpack it again", where=str(path))
    return Events(events["t"].copy(), ((events["p"] * SENSOR + y) * SENSOR + x).astype(np.int16))
