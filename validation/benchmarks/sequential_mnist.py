"""Sequential MNIST: the digits pixel by pixel (Le, Jaitly & Hinton, "A simple way to initialize recurrent networks", 2015)."""

from pathlib import Path

from costmodel.validation.benchmarks.benchmark import Benchmark, Sequences
from costmodel.validation.benchmarks.mnist_files import read_mnist


def load(seed: int, folder: Path | None) -> Benchmark:
    """Sequences of 784 steps of shape (1,), row by row from the top left, of the digits that `read_mnist` finds.

    ``seed`` changes nothing.

    Raises:
        InputError: as `read_mnist`.
    """
    digits = read_mnist(folder)
    train = Sequences(digits.train.reshape(len(digits.train), -1, 1), digits.train_labels)
    test = Sequences(digits.test.reshape(len(digits.test), -1, 1), digits.test_labels)
    return Benchmark("sequential-mnist", train, test, 10, digits.source)
