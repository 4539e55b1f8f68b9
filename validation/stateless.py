"""The nodes between populations as torch modules over (T, batch, *shape)."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from graphs.nodes import Node
from graphs.nodes.boundary import Output
from graphs.nodes.conv import Convolution
from graphs.nodes.delay import Delay
from graphs.nodes.elementwise import BatchNorm, Relu, Scale
from graphs.nodes.flatten import Flatten
from graphs.nodes.linear import Linear, Sparse
from graphs.nodes.node import Shape
from graphs.nodes.pool import Pool
from graphs.nodes.window import axes


class PerStep(nn.Module):
    """A module over a batch, applied to all time steps at once."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """(T, batch, …) as T · batch samples."""
        out = self.module(inputs.flatten(0, 1))
        return out.reshape(*inputs.shape[:2], *out.shape[1:])


class Apply(nn.Module):
    """A function of (T, batch, …)."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """The function."""
        return self.function(inputs)


class Held(nn.Module):
    """What comes in, some whole steps later: one number of steps, or one for each element."""

    def __init__(self, steps: int | torch.Tensor) -> None:
        super().__init__()
        self.steps = steps

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Zeros first, then the inputs, (T, batch, *shape)."""
        if isinstance(self.steps, int):
            return self._later(inputs, self.steps)
        out = torch.zeros_like(inputs)
        for steps in self.steps.unique().tolist():
            out = torch.where(self.steps == steps, self._later(inputs, int(steps)), out)
        return out

    def longest(self) -> int:
        """Most steps that anything waits."""
        return self.steps if isinstance(self.steps, int) else int(self.steps.max())

    @staticmethod
    def _later(inputs: torch.Tensor, steps: int) -> torch.Tensor:
        silence = inputs.new_zeros((min(steps, len(inputs)), *inputs.shape[1:]))
        return torch.cat([silence, inputs[: max(len(inputs) - steps, 0)]])


def stateless(node: Node, shape: Shape, arrays: Mapping[str, np.ndarray], dt: float) -> tuple[nn.Module, bool]:
    """The module of a node that is no population, and whether its weights had to be drawn.

    Args:
        node: the node.
        shape: of its input.
        arrays: its arrays: weight, bias, scale, the constants of a normalisation.
        dt: length of a time step, s.
    """
    known = {name: torch.as_tensor(array).to(torch.get_default_dtype()) for name, array in arrays.items()}
    if isinstance(node, Linear | Sparse):
        module = nn.Linear(shape[-1], node.features, bias=node.bias)
        if isinstance(node, Sparse) and "weight" not in known:
            kept = node.geometry(shape).weights
            mask = torch.zeros(node.features * shape[-1])
            mask[torch.randperm(len(mask))[:kept]] = 1
            module.weight.data *= mask.reshape(module.weight.shape) * math.sqrt(len(mask) / kept)
        return _loaded(module, known)
    if isinstance(node, Convolution):
        windows = axes(shape, node.dimensions, node.kernel, node.stride, node.padding, node.dilation)
        make: Any = nn.Conv1d if node.dimensions == 1 else nn.Conv2d
        sizes = [tuple(getattr(w, name) for w in windows) for name in ("kernel", "stride", "dilation")]
        conv = make(shape[0], node.features, sizes[0], sizes[1], 0, sizes[2], node.groups, node.bias)
        module, drawn = _loaded(conv, known)
        return PerStep(nn.Sequential(_padding(windows), module)), drawn
    if isinstance(node, Pool):
        return PerStep(_pool(node, shape)), False
    if isinstance(node, Flatten):
        start, end = node.start_dim % len(shape), node.end_dim % len(shape)
        return Apply(lambda x: x.flatten(start + 2, end + 2)), False
    if isinstance(node, Delay):
        own = known.get("delay")
        return Held(round(node.delay / dt) if own is None else (own / dt).round().long()), False
    if isinstance(node, Scale):
        return Apply(lambda x: x * known.get("scale", node.scale)), False
    if isinstance(node, Relu):
        return Apply(torch.relu), False
    if isinstance(node, BatchNorm):
        make = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
        norm = make(shape[0])
        norm.load_state_dict({**norm.state_dict(), **known})
        return PerStep(norm.eval()), False
    if isinstance(node, Output):
        return nn.Identity(), False
    return nn.Identity(), False


def _loaded(module: nn.Module, known: Mapping[str, torch.Tensor]) -> tuple[nn.Module, bool]:
    """The module with the arrays that there are; whether its weights are still those it was made with."""
    module.load_state_dict({**module.state_dict(), **known})
    return module, "weight" not in known


def _padding(windows: list) -> nn.Module:
    amounts = [size for window in reversed(windows) for size in (window.before, window.after)]
    return nn.ConstantPad1d(tuple(amounts), 0.0) if len(windows) == 1 else nn.ConstantPad2d(tuple(amounts), 0.0)


def _pool(node: Pool, shape: Shape) -> nn.Module:
    windows = axes(shape, node.dimensions, node.kernel, node.kernel if node.stride is None else node.stride, node.padding)
    kernel, stride = tuple(w.kernel for w in windows), tuple(w.stride for w in windows)
    which = (nn.MaxPool1d, nn.MaxPool2d) if node.type.startswith("max") else (nn.AvgPool1d, nn.AvgPool2d)
    make: Any = which[node.dimensions - 1]
    factor = math.prod(kernel) if node.type.startswith("sum") else 1
    return nn.Sequential(_padding(windows), make(kernel, stride), Apply(lambda x: x * factor))
