"""Flattening."""

import math
from typing import Literal

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.node import Shape
from costmodel.graphs.nodes.wiring import Wiring


class Flatten(Wiring):
    """Joins the axes from ``start_dim`` to ``end_dim`` (counted without the batch) into one. NIR: Flatten."""

    type: Literal["flatten"] = "flatten"
    start_dim: int = 0
    end_dim: int = -1

    def output_shape(self, shape: Shape) -> Shape:
        """The joined axes become their product."""
        start, end = (d + len(shape) if d < 0 else d for d in (self.start_dim, self.end_dim))
        if not 0 <= start <= end < len(shape):
            raise InputError(
                f"cannot join axes {self.start_dim} to {self.end_dim} of {shape}", mend="count axes from 0, without the batch"
            )
        return (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :])

    def moved(self, elements: np.ndarray) -> np.ndarray:
        """The same in the joined shape."""
        return elements.reshape(self.output_shape(elements.shape))
