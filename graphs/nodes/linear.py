"""Fully connected and sparse synapses."""

import math
from collections.abc import Mapping
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.node import Shape
from costmodel.graphs.nodes.synapses import Geometry, SynapseNode
from costmodel.graphs.settings.fields import Count, Flag


class Linear(SynapseNode):
    """y = W x + b over the last axis. NIR: Linear and Affine; weight (features, inputs), bias (features,)."""

    type: Literal["linear"] = "linear"
    features: Count = Field(description="outputs")
    bias: Flag = True

    def output_shape(self, shape: Shape) -> Shape:
        """The last axis becomes ``features``."""
        return (*shape[:-1], self.features)

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """weight (features, inputs) and bias (features,)."""
        return {"weight": (self.features, shape[-1])} | ({"bias": (self.features,)} if self.bias else {})

    def geometry(self, shape: Shape) -> Geometry:
        """Every input reaches every output."""
        rows, positions = shape[-1], math.prod(shape[:-1])
        return Geometry(
            inputs=rows * positions,
            outputs=self.features * positions,
            connections=rows * self.features * positions,
            weights=rows * self.features,
            biases=self.features if self.bias else 0,
            rows=rows,
            columns=self.features,
            positions=positions,
        )

    def reach(self, shape: Shape, weight: np.ndarray | None) -> np.ndarray:
        """All outputs, or those with a non-zero weight."""
        per_input = np.full(shape[-1], self.features) if weight is None else np.count_nonzero(weight, axis=0)
        return np.broadcast_to(per_input, shape)


class Sparse(SynapseNode):
    """Fully connected synapses of which only some exist: weight (features, inputs), zero where there is none."""

    type: Literal["sparse"] = "sparse"
    features: Count = Field(description="outputs")
    density: float | None = Field(default=None, gt=0, le=1, description="share of the connections that exist")
    connections: Count | None = Field(default=None, description="connections that exist")
    bias: Flag = False

    @model_validator(mode="after")
    def _one_of(self) -> "Sparse":
        if (self.density is None) == (self.connections is None):
            raise ValueError("give either 'density' or 'connections'")
        return self

    def output_shape(self, shape: Shape) -> Shape:
        """The last axis becomes ``features``."""
        most = shape[-1] * self.features
        if self.connections is not None and self.connections > most:
            raise InputError(f"has {self.connections:,} connections, of {most:,} that can be", mend="give fewer, or a density")
        return (*shape[:-1], self.features)

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """weight (features, inputs) and bias (features,)."""
        return {"weight": (self.features, shape[-1])} | ({"bias": (self.features,)} if self.bias else {})

    def geometry(self, shape: Shape) -> Geometry:
        """As many connections as there are weights."""
        rows, positions = shape[-1], math.prod(shape[:-1])
        weights = self.connections if self.connections is not None else round((self.density or 0) * rows * self.features)
        return Geometry(
            inputs=rows * positions,
            outputs=self.features * positions,
            connections=weights * positions,
            weights=weights,
            biases=self.features if self.bias else 0,
            rows=rows,
            columns=self.features,
            positions=positions,
        )

    def fan_in(self, shape: Shape, weight: np.ndarray | None) -> int:
        """The most non-zero weights of an output, or the mean where weights are not known."""
        if weight is not None:
            return int(np.count_nonzero(weight, axis=1).max())
        return math.ceil(self.geometry(shape).weights / self.features)

    def check_arrays(self, shape: Shape, given: Mapping[str, np.ndarray]) -> None:
        """Besides shapes: as many non-zero weights as there are connections."""
        super().check_arrays(shape, given)
        if "weight" in given and (found := np.count_nonzero(given["weight"])) > (stated := self.geometry(shape).weights):
            raise InputError(
                f"array 'weight' has {found:,} weights that are not zero", mend=f"the node states {stated:,} connections"
            )

    def reach(self, shape: Shape, weight: np.ndarray | None) -> np.ndarray:
        """The mean, or the non-zero weights of each input."""
        mean = np.full(shape[-1], self.geometry(shape).weights / shape[-1])
        return np.broadcast_to(mean if weight is None else np.count_nonzero(weight, axis=0), shape)
