"""Nodes that compute each element, or rows of elements, over (T, batch, *shape)."""

from collections.abc import Callable, Mapping
from functools import partial

import torch
from torch import nn

from costmodel.graphs.nodes.elementwise import Activation, BatchNorm, Elementwise, LayerNorm, Relu, Scale, Shift, Softmax
from costmodel.graphs.nodes.node import Shape
from costmodel.graphs.nodes.reducing import Reduce
from costmodel.graphs.nodes.upsampling import Upsample

Function = Callable[[torch.Tensor], torch.Tensor]

_ACTIVATIONS: dict[str, Function] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "gelu": nn.functional.gelu,
    "gelu-tanh": partial(nn.functional.gelu, approximate="tanh"),
    "silu": nn.functional.silu,
    "elu": nn.functional.elu,
    "softplus": nn.functional.softplus,
}


class Constants(nn.Module):
    """A function with constants that move with the module.

    Args:
        function: takes the input, and the constants by name.
        constants: the constants.
    """

    def __init__(self, function: Callable[..., torch.Tensor], constants: Mapping[str, torch.Tensor]) -> None:
        super().__init__()
        self.function, self.names = function, list(constants)
        for name, value in constants.items():
            self.register_buffer(name, value)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """The function."""
        return self.function(inputs, **{name: getattr(self, name) for name in self.names})


def computing(node: Elementwise | Reduce, shape: Shape, known: Mapping[str, torch.Tensor]) -> Function:
    """What a node computes; its constants are `known`."""
    if isinstance(node, Scale):
        return Constants(lambda x, scale: x * scale, {"scale": known.get("scale", torch.tensor(node.scale))})
    if isinstance(node, Shift):
        return Constants(lambda x, shift: x + shift, {"shift": known.get("shift", torch.zeros(()))})
    if isinstance(node, Relu):
        return torch.relu
    if isinstance(node, Activation):
        return (
            partial(nn.functional.leaky_relu, negative_slope=node.slope)
            if node.function == "leaky-relu"
            else _ACTIVATIONS[node.function]
        )
    if isinstance(node, Softmax):
        return lambda x: x.softmax(node.axis % len(shape) + 2)
    if isinstance(node, LayerNorm):
        whole = partial(nn.functional.layer_norm, normalized_shape=shape[-node.dims :], eps=node.eps)
        return Constants(whole, {name: value for name, value in known.items() if name in ("weight", "bias")})
    if isinstance(node, Upsample):
        return lambda x: nn.functional.interpolate(x.flatten(0, 1), tuple(node.size), mode=node.mode).unflatten(0, x.shape[:2])
    if isinstance(node, Reduce):
        return partial(_reduced, node, one=len(node.axes) == len(shape))
    raise TypeError(f"no module for a node of type '{node.type}'")


def _reduced(node: Reduce, x: torch.Tensor, *, one: bool) -> torch.Tensor:
    axes = [axis + 2 for axis in node.axes]
    found = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax}[node.operation](x, axes)
    return found.unsqueeze(2) if one else found


def normalisation(node: BatchNorm, shape: Shape, known: Mapping[str, torch.Tensor]) -> nn.Module:
    """Normalisation by channel, of a batch."""
    make = {4: nn.BatchNorm3d, 3: nn.BatchNorm2d}.get(len(shape), nn.BatchNorm1d)
    norm = make(shape[0], eps=node.eps)
    norm.load_state_dict({**norm.state_dict(), **known})
    return norm
