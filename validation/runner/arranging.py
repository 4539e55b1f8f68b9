"""Nodes that move elements, and those with several inputs, over (T, batch, *shape)."""

from collections.abc import Callable, Sequence

import torch
from torch import nn

from costmodel.graphs.nodes.flatten import Flatten
from costmodel.graphs.nodes.node import Shape
from costmodel.graphs.nodes.operands import Concat, MatMul, Operands
from costmodel.graphs.nodes.wiring import Pad, Permute, Reshape, Select, Wiring


def moving(node: Wiring, shape: Shape) -> Callable[[torch.Tensor], torch.Tensor]:
    """What a node does that moves elements.

    Args:
        node: the node.
        shape: of its input.
    """
    if isinstance(node, Flatten):
        start, end = node.start_dim % len(shape), node.end_dim % len(shape)
        return lambda x: x.flatten(start + 2, end + 2)
    if isinstance(node, Reshape):
        return lambda x: x.reshape(*x.shape[:2], *node.shape)
    if isinstance(node, Permute):
        return lambda x: x.permute(0, 1, *(axis + 2 for axis in node.order))
    if isinstance(node, Select):
        return lambda x: x.index_select(node.axis + 2, torch.tensor(node.indices, device=x.device))
    if isinstance(node, Pad):
        amounts = [int(amount) for pair in reversed(node.amounts) for amount in pair]
        mode = "constant" if node.mode == "zeros" else node.mode
        return lambda x: nn.functional.pad(x.flatten(0, 1), amounts, mode).unflatten(0, x.shape[:2])
    raise TypeError(f"no module for a node of type '{node.type}'")


class Joined(nn.Module):
    """A node with inputs in places of their own."""

    def __init__(self, node: Operands) -> None:
        super().__init__()
        self.node = node

    def forward(self, inputs: Sequence[torch.Tensor]) -> torch.Tensor:
        """What it makes of its inputs, in their order."""
        if isinstance(self.node, Concat):
            return torch.cat(list(inputs), self.node.axis + 2)
        one, other = inputs
        return one @ other if isinstance(self.node, MatMul) else one * other
