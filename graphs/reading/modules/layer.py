"""What a neuron layer of a torch library is in nodes, and where its tensors hold time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

Time = Literal["step", "first", "second", "joined"]


@dataclass(frozen=True)
class Layer:
    """A layer as nodes of a network document; the tracer connects it as the module ran.

    Attributes:
        nodes: name within the layer → fields of its node, without the id; the neurons are called "".
        arrays: name within the layer → its node's arrays; a neuron's are of the shape of a sample's neurons, or broadcast to it.
        edges: (from, to) by these names, beside what the layer receives and sends.
        enters: the node that receives what the layer is given.
        time: what the axes before the neurons' are: "step": batch, and a call is one time step; "first": time, batch; "second":
            batch, time; "joined": batch × time in one axis, all steps of a sample together.
        samples, steps: of "joined", how many samples or steps there are, where the layer says so.
        told: what is not as in the library, in words.
    """

    nodes: Mapping[str, Mapping[str, Any]]
    arrays: Mapping[str, Mapping[str, np.ndarray]] = field(default_factory=dict)
    edges: tuple[tuple[str, str], ...] = ()
    enters: str = ""
    time: Time = "step"
    samples: int | None = None
    steps: int | None = None
    told: tuple[str, ...] = ()


def put(node: dict, arrays: dict[str, np.ndarray], name: str, values: np.ndarray) -> None:
    """Sets a parameter in its one place: a number where all neurons share it, else their mean and, among the arrays, their values.

    A float32 becomes its shortest decimal, which is the same float32 again: 0.9, not 0.8999999761581421.
    """
    arrays.pop(name, None)
    if (values == values.flat[0]).all():
        node[name] = float(str(values.flat[0]))
    else:
        node[name], arrays[name] = float(values.mean(dtype=np.float64)), values
