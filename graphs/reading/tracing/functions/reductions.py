"""Sums, means and maxima over axes: of neurons a node, of time steps how the answer is read."""

from typing import Any

from costmodel.graphs.reading.tracing.calls import Operation
from costmodel.graphs.reading.tracing.functions.given import Given, Made, Unknown


def _reduce(operation: str) -> Any:
    def reduce(given: Given, x: Any, dim: Any = None, keepdim: bool = False, **words: Any) -> Made:
        if words.get("dtype") is not None or "other" in words or hasattr(dim, "shape"):
            raise Unknown(operation)
        value = given.value(x)
        dims = range(len(value.axes)) if dim is None else dim if isinstance(dim, list | tuple) else [dim]
        gone = tuple(sorted({d % len(value.axes) for d in dims}))
        axes = tuple(axis for i, axis in enumerate(value.axes) if i not in gone)
        if keepdim:
            from costmodel.graphs.reading.tracing.axes import Part

            axes = tuple((Part(1),) if i in gone else axis for i, axis in enumerate(value.axes))
        fields = {"operation": operation, "keep": bool(keepdim)}
        return Made(Operation("reduce", fields, dims={"axes": gone}), (value,), axes, leaf=False)

    return reduce


FUNCTIONS = {
    "sum": _reduce("sum"),
    "mean": _reduce("mean"),
    **dict.fromkeys(("amax", "max"), _reduce("max")),
}
