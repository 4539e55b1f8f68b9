"""The nodes between populations as torch modules over (T, batch, *shape)."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parametrize

from costmodel.graphs.nodes import Node
from costmodel.graphs.nodes.conv import Convolution, TransposedConvolution
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.elementwise import BatchNorm, Elementwise
from costmodel.graphs.nodes.linear import Linear, Sparse
from costmodel.graphs.nodes.node import Shape
from costmodel.graphs.nodes.operands import Operands
from costmodel.graphs.nodes.pool import Pool
from costmodel.graphs.nodes.reducing import Reduce
from costmodel.graphs.nodes.synapses import SynapseNode
from costmodel.graphs.nodes.window import axes
from costmodel.graphs.nodes.wiring import Wiring
from costmodel.validation.neurons.layer import Backend
from costmodel.validation.runner.arranging import Joined, moving
from costmodel.validation.runner.delays import DelayedLinear, DelayLine, Delays, Held
from costmodel.validation.runner.functions import computing, normalisation
from costmodel.validation.runner.initial import draw_weights
from costmodel.validation.runner.pooling import MaxPool

Arrays = Mapping[str, np.ndarray]


class PerStep(nn.Module):
    """A module over a batch, applied to all time steps at once."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """(T, batch, …) as T · batch samples."""
        out = self.module(inputs.flatten(0, 1))
        return out.unflatten(0, inputs.shape[:2])


class Apply(nn.Module):
    """A function of (T, batch, …)."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """The function."""
        return self.function(inputs)


def synapses(node: SynapseNode, shape: Shape, arrays: Arrays, reach: float) -> nn.Module:
    """The module of a weighted node; weights that ``arrays`` lacks are drawn, and biases are then 0.

    Args:
        node: the node.
        shape: of its input.
        arrays: weight and bias, as far as they are known.
        reach: input by which a neuron behind it would reach its threshold.
    """
    if isinstance(node, Linear | Sparse):
        module: Any = nn.Linear(shape[-1], node.features, bias=node.bias)
        whole: nn.Module = module
    elif isinstance(node, Convolution):
        windows = axes(shape, node.dimensions, node.kernel, node.stride, node.padding, node.dilation)
        make: Any = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[node.dimensions - 1]
        sizes = [tuple(getattr(w, name) for w in windows) for name in ("kernel", "stride", "dilation")]
        even = all(w.before == w.after for w in windows)
        padding = tuple(w.before for w in windows) if even else 0
        module = make(shape[0], node.features, sizes[0], sizes[1], padding, sizes[2], node.groups, node.bias)
        if node.dimensions == 2:
            module.to(memory_format=torch.channels_last)  # faster on CPUs; of one channel, ``contiguous`` would change nothing
        whole = PerStep(module if even else nn.Sequential(_padding(windows), module))
    elif isinstance(node, TransposedConvolution):
        make = (nn.ConvTranspose1d, nn.ConvTranspose2d)[node.dimensions - 1]
        kernel, stride, padding, output_padding, dilation = zip(*node.per_axis(), strict=True)
        module = make(shape[0], node.features, kernel, stride, padding, output_padding, node.groups, node.bias, dilation)
        whole = PerStep(module)
    else:
        raise TypeError(f"no module for a node of type '{node.type}'")
    known = {name: torch.as_tensor(array).to(torch.get_default_dtype()) for name, array in arrays.items()}
    if "weight" not in known:
        known["weight"] = draw_weights(node, shape, torch.empty_like(module.state_dict()["weight"]), reach)
        known |= {} if "bias" in known or module.bias is None else {"bias": torch.zeros_like(module.state_dict()["bias"])}
    module.load_state_dict({**module.state_dict(), **known})
    if isinstance(node, Sparse):
        parametrize.register_parametrization(module, "weight", Existing(module.state_dict()["weight"] != 0))
    return whole.requires_grad_(node.trained)


class Existing(nn.Module):
    """A parametrisation of weights of which only some exist; the others stay 0."""

    exists: torch.Tensor

    def __init__(self, exists: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("exists", exists)

    def forward(self, free: torch.Tensor) -> torch.Tensor:
        """The weights that exist."""
        return free * self.exists

    def right_inverse(self, value: torch.Tensor) -> torch.Tensor:
        """What is trained."""
        return value


def delayed(linear: nn.Module, node: Delay, arrays: Arrays, dt: float) -> nn.Module:
    """A linear module behind a synaptic delay whose every connection has its own."""
    if not isinstance(linear, nn.Linear):
        raise TypeError("synaptic delays are those of a linear node")
    return DelayedLinear(linear, _delays(node, tuple(linear.weight.shape), arrays, dt))


def _delays(node: Delay, shape: Shape, arrays: Arrays, dt: float) -> Delays:
    """Delays of that shape: from the file, or as the node says that they start."""
    if "delay" in arrays:
        start = torch.as_tensor(arrays["delay"]).to(torch.get_default_dtype())
    elif node.initial is not None:
        start = torch.normal(node.initial.mean, node.initial.deviation, shape)
    else:
        start = torch.full(shape, node.delay / 2)
    return Delays(start.clamp(0, node.delay), node.delay, dt, trained=node.trained)


def stateless(node: Node, shape: Shape, arrays: Arrays, dt: float, backend: Backend = "fused") -> nn.Module:
    """The module of a node that is neither a population nor weighted.

    Args:
        node: the node.
        shape: of its input.
        arrays: its arrays: scale, delays, the constants of a normalisation.
        dt: length of a time step, s.
        backend: "torch" for torch's own operations alone.
    """
    known = {name: torch.as_tensor(array).to(torch.get_default_dtype()) for name, array in arrays.items()}
    if isinstance(node, Pool):
        return PerStep(_pool(node, shape, backend))
    if isinstance(node, Wiring):
        return Apply(moving(node, shape))
    if isinstance(node, Operands):
        return Joined(node)
    if isinstance(node, Delay):
        if node.per_connection(arrays):
            return nn.Identity()  # the linear node that follows applies them
        if node.trained:
            return DelayLine(_delays(node, shape, arrays, dt))
        own = known.get("delay")
        return Held(round(node.delay / dt) if own is None else (own / dt).round().long())
    if isinstance(node, BatchNorm):
        return PerStep(normalisation(node, shape, known))
    if isinstance(node, Elementwise | Reduce):
        function = computing(node, shape, known)
        return function if isinstance(function, nn.Module) else Apply(function)
    return nn.Identity()


def _padding(windows: list, value: float = 0.0) -> nn.Module:
    amounts = [size for window in reversed(windows) for size in (window.before, window.after)]
    make: Any = (nn.ConstantPad1d, nn.ConstantPad2d, nn.ConstantPad3d)[len(windows) - 1]
    return make(tuple(amounts), value)


class MaxPool2d(nn.Module):
    """Maxima of k × k windows side by side; (batch, channels, height, width)."""

    def __init__(self, k: int) -> None:
        super().__init__()
        self.k = k

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """The maxima, by the compiled kernel on the CPU."""
        return MaxPool.apply(inputs, self.k) if inputs.device.type == "cpu" else nn.functional.max_pool2d(inputs, self.k)


def _pool(node: Pool, shape: Shape, backend: Backend) -> nn.Module:
    windows = axes(shape, node.dimensions, node.kernel, node.kernel if node.stride is None else node.stride, node.padding)
    kernel, stride = tuple(w.kernel for w in windows), tuple(w.stride for w in windows)
    plain = not any(w.before or w.after or w.kernel != w.stride or w.kernel != kernel[0] for w in windows)
    if node.type == "maxpool2d" and plain and backend == "fused":
        return MaxPool2d(kernel[0])
    largest, mean = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d), (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
    which = largest if node.type.startswith("max") else mean
    make: Any = which[node.dimensions - 1]
    factor = math.prod(kernel) if node.type.startswith("sum") else 1
    beyond = -math.inf if node.type.startswith("max") else 0.0  # no value that stands there can be the largest
    parts = [] if not any(w.before or w.after for w in windows) else [_padding(windows, beyond)]
    return nn.Sequential(*parts, make(kernel, stride), *([Apply(lambda x: x * factor)] if factor > 1 else []))
