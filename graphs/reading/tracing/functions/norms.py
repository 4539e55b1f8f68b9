"""Normalisations."""

from typing import Any

from costmodel.graphs.reading.tracing.axes import hold
from costmodel.graphs.reading.tracing.calls import Operation
from costmodel.graphs.reading.tracing.functions.given import Given, Made, Unknown


def batch_norm(
    given: Given,
    input: Any,
    running_mean: Any,
    running_var: Any,
    weight: Any = None,
    bias: Any = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Made:
    """Per channel, with the statistics that were learnt."""
    del momentum
    if training or running_mean is None:
        raise Unknown("batch_norm with the statistics of the batch")
    value = given.value(input)
    hold(value.axes[1:], "feature")
    held = {"running_mean": running_mean, "running_var": running_var, "weight": weight, "bias": bias}
    arrays = {name: given.constant(x, f"a {name}") for name, x in held.items() if x is not None}
    return Made(Operation("batchnorm", {"eps": float(eps)}, arrays), (value,), value.axes)


def layer_norm(given: Given, input: Any, normalized_shape: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Made:
    """Over the last axes of every sample."""
    value = given.value(input)
    hold(value.axes[-len(normalized_shape) :], "feature")
    arrays = {name: given.constant(x, f"a {name}") for name, x in (("weight", weight), ("bias", bias)) if x is not None}
    return Made(Operation("layernorm", {"dims": len(normalized_shape), "eps": float(eps)}, arrays), (value,), value.axes)


FUNCTIONS = {"batch_norm": batch_norm, "layer_norm": layer_norm}
