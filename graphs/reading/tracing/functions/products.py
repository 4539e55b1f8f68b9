"""Matrix products, with weights or of two values, and tensors that are put together."""

from typing import Any

from costmodel.graphs.reading.tracing.axes import broadcast, features, fresh, hold
from costmodel.graphs.reading.tracing.calls import Constant, Operation, Value
from costmodel.graphs.reading.tracing.functions.given import Given, Made, Unknown


def matmul(given: Given, one: Any, other: Any) -> Made:
    """one @ other: a linear layer where other is a constant matrix."""
    a, b = given.operand(one), given.operand(other)
    if isinstance(a, Value) and isinstance(b, Constant):
        if b.array.ndim != 2:
            raise Unknown("a product with a constant that is no matrix")
        hold(a.axes[-1:], "feature")
        weight = Constant(b.array.T, ("T", b.key))
        operation = Operation("linear", {"features": int(b.array.shape[1]), "bias": False}, {"weight": weight})
        return Made(operation, (a,), (*a.axes[:-1], *features(given.out.shape[-1:])), leaf=False)
    if not (isinstance(a, Value) and isinstance(b, Value)):
        raise Unknown("a constant times a matrix that comes from the sample")
    if len(a.axes) < 3 or len(b.axes) < 3:
        raise Unknown("a product over samples")
    hold((*a.axes[-2:], *b.axes[-2:]), "feature")
    lead = broadcast([a.axes[:-2], b.axes[:-2]])
    return Made(Operation("matmul"), (a, b), (*lead, a.axes[-2], b.axes[-1]), leaf=False)


def cat(given: Given, tensors: Any, dim: int = 0, **words: Any) -> Made:
    """Tensors behind one another along an axis."""
    dim = words.get("axis", dim)
    operands = tuple(given.operand(x) for x in tensors)
    values = [v for v in operands if isinstance(v, Value)]
    if len(values) < len(operands):
        raise Unknown("cat with a constant")
    axes, dim = values[0].axes, dim % given.out.ndim
    for other in values[1:]:
        broadcast([(*axes[:dim], *axes[dim + 1 :]), (*other.axes[:dim], *other.axes[dim + 1 :])])
    joined = (*axes[:dim], *fresh(given.out.shape[dim : dim + 1]), *axes[dim + 1 :])
    return Made(Operation("join", {"stacked": False}, dims={"axis": dim}), operands, joined, leaf=False)


def stack(given: Given, tensors: Any, dim: int = 0) -> Made:
    """Tensors side by side along a new axis."""
    operands = tuple(given.operand(x) for x in tensors)
    values = [v for v in operands if isinstance(v, Value)]
    if len(values) < len(operands):
        raise Unknown("stack with a constant")
    dim %= given.out.ndim
    axes = broadcast([v.axes for v in values])
    joined = (*axes[:dim], *fresh([len(values)]), *axes[dim:])
    return Made(Operation("join", {"stacked": True}, dims={"axis": dim}), operands, joined, leaf=False)


FUNCTIONS = {
    **dict.fromkeys(("matmul", "mm", "bmm"), matmul),
    **dict.fromkeys(("cat", "concat", "concatenate"), cat),
    "stack": stack,
}
