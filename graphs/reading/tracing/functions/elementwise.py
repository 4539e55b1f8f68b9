"""Functions of each element: sums, factors, rectifiers and their like."""

from typing import Any

import numpy as np

from costmodel.graphs.reading.tracing.axes import broadcast
from costmodel.graphs.reading.tracing.calls import Constant, Operation, Value
from costmodel.graphs.reading.tracing.functions.given import Given, Made, Unknown


def add(given: Given, one: Any, other: Any, *, alpha: float = 1) -> Made:
    """one + α other."""
    return _sum(given, (one, 1.0), (other, float(alpha)))


def sub(given: Given, one: Any, other: Any, *, alpha: float = 1) -> Made:
    """one − α other."""
    return _sum(given, (one, 1.0), (other, -float(alpha)))


def rsub(given: Given, one: Any, other: Any, *, alpha: float = 1) -> Made:
    """other − α one."""
    return _sum(given, (other, 1.0), (one, -float(alpha)))


def _sum(given: Given, *terms: tuple[Any, float]) -> Made:
    operands = tuple(given.operand(x) for x, _ in terms)
    values = [v for v in operands if isinstance(v, Value)]
    if len(values) < len(operands) and max(len(v.axes) for v in values) < given.out.ndim:
        raise Unknown("a sum with a constant of more axes")
    return Made(Operation("sum", {"weights": [w for _, w in terms]}), operands, broadcast([v.axes for v in values]), leaf=False)


def mul(given: Given, one: Any, other: Any) -> Made:
    """one · other, of which either may be a constant."""
    operands = given.operand(one), given.operand(other)
    values = [v for v in operands if isinstance(v, Value)]
    if len(values) == 2:
        return Made(Operation("product"), operands, broadcast([v.axes for v in values]), leaf=False)
    return _scaled(values[0], next(v for v in operands if isinstance(v, Constant)), given)


def div(given: Given, one: Any, other: Any, *, rounding_mode: str | None = None) -> Made:
    """one / other by a constant."""
    if rounding_mode is not None:
        raise Unknown("a division that rounds")
    divisor = given.constant(other, "a divisor")
    if not np.all(divisor.array):
        raise Unknown("a division by 0")
    return _scaled(given.value(one), Constant(1 / divisor.array, ("1/", divisor.key)), given)


def neg(given: Given, x: Any) -> Made:
    """−x."""
    return _scaled(given.value(x), Constant(np.array(-1.0), -1.0), given)


def _scaled(value: Value, factor: Constant, given: Given) -> Made:
    if len(value.axes) < given.out.ndim:
        raise Unknown("a product with a constant of more axes")
    return Made(Operation("scale", arrays={"scale": factor}), (value,), value.axes, leaf=False)


def relu(given: Given, x: Any, inplace: bool = False) -> Made:
    """max(x, 0)."""
    del inplace
    value = given.value(x)
    return Made(Operation("relu"), (value,), value.axes)


def dropout(given: Given, x: Any, p: float = 0.5, training: bool = True, inplace: bool = False) -> Made:
    """Nothing, where the module does not train."""
    del inplace
    if training and p > 0:
        raise Unknown("dropout while training")
    value = given.value(x)
    return Made(Operation("sum", {"weights": [1.0]}), (value,), value.axes)


def _activation(function: str, **defaults: Any) -> Any:
    def activation(given: Given, x: Any, *rest: Any, inplace: bool = False, **words: Any) -> Made:
        del inplace
        value = given.value(x)
        options = {**defaults, **dict(zip(defaults, rest, strict=False)), **words}
        name = f"{function}-tanh" if options.get("approximate") == "tanh" else function
        kept = {"slope": float(options["negative_slope"])} if "negative_slope" in options else {}
        if options.get("alpha", 1.0) != 1.0 or options.get("beta", 1) != 1:
            raise Unknown(f"{function} with parameters of its own")
        return Made(Operation("activation", {"function": name, **kept}), (value,), value.axes)

    return activation


def softmax(given: Given, x: Any, dim: int | None = None, *rest: Any, **words: Any) -> Made:
    """Shares along an axis."""
    del rest, words
    value = given.value(x)
    if dim is None:
        raise Unknown("softmax without an axis")
    return Made(Operation("softmax", dims={"axis": dim % len(value.axes)}), (value,), value.axes)


FUNCTIONS = {
    **dict.fromkeys(("add", "iadd", "radd"), add),
    **dict.fromkeys(("sub", "isub", "subtract"), sub),
    "rsub": rsub,
    **dict.fromkeys(("mul", "imul", "rmul", "multiply"), mul),
    **dict.fromkeys(("div", "truediv", "itruediv", "true_divide", "divide"), div),
    **dict.fromkeys(("neg", "negative"), neg),
    "relu": relu,
    **dict.fromkeys(("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"), dropout),
    "sigmoid": _activation("sigmoid"),
    "tanh": _activation("tanh"),
    "gelu": _activation("gelu", approximate="none"),
    "silu": _activation("silu"),
    "leaky_relu": _activation("leaky-relu", negative_slope=0.01),
    "elu": _activation("elu", alpha=1.0),
    "softplus": _activation("softplus", beta=1, threshold=20),
    "softmax": softmax,
}
