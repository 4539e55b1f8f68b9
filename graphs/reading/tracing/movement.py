"""Nodes that put neurons where a tensor's moves put them."""

from math import prod

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.tracing.mapping import Rearrangement, Shape


def movement(moved: Rearrangement) -> list[dict]:
    """Nodes that move neurons so: a change of shape, an order of axes, or some of an axis.

    Raises:
        InputError: neurons are moved in no such way.
    """
    if moved.in_order:
        return [_shaped(moved.before, moved.after)]
    index = moved.places()
    if (found := _ordered(moved.before, index)) is not None:
        return found
    kept = [np.unique(places) for places in np.unravel_index(index, moved.before)]
    if prod(len(some) for some in kept) == index.size < prod(moved.before):
        return _some(moved, index, kept)
    what = f"neurons of shape {list(moved.before)} are put in an order that no node makes"
    raise InputError(what, mend="use permute, reshape, or one index along one axis at a time")


def _some(moved: Rearrangement, index: np.ndarray, kept: list[np.ndarray]) -> list[dict]:
    """Some of each axis, then moved as those that are left are."""
    steps: list[dict] = [
        {"type": "select", "axis": axis, "indices": [int(k) for k in some]}
        for axis, (some, size) in enumerate(zip(kept, moved.before, strict=True))
        if len(some) < size
    ]
    left = tuple(len(some) for some in kept)
    places = [np.searchsorted(some, at) for some, at in zip(kept, np.unravel_index(index, moved.before), strict=True)]
    rest = Rearrangement(left, moved.after, np.ravel_multi_index(places, left).astype(np.int64).tobytes())
    return steps if rest.nothing else [*steps, *movement(rest)]


def _ordered(before: Shape, index: np.ndarray) -> list[dict] | None:
    """Another order of axes, or of the factors that a change of shape makes of them."""
    if index.size != prod(before):
        return None
    factors: list[tuple[int, int]] = []
    for axis, size in enumerate(index.shape):
        line = index[tuple(slice(None) if i == axis else 0 for i in range(index.ndim))]
        factors += _factors([int(k) for k in line]) if size > 1 else []
    order = sorted(range(len(factors)), key=lambda i: -factors[i][1])
    finer = tuple(factors[i][0] for i in order)
    back = tuple(order.index(i) for i in range(len(factors)))
    if prod(finer) != index.size:
        return None
    if not (np.arange(index.size).reshape(finer).transpose(back).ravel() == index.ravel()).all():
        return None
    permuted = tuple(finer[i] for i in back)
    turned = {"type": "permute", "order": list(back)}
    first = [] if finer == before else [_shaped(before, finer)]
    return [*first, *_then(permuted, index.shape, turned)]


def _factors(line: list[int]) -> list[tuple[int, int]]:
    """(Size, stride) of the factors of an axis, outermost first, from the places along it."""
    if len(line) == 1:
        return []
    stride = line[1] - line[0]
    size = next((k for k in range(2, len(line)) if line[k] != line[0] + k * stride), len(line))
    while len(line) % size:
        size -= 1
    return [*_factors(line[::size]), (size, stride)]


def _then(shape: Shape, after: Shape, step: dict) -> list[dict]:
    return [step] if shape == after else [step, _shaped(shape, after)]


def _shaped(before: Shape, after: Shape) -> dict:
    """A flattening where it is one, else a change of shape."""
    for start in range(len(before)):
        for end in range(start + 1, len(before)):
            if (*before[:start], prod(before[start : end + 1]), *before[end + 1 :]) == after:
                return {"type": "flatten", "start_dim": start, "end_dim": -1 if end == len(before) - 1 else end}
    return {"type": "reshape", "shape": [int(n) for n in after]}
