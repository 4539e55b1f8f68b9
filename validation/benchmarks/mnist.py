"""MNIST: handwritten digits (LeCun, Bottou, Bengio & Haffner, "Gradient-based learning", Proc. IEEE 86, 1998)."""

from pathlib import Path

from costmodel.validation.benchmarks.benchmark import Benchmark, Still
from costmodel.validation.benchmarks.mnist_files import read_mnist


def load(seed: int, folder: Path | None) -> Benchmark:
    """Samples of shape (1, 28, 28) of the digits that `read_mnist` finds; ``seed`` changes nothing.

    Raises:
        InputError: as `read_mnist`.
    """
    digits = read_mnist(folder)
    train, test = Still(digits.train.unsqueeze(1), digits.train_labels), Still(digits.test.unsqueeze(1), digits.test_labels)
    return Benchmark("mnist", train, test, 10, digits.source)
