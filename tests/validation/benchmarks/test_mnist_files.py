"""MNIST's files: every layout, damaged ones, and the benchmarks made of them."""

import gzip
import struct

import numpy as np
import pytest
import torch

from costmodel.graphs.errors import InputError
from costmodel.validation.benchmarks import load_benchmark
from costmodel.validation.benchmarks.mnist_files import read_mnist

DICE = np.random.default_rng(7)


def idx(array):
    return struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def digits():
    """Name of each of the four files → its array."""
    images, labels = DICE.integers(0, 256, (17, 28, 28), dtype=np.uint8), (np.arange(17) % 10).astype(np.uint8)
    return {
        "train-images-idx3-ubyte": images[:10],
        "train-labels-idx1-ubyte": labels[:10],
        "t10k-images-idx3-ubyte": images[10:],
        "t10k-labels-idx1-ubyte": labels[10:],
    }


@pytest.fixture
def write(digits, tmp_path):
    def write(inner=".", packed=False):
        folder = tmp_path / inner
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in digits.items():
            content = gzip.compress(idx(array)) if packed else idx(array)
            (folder / (name + ".gz" * packed)).write_bytes(content)
        return tmp_path

    return write


@pytest.mark.parametrize("inner", [".", "MNIST/raw"])
@pytest.mark.parametrize("packed", [True, False])
def test_mnist_files(digits, write, inner, packed):
    benchmark = load_benchmark("mnist", 0, write(inner, packed))
    assert (len(benchmark.train), len(benchmark.test), benchmark.classes, benchmark.train.shape) == (10, 7, 10, (1, 28, 28))
    batch = benchmark.test.batch(torch.tensor([6, 0]), 5, 1.0)
    expected = torch.from_numpy(digits["t10k-images-idx3-ubyte"][[6, 0]]).float().reshape(1, 2, 1, 28, 28) / 255
    assert torch.equal(batch, expected)
    assert benchmark.test.targets.tolist() == digits["t10k-labels-idx1-ubyte"].tolist()
    assert torch.equal(benchmark.train.targets, torch.arange(10))


def test_sequential_mnist_goes_row_by_row(digits, write):
    benchmark = load_benchmark("sequential-mnist", 0, write())
    sequence = benchmark.train.batch(torch.tensor([4, 2]), 784, 1e-3)
    assert sequence.shape == (784, 2, 1)
    image = digits["train-images-idx3-ubyte"][4]
    for step, (row, column) in {0: (0, 0), 1: (0, 1), 28: (1, 0), 783: (27, 27)}.items():
        assert sequence[step, 0, 0] == np.float32(image[row, column]) / np.float32(255)


def test_mnist_npz(digits, tmp_path):
    images, labels = DICE.integers(0, 256, (30, 28, 28), dtype=np.uint8), np.arange(30, dtype=np.uint8) % 10
    path = tmp_path / "digits.npz"
    np.savez_compressed(path, images=images, labels=labels)
    found = read_mnist(path)
    assert np.array_equal(torch.cat([found.train, found.test]), images)
    assert (len(found.train), len(found.train_labels)) == (24, 24)
    assert found.test_labels.tolist() == [4, 5, 6, 7, 8, 9]
    assert found.train.dtype == torch.uint8
    assert str(path) in found.source


def cut(content):
    return content[:-1]


@pytest.mark.parametrize(
    ("name", "damage", "complaint"),
    [
        ("train-images-idx3-ubyte", cut, "bytes, and its header"),
        ("train-images-idx3-ubyte", lambda content: content + b"\0", "bytes, and its header"),
        ("t10k-images-idx3-ubyte", lambda content: content[:3], "does not begin with 2051"),
        ("t10k-images-idx3-ubyte", lambda content: b"", "does not begin with 2051"),
        ("train-images-idx3-ubyte", lambda content: b"<html>" + content, "does not begin with 2051"),
        ("train-labels-idx1-ubyte", lambda content: idx(np.zeros((10, 1, 1), np.uint8)), "does not begin with 2049"),
        ("t10k-labels-idx1-ubyte", lambda content: idx(np.zeros(6, np.uint8)), "one whole number for each of 7"),
        ("t10k-labels-idx1-ubyte", lambda content: idx(np.full(7, 10, np.uint8)), "labels 0 … 9"),
        ("train-images-idx3-ubyte", lambda content: idx(np.zeros((10, 28, 27), np.uint8)), r"uint8 \(n, 28, 28\) is needed"),
    ],
)
def test_damaged_mnist_files(write, name, damage, complaint):
    path = write() / name
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(InputError, match=complaint) as told:
        read_mnist(path.parent)
    assert "\n" not in str(told.value)


def test_damaged_gz(write):
    path = write(packed=True) / "t10k-images-idx3-ubyte.gz"
    whole = path.read_bytes()
    for content in (whole[:-40], b"not gzip", whole[:20] + bytes(20) + whole[40:]):
        path.write_bytes(content)
        with pytest.raises(InputError, match=r"t10k-images-idx3-ubyte.gz: it cannot be read"):
            read_mnist(path.parent)


def test_one_file_missing_is_named(write):
    path = write("MNIST/raw") / "MNIST" / "raw" / "t10k-labels-idx1-ubyte"
    path.unlink()
    with pytest.raises(InputError, match="there is no t10k-labels-idx1-ubyte; fetch"):
        load_benchmark("nmnist-emulated", 0, path.parents[2])


@pytest.mark.parametrize(
    "arrays",
    [
        {"images": np.zeros((10, 28, 28), np.uint8)},
        {"images": np.zeros((10, 28, 28)), "labels": np.zeros(10, int)},
        {"images": np.zeros((10, 28, 28), np.uint8), "labels": np.zeros(9, int)},
        {"images": np.zeros((10, 28, 28), np.uint8), "labels": np.zeros(10)},
        {"images": np.zeros((10, 28, 28), np.uint8), "labels": np.full(10, -1)},
        {"images": np.array([None] * 10), "labels": np.zeros(10, int)},
    ],
)
def test_npz_of_something_else(arrays, tmp_path):
    path = tmp_path / "digits.npz"
    np.savez(path, **arrays)
    with pytest.raises(InputError, match=r"digits.npz: "):
        read_mnist(path)


def test_no_npz_at_all(tmp_path):
    path = tmp_path / "digits.npz"
    for content in (b"", b"text", b"PK\x03\x04 and no more"):
        path.write_bytes(content)
        with pytest.raises(InputError, match="it is not an"):
            read_mnist(path)


def test_emulated_nmnist(write):
    benchmark = load_benchmark("nmnist-emulated", 0, write())
    assert (len(benchmark.train), len(benchmark.test), benchmark.train.shape) == (10, 7, (2, 34, 34))
    assert benchmark.train.batch(torch.tensor([0, 9]), 30, 0.01).sum() > 1000
    assert torch.equal(benchmark.train.targets, torch.arange(10))
