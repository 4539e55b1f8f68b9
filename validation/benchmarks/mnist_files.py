"""The MNIST digits as users have them on disk.

Format (magic numbers, big-endian sizes) after LeCun, Cortes & Burges, "The MNIST database of handwritten digits", 1998; folders as
torchvision lays them out.
"""

import gzip
import math
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from costmodel.graphs.errors import InputError

SIDE = 28
"""Pixels of a digit's side."""

FETCH = (
    "fetch train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte (.gz will do) "
    "from https://ossci-datasets.s3.amazonaws.com/mnist/ into PATH/MNIST/raw and give --data PATH; "
    "an .npz file with 'images' (n, 28, 28) and 'labels' (n,), both uint8, will do as well"
)


@dataclass(frozen=True)
class Digits:
    """Images (n, 28, 28), uint8, and their labels (n,), of both sets; ``source`` says where they are from."""

    train: torch.Tensor
    train_labels: torch.Tensor
    test: torch.Tensor
    test_labels: torch.Tensor
    source: str


def read_mnist(folder: Path | None) -> Digits:
    """The digits in a folder of torchvision's layout, in one that holds the four files themselves, or in an .npz file.

    The four files hold the official train and test set; of an .npz file the first four fifths are the train set.

    Raises:
        InputError: they are not there, or damaged.
    """
    if folder is None:
        raise InputError("MNIST's digits are needed", mend=FETCH)
    if not folder.exists():
        raise InputError(f"MNIST's digits are needed, and there is no {folder}", mend=FETCH)
    return _packed(folder) if folder.is_file() else _official(folder)


def _official(folder: Path) -> Digits:
    train, train_labels = (_idx(folder, f"train-{kind}") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"))
    test, test_labels = (_idx(folder, f"t10k-{kind}") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"))
    for images, labels, name in ((train, train_labels, "train"), (test, test_labels, "t10k")):
        _check(images, labels, f"{folder}: {name}-*")
    source = f"MNIST (LeCun, Cortes & Burges), official split, {len(train):,} train and {len(test):,} test digits, from {folder}"
    return Digits(_images(train), _labels(train_labels), _images(test), _labels(test_labels), source)


def _idx(folder: Path, name: str) -> np.ndarray:
    """The array in one of the four files, compressed or not."""
    places = [part / (name + end) for part in (folder / "MNIST" / "raw", folder) for end in ("", ".gz")]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        raise InputError(f"there is no {name}", mend=FETCH, where=str(folder))
    unpack: Callable[[bytes], bytes] = gzip.decompress if path.suffix == ".gz" else bytes
    try:
        content = unpack(path.read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"it cannot be read ({error})", mend="fetch it again", where=str(path)) from error
    dimensions = 3 if "images" in name else 1
    header = 4 * (1 + dimensions)
    magic, *shape = struct.unpack(f">{1 + dimensions}I", content[:header]) if len(content) >= header else (0,)
    if magic != 0x0800 + dimensions:
        raise InputError(f"it does not begin with {0x0800 + dimensions}, as {name} does", mend="fetch it again", where=str(path))
    if len(content) != header + math.prod(shape):
        what = f"it has {len(content):,} bytes, and its header announces {header} and {' × '.join(map(str, shape))}"
        raise InputError(what, mend="fetch it again", where=str(path))
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def _packed(path: Path) -> Digits:
    try:
        with np.load(path, allow_pickle=False) as held:
            images, labels = held["images"], held["labels"]
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile, zlib.error) as error:
        what = f"it is not an .npz file with 'images' and 'labels' ({error})"
        raise InputError(what, mend=FETCH, where=str(path)) from error
    _check(images, labels, str(path))
    cut = len(images) * 4 // 5
    source = f"MNIST digits from {path}: the first {cut:,} of {len(images):,} to learn from, the others test"
    return Digits(_images(images[:cut]), _labels(labels[:cut]), _images(images[cut:]), _labels(labels[cut:]), source)


def _check(images: np.ndarray, labels: np.ndarray, where: str) -> None:
    if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
        raise InputError(f"the images are {images.dtype} {images.shape}, and uint8 (n, 28, 28) is needed", mend=FETCH, where=where)
    if labels.shape != (len(images),) or labels.dtype.kind not in "iu":
        what = f"the labels are {labels.dtype} {labels.shape}, and one whole number for each of {len(images)} images is needed"
        raise InputError(what, mend=FETCH, where=where)
    if len(images) < 5 or labels.min() < 0 or labels.max() > 9:
        raise InputError("labels 0 … 9 of at least 5 images are needed", mend=FETCH, where=where)


def _images(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.copy())


def _labels(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.int64))
