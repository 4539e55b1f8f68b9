"""What is recorded of a run: calls, and the values that pass between them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.graphs.reading.tracing.axes import Axes, Part

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True)
class Move:
    """A function that only moves elements: ``apply`` does so with any tensor of the same shape."""

    name: str
    apply: Callable[["torch.Tensor"], "torch.Tensor"]


@dataclass(frozen=True)
class Value:
    """What a tensor holds: the output of a call, moved.

    Attributes:
        call: number of the call; -1 − i is input i.
        axes: its axes.
        moves: what moved it, first to last.
        picked: parts of which one element was taken, and which.
        membrane: names of the layers whose states it was made of, where it was.
    """

    call: int
    axes: Axes
    moves: tuple[Move, ...] = ()
    picked: tuple[tuple[Part, int], ...] = ()
    membrane: tuple[str, ...] = ()


@dataclass(frozen=True)
class Constant:
    """A tensor or number that does not come from the sample."""

    array: np.ndarray
    key: Any


Operand = Value | Constant


@dataclass(frozen=True)
class Operation:
    """What a function does, as a node of a network document.

    Attributes:
        kind: the node's type; or "sum" of operands with ``weights``, "join" of operands along the tensor's axis ``dims["axis"]``,
            "neurons" of a layer.
        fields: of the node.
        arrays: of the node: tensors that do not come from the sample.
        dims: fields that name axes, counted in the tensor's; the node counts those of a sample.
    """

    kind: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Constant] = field(default_factory=dict)
    dims: Mapping[str, int | tuple[int, ...]] = field(default_factory=dict)

    def key(self) -> tuple:
        """The same for two calls that do the same."""
        return (
            self.kind,
            repr(sorted(self.fields.items())),
            tuple((name, constant.key) for name, constant in sorted(self.arrays.items())),
            repr(sorted(self.dims.items())),
        )


@dataclass
class Call:
    """One call of a function or a neuron layer.

    Attributes:
        name: after the module that it stands in, and the function.
        operation: what it does.
        operands: what it received.
        axes: of what it sends.
        shape: of what it sends.
        layer: the neuron layer.
        sent: what it sent, where activity is measured.
        joint: of a matrix product, the share of each element's operations that are effective, where activity is measured.
    """

    name: str
    operation: Operation
    operands: tuple[Operand, ...]
    axes: Axes
    shape: tuple[int, ...]
    layer: "nn.Module | None" = None
    sent: "torch.Tensor | None" = None
    joint: "torch.Tensor | None" = None


@dataclass
class Run:
    """A module's run.

    Attributes:
        inputs: axes and shape of each tensor of the sample.
        samples: those tensors.
        calls: in order.
        results: what the module returned, tensors alone.
        dtype: of its parameters.
    """

    inputs: list[tuple[Axes, tuple[int, ...]]]
    samples: "list[torch.Tensor]"
    calls: list[Call] = field(default_factory=list)
    results: list[Operand] = field(default_factory=list)
