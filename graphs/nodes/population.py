"""Neuron populations: the node class of a neuron is made from the neuron's own parameters."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, create_model

from costmodel.graphs.equations.neuron import Neuron
from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.node import Node, Shape
from costmodel.graphs.settings.fields import quantity


class Population(Node):
    """A layer of neurons, one per input element. Parameters that differ between neurons are arrays in its ``weights``."""

    neuron: ClassVar[type[Neuron]]

    def parameters(self) -> dict[str, float]:
        """Its parameters that are the same for all neurons."""
        return {name: getattr(self, name) for name in self.neuron.params}

    def trained_parameters(self) -> dict[str, str]:
        """Parameters that are trained → which neurons share one: "layer", "channel" or "neuron"."""
        return getattr(self, "trained", {})

    def check_arrays(self, shape: Shape, given: Mapping[str, np.ndarray]) -> None:
        """Besides shapes: every value within its parameter's bounds."""
        super().check_arrays(shape, given)
        for name, array in given.items():
            low, high = self.neuron.params[name].low, self.neuron.params[name].high
            if (low is not None and (array <= low).any()) or (high is not None and (array >= high).any()):
                bound = f"above {low:g}" if low is not None else f"below {high:g}"
                raise InputError(f"array '{name}' has values that make no sense", mend=f"every one must be {bound}")

    def arrays(self, shape: Shape) -> dict[str, Shape]:
        """Any parameter of the neuron, one value per neuron."""
        return dict.fromkeys(self.neuron.params, shape)

    def reset_name(self) -> str | None:
        """Which of the neuron's resets it uses."""
        return getattr(self, "reset", None)


def population(neuron: type[Neuron]) -> type[Population]:
    """The node class of a neuron: its type, its parameters with units and bounds, its resets."""
    fields: dict[str, Any] = {"type": (Literal[neuron.type], neuron.type)}
    for name, param in neuron.params.items():
        bounds: dict[str, Any] = {"gt": param.low} if param.low is not None else {}
        bounds |= {"lt": param.high} if param.high is not None else {}
        about = Field(... if param.default is None else param.default, description=f"{param.meaning}, {param.unit}", **bounds)
        fields[name] = (quantity(param.unit), about)
    trainable = Literal[tuple(neuron.params)] if neuron.params else str
    about = Field(default_factory=dict, description="parameters that are trained, and which neurons share one")
    fields["trained"] = (dict[trainable, Literal["layer", "channel", "neuron"]], about)
    if len(neuron.reset) > 1:
        names = tuple(neuron.reset)
        fields["reset"] = (Literal[names], Field(names[0], description="what a spike does to the membrane"))
    model = create_model(neuron.__name__, __base__=Population, __doc__=neuron.__doc__, **fields)
    model.neuron = neuron
    model.stateful = bool(neuron.states)
    model.max_rate = neuron.max_rate if neuron.spiking() else None
    return model
