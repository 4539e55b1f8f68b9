"""The code of a node without neurons: an expression of what it receives, and the arrays that it needs."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes import Node
from costmodel.graphs.nodes.conv import Convolution
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.elementwise import BatchNorm, Relu, Scale
from costmodel.graphs.nodes.flatten import Flatten
from costmodel.graphs.nodes.linear import Linear, Sparse
from costmodel.graphs.nodes.node import Shape
from costmodel.graphs.nodes.pool import Pool
from costmodel.graphs.nodes.window import Axis, axes

Arrays = Mapping[str, np.ndarray]


class Code(NamedTuple):
    """An expression in ``x`` (T, batch, *shape) and in ``self.KEY_NAME`` of its arrays; how many steps it holds things back."""

    text: str
    arrays: Arrays = {}  # noqa: RUF012
    waits: int = 0


def code(node: Node, shape: Shape, arrays: Arrays, dt: float, key: str) -> Code:
    """The code of a node.

    Args:
        node: the node; neither an input nor a population.
        shape: of its input.
        arrays: its arrays, weights among them.
        dt: length of a step, s.
        key: what its arrays are called by.

    Raises:
        InputError: a delay that a module has no code for.
    """
    own = {name: f"self.{key}_{name}" for name in arrays}
    if isinstance(node, Linear | Sparse):
        return Code(f"F.linear(x, {own['weight']}, {own.get('bias')})", arrays)
    if isinstance(node, Convolution):
        windows = axes(shape, node.dimensions, node.kernel, node.stride, node.padding, node.dilation)
        padded, left = _padded(windows, inner=True)
        sizes = f"padding={left}, groups={node.groups}, "
        sizes += ", ".join(f"{name}={tuple(getattr(w, name) for w in windows)}" for name in ("stride", "dilation"))
        call = f"F.conv{node.dimensions}d({padded}, {own['weight']}, {own.get('bias')}, {sizes})"
        return Code(f"each_step(lambda x: {call}, x)", arrays)
    if isinstance(node, Pool):
        windows = axes(shape, node.dimensions, node.kernel, node.kernel if node.stride is None else node.stride, node.padding)
        padded, _ = _padded(windows, inner=False)
        kernel, stride = (tuple(getattr(w, name) for w in windows) for name in ("kernel", "stride"))
        kind, factor = ("max" if node.type.startswith("max") else "avg"), math.prod(kernel) if node.type.startswith("sum") else 1
        call = f"F.{kind}_pool{node.dimensions}d({padded}, {kernel}, {stride})" + (f" * {factor}" if factor > 1 else "")
        return Code(f"each_step(lambda x: {call}, x)")
    if isinstance(node, Flatten):
        return Code(f"x.flatten({node.start_dim % len(shape) + 2}, {node.end_dim % len(shape) + 2})")
    if isinstance(node, Delay):
        return _delay(node, arrays, dt, key)
    if isinstance(node, Scale):
        return Code(f"x * {own['scale']}", arrays) if arrays else Code(f"x * {node.scale!r}")
    if isinstance(node, Relu):
        return Code("torch.relu(x)")
    if isinstance(node, BatchNorm):
        known = {"weight": np.ones, "bias": np.zeros, "running_mean": np.zeros, "running_var": np.ones}
        whole = {name: arrays.get(name, make(shape[0], np.float32)) for name, make in known.items()}
        values = ", ".join(f"self.{key}_{name}" for name in ("running_mean", "running_var", "weight", "bias"))
        return Code(f"each_step(lambda x: F.batch_norm(x, {values}), x)", whole)
    return Code("x")


def _delay(node: Delay, arrays: Arrays, dt: float, key: str) -> Code:
    if node.trained or node.per_connection(arrays):
        mend = "give every element one delay, and do not train it"
        raise InputError("a module has no code for delays that are trained, or of every connection", mend=mend)
    if "delay" not in arrays:
        steps = round(node.delay / dt)
        return Code(f"later(x, {steps})", waits=steps)
    each = np.round(np.asarray(arrays["delay"], dtype=np.float32) / np.float32(dt)).astype(np.int64)
    return Code(f"held(x, self.{key}_steps)", {"steps": each}, int(each.max()))


def _padded(windows: list[Axis], *, inner: bool) -> tuple[str, object]:
    """What is padded beforehand, and what a convolution pads itself, where that is as much on both sides."""
    if inner and all(window.before == window.after for window in windows):
        return "x", tuple(window.before for window in windows)
    amounts = [size for window in reversed(windows) for size in (window.before, window.after)]
    return ("x" if not any(amounts) else f"F.pad(x, {tuple(amounts)})"), 0


HELPERS = '''def total(parts):
    """The sum of what a node's predecessors send."""
    return parts[0] if len(parts) == 1 else torch.stack(parts).sum(dim=0)


def each_step(function, x):
    """A function of a batch, over (T, batch, ...)."""
    return function(x.flatten(0, 1)).unflatten(0, x.shape[:2])


def later(x, steps):
    """What comes in, some steps later; zeros first."""
    return torch.cat([x.new_zeros((min(steps, len(x)), *x.shape[1:])), x[: max(len(x) - steps, 0)]])


def held(x, steps):
    """What comes in, each element some steps of its own later."""
    out = torch.zeros_like(x)
    for each in steps.unique().tolist():
        out = torch.where(steps == each, later(x, each), out)
    return out'''
