"""What every node of a network file is: its common fields, and what a type must say of itself."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, model_validator

from costmodel.graphs.errors import InputError

Shape = tuple[int, ...]


class Rate(BaseModel):
    """Mean events per element and time step at a node's output, with its 90 % range and where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    mean: float = Field(ge=0, allow_inf_nan=False)
    low: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    high: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    kind: Literal["measured", "published", "assumed"] = "assumed"
    source: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> "Rate":
        low, high = self.bounds()
        if not low <= self.mean <= high:
            raise InputError(f"rate {self.mean:g} lies outside its own range {low:g} … {high:g}", mend="order low ≤ mean ≤ high")
        return self

    def bounds(self) -> tuple[float, float]:
        """The 90 % range; the mean twice where none is given."""
        return (self.mean if self.low is None else self.low, self.mean if self.high is None else self.high)


def _rate(value: object) -> object:
    if isinstance(value, str | bool | list):
        raise InputError(f"{value!r} is not a rate", mend='write a number of events per step, or {"mean": …, "low": …, "high": …}')
    return {"mean": value} if isinstance(value, int | float) and not isinstance(value, bool) else value


class Node(BaseModel):
    """A node of the network.

    A type says how shapes pass through it (``output_shape``) and which operators it lowers to (`graphs.lowering.lowering`).
    """

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)
    stateful: ClassVar[bool] = False
    """Whether nodes of the type keep something from step to step."""
    max_rate: ClassVar[float | None] = 1.0
    keeps_spikes: ClassVar[bool] = True
    """Whether what it sends are spikes where it receives spikes; nodes with spikes of their own say so themselves."""

    id: str = Field(min_length=1, description="name, unique in the network")
    type: str
    bits: Annotated[int, Strict()] | None = Field(
        default=None, ge=1, le=64, description="bits of a weight (synapses) or a state variable (neurons)"
    )
    rate: Annotated[Rate | None, BeforeValidator(_rate)] = Field(
        default=None, description="events per element and time step at the output"
    )
    weights: str | None = Field(default=None, description="an .npz beside the file with this node's arrays")
    notes: str = Field(default="", description="anything a reader should know; not used")

    def holds_state(self) -> bool:
        """Whether a loop through this node is a loop in time."""
        return self.stateful

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of one sample after the node.

        Raises:
            InputError: the node cannot take that shape.
        """
        return shape

    def learned(self, shape: Shape) -> int:
        """Numbers that are learnt beside weights, biases, delays and parameters of neurons: of a normalisation."""
        del shape
        return 0

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """The arrays that its ``.npz`` may hold, and the shape each must have for inputs of ``shape``."""
        return {}

    def check_arrays(self, shape: Shape, given: Mapping[str, np.ndarray]) -> None:
        """Refuses arrays that are unknown, of the wrong shape, or not finite.

        Raises:
            InputError: names the array, its shape, and the shape needed.
        """
        wanted = self.arrays(shape)
        for name, array in given.items():
            if name not in wanted:
                raise InputError(f"has an array '{name}'", mend=f"a {self.type} node takes {', '.join(wanted) or 'no arrays'}")
            if array.dtype.kind not in "fiub":
                raise InputError(f"array '{name}' is of type {array.dtype}", mend="numbers are needed")
            if tuple(array.shape) != wanted[name]:
                raise InputError(f"array '{name}' has shape {tuple(array.shape)}", mend=f"shape {wanted[name]} is needed")
            if not np.isfinite(array).all():
                raise InputError(f"array '{name}' holds values that are not finite", mend="remove NaN and infinity")

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Registers the class under every type name it takes."""
        super().__pydantic_init_subclass__(**kwargs)
        for name in getattr(cls.model_fields["type"].annotation, "__args__", ()):
            NODES[name] = cls


NODES: dict[str, type[Node]] = {}
"""Node classes by type name."""
