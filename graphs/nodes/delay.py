"""Transmission delays."""

from collections.abc import Mapping
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.node import Node, Shape
from costmodel.graphs.settings.fields import Flag, Seconds


class InitialDelay(BaseModel):
    """How trained delays start: normal, cut off at 0 and at the longest delay."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    mean: Seconds = Field(ge=0)
    deviation: Seconds = Field(default=0.0, ge=0)


class Delay(Node):
    """Holds what passes back by a time: per input (axonal), per output (dendritic) or per connection (synaptic).

    It stands before (axonal, synaptic) or behind (dendritic) the synapses it delays. NIR: Delay. Array ``delay``: times in s, one
    per element, or of a synaptic delay one per weight of the linear node that follows.
    """

    stateful = True
    type: Literal["delay"] = "delay"
    kind: Literal["axonal", "dendritic", "synaptic"] = "axonal"
    delay: Seconds = Field(ge=0, le=1e6, description="longest delay, s")
    initial: InitialDelay | None = Field(default=None, description="how trained delays start; by default all at half the longest")
    trained: Flag = Field(default=False, description="whether training changes its delays")

    def holds_state(self) -> bool:
        """Unless it delays by nothing."""
        return self.delay > 0

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """delay: one per element (axonal and dendritic)."""
        return {} if self.kind == "synaptic" else {"delay": shape}

    def per_connection(self, given: Mapping[str, np.ndarray]) -> bool:
        """Whether it has a delay for every connection, which the linear node that follows must apply."""
        return self.kind == "synaptic" and (self.trained or "delay" in given)

    def check_arrays(self, shape: Shape, given: Mapping[str, np.ndarray]) -> None:
        """Besides shapes: every delay from 0 to the longest. Synaptic ones have the weights' shape; the network sees to it."""
        super().check_arrays(shape, given if self.kind != "synaptic" else {k: v for k, v in given.items() if k != "delay"})
        delays = given.get("delay")
        if delays is not None and ((delays < 0).any() or (delays > self.delay * (1 + 1e-6)).any() or not np.isfinite(delays).all()):
            what = f"array 'delay' has values from {delays.min():g} to {delays.max():g} s"
            raise InputError(what, mend=f"every one must lie from 0 to the node's longest, {self.delay:g} s")
