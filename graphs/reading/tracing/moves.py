"""Functions that only move a tensor's elements, and what they do to its axes."""

from collections.abc import Callable, Iterator
from typing import Any

import torch

from costmodel.graphs.reading.tracing.axes import Axes, Axis, Part, features, hold, leaves, reshaped
from costmodel.graphs.reading.tracing.calls import Move, Value

_SAME = frozenset(
    [
        "contiguous",
        "clone",
        "detach",
        "detach_",
        "to",
        "float",
        "double",
        "half",
        "bfloat16",
        "cpu",
        "cuda",
        "type",
        "type_as",
        "requires_grad_",
        "data",
        "alias",
        "identity",
    ]
)
_SHAPES = frozenset(
    ["view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "view_as", "reshape_as", "ravel", "squeeze_", "unsqueeze_"]
)
_ORDERS = frozenset(["permute", "transpose", "movedim", "moveaxis", "swapaxes", "swapdims", "t", "T", "mT", "transpose_"])
_REPEATS = frozenset(["expand", "expand_as", "broadcast_to", "repeat", "tile"])
_PIECES = frozenset(["unbind", "chunk", "split", "tensor_split", "__iter__", "split_with_sizes"])
_PICKS = frozenset(["__getitem__", "select", "narrow", "index_select", "flip", "roll"])

MOVES = _SAME | _SHAPES | _ORDERS | _REPEATS | _PIECES | _PICKS
"""Names of these functions."""


def moved(name: str, func: Callable, value: Value, x: torch.Tensor, args: tuple, kwargs: dict, out: Any) -> Iterator[Value]:
    """What each tensor that the function returns holds.

    Args:
        name: of the function.
        func: the function; of its arguments ``args`` and ``kwargs`` the first is ``x``.
        value: what ``x`` holds.
        x: the tensor.
        args: all arguments.
        kwargs: those by name.
        out: what it returned: a tensor, or several.
    """
    rest = args[1:]
    if name in _SAME:
        yield value
    elif name in _SHAPES:
        shape = tuple(out.shape)
        yield _step(value, Move(f"reshape{shape}", lambda t: t.reshape(shape)), reshaped(value.axes, shape))
    elif name in _REPEATS:
        shape = tuple(out.shape)
        yield _step(value, _repetition(name, shape, func, rest, kwargs), _repeated(value.axes, shape))
    elif name in _ORDERS:
        probe = func(torch.empty(tuple(range(2, 2 + x.ndim)), device="meta"), *rest, **kwargs)
        order = tuple(size - 2 for size in probe.shape)
        yield _step(value, Move(f"permute{order}", lambda t: t.permute(order)), tuple(value.axes[i] for i in order))
    elif name in _PIECES:
        yield from _pieces(name, value, rest, kwargs, out)
    else:
        index = _index(name, x, rest, kwargs)
        axes, picked = _indexed(value.axes, index, out)
        move = Move(f"[{index!r}]" if not _holds_tensor(index) else f"[{id(index)}]", lambda t: t[index])
        if index is None:
            move = Move(f"{name}{rest!r}{kwargs!r}", lambda t: func(t, *rest, **kwargs))
            axes, picked = _stirred(value.axes, out), ()
        yield Value(value.call, axes, (*value.moves, move), value.picked + picked, value.membrane)


def _step(value: Value, move: Move, axes: Axes) -> Value:
    return Value(value.call, axes, (*value.moves, move), value.picked, value.membrane)


def _repetition(name: str, shape: tuple[int, ...], func: Callable, rest: tuple, kwargs: dict) -> Move:
    if name in ("repeat", "tile"):
        return Move(f"repeat{rest!r}{kwargs!r}", lambda t: func(t, *rest, **kwargs))
    return Move(f"expand{shape}", lambda t: t.expand(shape))


def _repeated(axes: Axes, shape: tuple[int, ...]) -> Axes:
    """Axes of one element become new ones; those of more are told apart by the repetition first."""
    out: list[Axis] = []
    padded: list[Axis | None] = [None] * (len(shape) - len(axes))
    for size, axis in zip(shape, (*padded, *axes), strict=True):
        had = 1 if axis is None else _size(axis)
        if axis is None or (had == 1 and size > 1):
            out.append((Part(size),))
        else:
            out.append(axis if had == size else (Part(size // had), *axis))
    return tuple(out)


def _size(axis: Axis) -> int:
    size = 1
    for leaf in leaves([axis]):
        size *= leaf.size
    return size


def _pieces(name: str, value: Value, rest: tuple, kwargs: dict, out: Any) -> Iterator[Value]:
    dim = kwargs.get("dim", rest[0] if name == "unbind" and rest else rest[1] if len(rest) > 1 else 0) % len(value.axes)
    start = 0
    for piece in out:
        if name in ("unbind", "__iter__"):
            index: tuple = (*(slice(None),) * dim, start)
            start += 1
        else:
            index = (*(slice(None),) * dim, slice(start, start + piece.shape[dim]))
            start += piece.shape[dim]
        axes, picked = _indexed(value.axes, index, piece)
        move = Move(f"[{index!r}]", lambda t, index=index: t[index])
        yield Value(value.call, axes, (*value.moves, move), value.picked + picked, value.membrane)


def _index(name: str, x: torch.Tensor, rest: tuple, kwargs: dict) -> Any:
    """As an index in brackets; None where it is none."""
    if name == "__getitem__":
        return rest[0] if isinstance(rest[0], tuple) else (rest[0],)
    if name == "select":
        dim, index = (*rest, *(kwargs[k] for k in ("dim", "index") if k in kwargs))
        return (*(slice(None),) * (dim % x.ndim), index)
    if name == "narrow":
        dim, start, length = (*rest, *(kwargs[k] for k in ("dim", "start", "length") if k in kwargs))
        return (*(slice(None),) * (dim % x.ndim), slice(start, start + length))
    return None


def _indexed(axes: Axes, index: Any, out: torch.Tensor) -> tuple[Axes, tuple[tuple[Part, int], ...]]:
    """Axes behind an index, and the parts of which one element was taken."""
    if index is None:
        return axes, ()
    if _holds_tensor(index):
        return _stirred(axes, out), ()
    counted = sum(1 for item in index if item is not None and item is not Ellipsis)
    items: list[Any] = []
    for item in index:
        items += [slice(None)] * (len(axes) - counted) if item is Ellipsis else [item]
    found, picked, place = [], [], 0
    for item in items:
        if item is None:
            found.append((Part(1),))
            continue
        axis = axes[place]
        place += 1
        size = _size(axis)
        if isinstance(item, slice):
            taken = len(range(*item.indices(size)))
            found.append(axis if taken == size and (item.step or 1) == 1 else _taken(axis, taken))
        elif len(axis) == 1 and len(axis[0].leaves()) == 1:
            picked.append((axis[0], int(item) % size))
        else:
            hold([axis], "feature")
    return (*found, *axes[place:]), tuple(picked)


def _taken(axis: Axis, size: int) -> Axis:
    """Some of an axis: neurons, for of samples or time steps all are wanted."""
    hold([axis], "feature")
    return features([size])[0]


def _stirred(axes: Axes, out: torch.Tensor) -> Axes:
    """Axes that keep their sizes keep what they stand for; others are neurons."""
    if len(axes) == out.ndim and all(_size(axis) == size for axis, size in zip(axes, out.shape, strict=True)):
        return axes
    hold(axes[1:], "feature")
    return (axes[0], *features(out.shape[1:])) if out.ndim and _size(axes[0]) == out.shape[0] else features(out.shape)


def _holds_tensor(index: Any) -> bool:
    return any(isinstance(item, torch.Tensor | list) for item in (index if isinstance(index, tuple) else (index,)))
