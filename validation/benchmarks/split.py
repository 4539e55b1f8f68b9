"""A split into train and test set where nobody has published one."""

import numpy as np


def stratified(labels: np.ndarray, test: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the samples to learn from and of those of the test set, both ascending.

    Every class has its share of the test set, to within one sample; classes with the largest remainders have the odd ones.

    Args:
        labels: classes of the samples, (n,).
        test: samples of the test set.
        seed: of the draw, from numpy's legacy generator, whose stream no longer changes.
    """
    classes, sizes = np.unique(labels, return_counts=True)
    shares = sizes * (test / len(labels))
    counts = np.floor(shares).astype(int)
    counts[np.argsort(counts - shares, kind="stable")[: test - counts.sum()]] += 1
    dice = np.random.RandomState(seed)
    drawn = [dice.permutation(np.flatnonzero(labels == one))[:count] for one, count in zip(classes, counts, strict=True)]
    chosen = np.sort(np.concatenate(drawn))
    return np.setdiff1d(np.arange(len(labels)), chosen), chosen
