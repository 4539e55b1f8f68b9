"""What nodes with weighted connections have in common: their geometry and how far an input reaches."""

from typing import Annotated, ClassVar, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from costmodel.graphs.nodes.node import Node, Shape
from costmodel.graphs.settings.fields import Flag


class Geometry(NamedTuple):
    """Sizes of a weighted layer for one input shape, named as in `graphs.lowering.operators.Synapses`."""

    inputs: int
    outputs: int
    connections: int
    weights: int
    biases: int
    rows: int
    columns: int
    positions: int
    groups: int = 1


class Initial(BaseModel):
    """How weights are drawn that no file gives: normal, then scaled to a spectral radius where one is set."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    mean: float = Field(default=0.0, allow_inf_nan=False)
    deviation: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    spectral_radius: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None, description="of a square weight matrix: the largest modulus of its eigenvalues"
    )


class SynapseNode(Node):
    """Base of the nodes that lower to `Synapses`."""

    keeps_spikes: ClassVar[bool] = False

    initial: Initial | None = Field(default=None, description="how weights are drawn that no file gives")
    trained: Flag = Field(default=True, description="whether training changes its weights")

    def geometry(self, shape: Shape) -> Geometry:
        """Its sizes on inputs of ``shape``."""
        raise TypeError(f"{type(self).__name__} has no geometry")

    def fan_in(self, shape: Shape, weight: np.ndarray | None) -> int:
        """Most inputs of an output."""
        del weight
        return self.geometry(shape).rows

    def crowding(self, shape: Shape) -> float:
        """By how much more than the mean input an input reaches where no border cuts its connections off."""
        del shape
        return 1.0

    def reach(self, shape: Shape, weight: np.ndarray | None) -> np.ndarray:
        """Connections of every input element (an array of ``shape``): those with a non-zero weight where weights are known."""
        raise TypeError(f"{type(self).__name__} has no reach")
