"""Nodes that take several inputs, each in its place, where others take their sum: joined, multiplied, as matrices."""

import math
from collections.abc import Sequence
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.node import Node, Shape
from costmodel.graphs.nodes.wiring import Axis


class Operands(Node):
    """Base of the nodes with ordered inputs; the edges into it come from these nodes, and from no others."""

    least: ClassVar[int] = 2
    most: ClassVar[int] = 2
    inputs: list[str] = Field(
        min_length=2, description="ids of the nodes that it receives from, in their order; one may be there twice"
    )

    def joined(self, shapes: Sequence[Shape]) -> Shape:
        """The output's shape, from those of the inputs in their order.

        Raises:
            InputError: the shapes do not suit one another.
        """
        raise TypeError(f"{type(self).__name__} joins nothing")

    def check_inputs(self, before: Sequence[str]) -> None:
        """Refuses other inputs than the edges bring.

        Raises:
            InputError: they differ, or are too many.
        """
        if set(before) != set(self.inputs):
            what = f"its inputs are {', '.join(self.inputs)}, and edges come from {', '.join(before) or 'nowhere'}"
            raise InputError(what, mend="give 'edges', one from each of its inputs")
        if len(self.inputs) > self.most:
            raise InputError(f"{len(self.inputs)} inputs", mend=f"a {self.type} node takes {self.most}")


class Multiplied(Operands):
    """Base of the products of two inputs."""

    def joint(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """How often both factors are active, of inputs that are so independently of one another.

        Args:
            one, other: share of the steps in which each element of the inputs is active.
        """
        raise TypeError(f"{type(self).__name__} multiplies nothing")


class Concat(Operands):
    """Its inputs behind one another along an axis."""

    most: ClassVar[int] = 2**16
    type: Literal["concat"] = "concat"
    axis: Axis = Field(default=0, description="axis, counted without the batch")

    def joined(self, shapes: Sequence[Shape]) -> Shape:
        """Sizes along the axis add up; the others are the same."""
        others = {(*shape[: self.axis], *shape[self.axis + 1 :]) for shape in shapes}
        if len(others) > 1 or self.axis >= len(shapes[0]):
            what = f"cannot put {' and '.join(str(list(shape)) for shape in shapes[:3])} behind one another along axis {self.axis}"
            raise InputError(what, mend="let their other axes be the same")
        return (*shapes[0][: self.axis], sum(shape[self.axis] for shape in shapes), *shapes[0][self.axis + 1 :])


class Product(Multiplied):
    """Each element times its counterpart; axes of one element count for all. Of two spikes it is their coincidence."""

    type: Literal["product"] = "product"

    def joined(self, shapes: Sequence[Shape]) -> Shape:
        """The larger of the two along each axis."""
        one, other = shapes
        if len(one) != len(other) or any(a != b and 1 not in (a, b) for a, b in zip(one, other, strict=True)):
            raise InputError(f"cannot multiply {list(one)} with {list(other)}", mend="let sizes be the same, or 1")
        return tuple(max(a, b) for a, b in zip(one, other, strict=True))

    def joint(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Of each element of the output."""
        return one * other


class MatMul(Multiplied):
    """The matrix product of two inputs (…, n, k) and (…, k, m), as in attention: Q Kᵀ and its product with V.

    An operation is one element of the one times one of the other, effective where neither is 0; it is an accumulate where either is
    a spike (of two spikes their coincidence is added), else a multiply-accumulate (Yik et al., "The neurobench framework", Nature
    Communications 16, 1545, 2025, has these words for weights). Leading axes of one element count for all. Nothing is stored; both
    inputs and the result move. Unless a run counted the effective operations, both inputs are taken as independent.
    """

    keeps_spikes: ClassVar[bool] = False
    max_rate = None
    type: Literal["matmul"] = "matmul"

    def joined(self, shapes: Sequence[Shape]) -> Shape:
        """(…, n, m)."""
        one, other = shapes
        apart = any(a != b and 1 not in (a, b) for a, b in zip(one[:-2], other[:-2], strict=False))
        if len(one) < 2 or len(one) != len(other) or apart or one[-1] != other[-2]:
            mend = "give (…, n, k) and (…, k, m); permute and reshape nodes move axes"
            raise InputError(f"cannot multiply matrices {list(one)} and {list(other)}", mend=mend)
        return (*(max(a, b) for a, b in zip(one[:-2], other[:-2], strict=True)), one[-2], other[-1])

    def joint(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Of each element of the first input, the mean over those of the second that it is multiplied with."""
        return one * other.mean(axis=-1)[..., None, :]

    def sizes(self, one: Shape, other: Shape) -> dict[str, float]:
        """Sizes as `graphs.lowering.operators.Synapses` has them, the second input in the place of weights."""
        places = math.prod(max(a, b) for a, b in zip(one[:-2], other[:-2], strict=True))
        n, k, m = one[-2], one[-1], other[-1]
        return {
            "inputs": places * n * k, "outputs": places * n * m, "connections": places * n * k * m, "weights": places * k * m,
            "biases": 0, "rows": k, "columns": m, "positions": n, "groups": places, "reduces": 0, "most_inputs": k,
        }  # fmt: skip
