"""Weighted connections: linear, convolutional, transposed, looked up."""

from typing import Any

from costmodel.graphs.reading.tracing.axes import features, hold
from costmodel.graphs.reading.tracing.calls import Operation
from costmodel.graphs.reading.tracing.functions.given import Given, Made, Unknown, per_axis


def linear(given: Given, x: Any, weight: Any, bias: Any = None) -> Made:
    """y = x Wᵀ + b over the last axis."""
    value, arrays = given.value(x), _arrays(given, weight, bias)
    hold(value.axes[-1:], "feature")
    axes = (*value.axes[:-1], *features(given.out.shape[-1:]))
    return Made(Operation("linear", {"features": int(given.out.shape[-1]), "bias": bias is not None}, arrays), (value,), axes)


def _arrays(given: Given, weight: Any, bias: Any) -> dict:
    held = {"weight": given.constant(weight, "a weight")}
    return held if bias is None else held | {"bias": given.constant(bias, "a bias")}


def _convolution(given: Given, x: Any, fields: dict, arrays: dict) -> Made:
    value = given.value(x)
    if len(value.axes) != len(arrays["weight"].array.shape):
        raise Unknown("a convolution of a sample without a batch")
    hold(value.axes[1:], "feature")
    axes = (value.axes[0], *features(given.out.shape[1:]))
    kind = fields.pop("type")
    return Made(Operation(kind, {**fields, "features": int(given.out.shape[1]), "bias": "bias" in arrays}, arrays), (value,), axes)


def _conv(dimensions: int) -> Any:
    def conv(
        given: Given,
        input: Any,
        weight: Any,
        bias: Any = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Made:
        if padding == "same" and any(size % 2 == 0 for size in weight.shape[2:]):
            raise Unknown("a convolution of an even kernel with padding='same'")
        fields = {
            "type": f"conv{dimensions}d",
            "kernel": per_axis(list(weight.shape[2:]), dimensions),
            "stride": per_axis(stride, dimensions),
            "padding": {"same": "same", "valid": 0}.get(padding) if isinstance(padding, str) else per_axis(padding, dimensions),
            "dilation": per_axis(dilation, dimensions),
            "groups": int(groups),
        }
        return _convolution(given, input, fields, _arrays(given, weight, bias))

    return conv


def _conv_transpose(dimensions: int) -> Any:
    def conv(
        given: Given,
        input: Any,
        weight: Any,
        bias: Any = None,
        stride: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        groups: int = 1,
        dilation: Any = 1,
    ) -> Made:
        fields = {
            "type": f"convtranspose{dimensions}d",
            "kernel": per_axis(list(weight.shape[2:]), dimensions),
            "stride": per_axis(stride, dimensions),
            "padding": per_axis(padding, dimensions),
            "output_padding": per_axis(output_padding, dimensions),
            "dilation": per_axis(dilation, dimensions),
            "groups": int(groups),
        }
        return _convolution(given, input, fields, _arrays(given, weight, bias))

    return conv


FUNCTIONS = {
    "linear": linear,
    **{f"conv{n}d": _conv(n) for n in (1, 2, 3)},
    **{f"conv_transpose{n}d": _conv_transpose(n) for n in (1, 2)},
}
