"""Where a network begins and ends."""

import math
from typing import Any, Literal

from pydantic import Field

from costmodel.graphs.encoders.encoder import AnyEncoder
from costmodel.graphs.encoders.events import Events
from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.node import Node, Shape
from costmodel.graphs.settings.fields import Count


class Input(Node):
    """Where samples enter. Without an encoder its values are taken as spikes that are already there."""

    max_rate = None
    type: Literal["input"] = "input"
    shape: tuple[Count, ...] = Field(min_length=1, max_length=8, description="shape of one sample at one time step")
    encoder: AnyEncoder = Events()

    def model_post_init(self, context: Any, /) -> None:
        """Refuses more elements than anything can hold."""
        if math.prod(self.shape) > 10**12:
            raise InputError(f"the shape has {math.prod(self.shape):.3g} elements", mend="give at most 1e12")

    @property
    def spiking(self) -> bool:
        """Whether what enters are spikes rather than values."""
        return self.encoder.spiking

    def output_shape(self, shape: Shape) -> Shape:
        """Its own shape."""
        return self.shape


class Output(Node):
    """Marks where answers leave; without one, the ends of the network are the outputs (`graphs.answers`)."""

    type: Literal["output"] = "output"
