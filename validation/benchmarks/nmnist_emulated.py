"""N-MNIST, emulated: MNIST's digits under the saccades with which N-MNIST was recorded, see `saccades`."""

from pathlib import Path

from costmodel.validation.benchmarks.benchmark import Benchmark
from costmodel.validation.benchmarks.mnist_files import read_mnist
from costmodel.validation.benchmarks.saccades import recordings


def load(seed: int, folder: Path | None) -> Benchmark:
    """Recordings of 300 ms, shape (2, 34, 34), of the digits that `read_mnist` finds; ``seed`` changes nothing.

    Raises:
        InputError: as `read_mnist`.
    """
    digits = read_mnist(folder)
    train, test = recordings(digits.train, digits.train_labels), recordings(digits.test, digits.test_labels)
    return Benchmark("nmnist-emulated", train, test, 10, f"emulated saccades over {digits.source}")
