"""What a function of torch was given, and what is made of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from costmodel.graphs.reading.tracing.axes import Axes
from costmodel.graphs.reading.tracing.calls import Constant, Operand, Operation, Value


class Unknown(Exception):  # noqa: N818  (no error until a layer receives what it made)
    """A function, used in a way, that no node does."""


@dataclass(frozen=True)
class Made:
    """What a function does, on which operands, and the axes of what it returned; ``leaf``: a module of torch is named after it."""

    operation: Operation
    operands: tuple[Operand, ...]
    axes: Axes
    leaf: bool = True


@dataclass(frozen=True)
class Given:
    """A call as seen.

    Attributes:
        operand: a tensor or number as an operand.
        out: the tensor that was returned.
        where: what errors call it.
    """

    operand: Callable[[Any], Operand]
    out: torch.Tensor
    where: str

    def value(self, x: Any) -> Value:
        """A tensor that comes from the sample.

        Raises:
            Unknown: it does not.
        """
        found = self.operand(x)
        if not isinstance(found, Value):
            raise Unknown("a function of constants first")
        return found

    def constant(self, x: Any, what: str) -> Constant:
        """A tensor that does not come from the sample.

        Raises:
            Unknown: it does.
        """
        found = self.operand(x)
        if not isinstance(found, Constant):
            raise Unknown(f"{what} that comes from the sample")
        return found


def per_axis(value: Any, dimensions: int) -> int | list[int]:
    """A window's size along each axis; one number where all are the same."""
    sizes = [int(v) for v in (value if isinstance(value, list | tuple) else [value])]
    sizes = sizes * dimensions if len(sizes) == 1 else sizes
    return sizes[0] if len(set(sizes)) == 1 else sizes
