"""Symmetric mean absolute percentage error, as NeuroBench defines it (``neurobench/metrics/workload/smape.py``)."""

import torch

from costmodel.graphs.errors import InputError


def smape(predicted: torch.Tensor, target: torch.Tensor) -> float:
    """200 · mean(|p − y| / (|p| + |y|)): 0 where all is right, 200 at worst, and also where anything is not a number.

    Args:
        predicted, target: of the same shape.

    Raises:
        InputError: they are not.
    """
    if predicted.shape != target.shape:
        raise InputError(f"predictions are {tuple(predicted.shape)} and targets {tuple(target.shape)}; the shapes must be equal")
    error = 200 * ((predicted - target).abs() / (predicted.abs() + target.abs())).mean()
    return float(error.nan_to_num(nan=200.0))
