"""Layers with random weights, by a few numbers each."""

from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.random import Generator

from costmodel.graphs.neurons import all_neurons
from costmodel.graphs.nodes.window import Axis
from costmodel.rtl.datapath import Datapath, Precision, compile_neuron
from costmodel.rtl.layer import Layer, Port, Window
from costmodel.rtl.planning.currents import ranges_of
from costmodel.rtl.planning.sum import Sum
from costmodel.rtl.reach import ConvReach, DenseReach
from costmodel.rtl.space import Space

NEURONS: dict[str, tuple[dict[str, float], float, float]] = {
    "if": ({"r": 1024.0}, 2.0**-10, 0.5),
    "li": ({"tau": 20e-3}, 1e-3, 6.4),
    "lif": ({"tau": 20e-3}, 1e-3, 6.4),
    "alif": ({"tau": 20e-3, "tau_a": 0.1}, 1e-3, 6.4),
    "cubalif": ({"tau_syn": 5e-3, "tau_mem": 20e-3}, 1e-3, 6.4),
    "ttfs": ({"tau_syn": 5e-3, "tau_mem": 20e-3}, 1e-3, 6.4),
    "threshold": ({"threshold": 3.1}, 1e-3, 6.4),
    "sigma-delta": ({"v_threshold": 0.125}, 1e-3, 0.125),
    "qif": ({"tau": 20e-3}, 1e-3, 2.56),
    "resonate-and-fire": ({"b": -20.0, "omega": 100.0}, 1e-3, 128.0),
    "izhikevich": ({}, 1e-3, 25.6),
    "hodgkin-huxley": ({}, 0.1e-3, 0.256),
    "sum": ({}, 1e-3, 1.0),
}
"""Type → parameters, length of a step [s], what a weight at the end of its range is worth: some events make a spike."""


@dataclass(frozen=True)
class Shape:
    """A layer.

    Attributes:
        neuron: type.
        outputs: neurons, or output channels.
        inputs: elements that send, or input channels.
        lanes, units: P and R.
        weight_bits, state_bits: widths.
        bias: whether each neuron has one.
        value_bits: of what arrives; 0 for spikes.
        recurrent: whether the neurons also send to each other.
        image: side of the square input of a convolution; 0 of a fully connected layer.
        kernel, stride, padding: of the convolution.
        window: side of the pooling window; 0 for none.
        pool: its kind.
        varied: a parameter that differs between neurons; "" for none.
        multiply, decay: see `Precision`.
    """

    neuron: str
    outputs: int
    inputs: int
    lanes: int
    units: int
    weight_bits: int
    state_bits: int
    bias: bool = False
    value_bits: int = 0
    recurrent: bool = False
    image: int = 0
    kernel: int = 3
    stride: int = 1
    padding: int = 1
    window: int = 0
    pool: str = "max"
    varied: str = ""
    multiply: str = "shift-add"
    decay: str = "multiply"

    @property
    def name(self) -> str:
        """What tells it from others, in words."""
        size = f"{self.inputs}→{self.outputs}" + (f" {self.image}²/{self.kernel}²" if self.image else "")
        widths = f"P{self.lanes} R{self.units} w{self.weight_bits} s{self.state_bits}"
        marks = [
            *(["bias"] if self.bias else []),
            *([f"v{self.value_bits}"] if self.value_bits else []),
            *(["recurrent"] if self.recurrent else []),
            *([f"stride {self.stride}"] if self.stride > 1 else []),
            *([f"{self.pool} {self.window}²"] if self.window else []),
            *([self.varied] if self.varied else []),
            *([self.multiply] if self.multiply != "shift-add" else []),
            *([self.decay] if self.decay != "multiply" else []),
        ]
        return " ".join([self.neuron, size, widths, *marks])

    def row(self) -> dict[str, Any]:
        """What differs from the defaults, for a file."""
        defaults = {name: field.default for name, field in self.__dataclass_fields__.items()}
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}


@cache
def layer_of(shape: Shape) -> Layer:
    """The layer, always the same for a shape."""
    dice = np.random.default_rng(0)
    end = 2 ** (shape.weight_bits - 1) - 1
    axis = Axis(1, 1, 1, 1, 0, 0)
    if shape.image:
        axis = Axis(shape.image, shape.kernel, shape.stride, 1, shape.padding, shape.padding)
    size = (shape.outputs, shape.inputs, axis.kernel, axis.kernel) if shape.image else (shape.outputs, shape.inputs)
    whole = [dice.integers(-end, end + 1, size)]
    arriving = Space(shape.inputs, axis.size, axis.size) if shape.image else Space(shape.inputs)
    reach = ConvReach(whole[0], axis, axis, shape.lanes) if shape.image else DenseReach(whole[0], shape.lanes)
    summed = Space(shape.outputs, axis.outputs, axis.outputs)
    window = Window(shape.window, shape.window, "max" if shape.pool == "max" else "sum") if shape.window else None
    space = Space(shape.outputs, axis.outputs // shape.window, axis.outputs // shape.window) if window else summed
    ports = [Port("feed", reach, arriving, shape.weight_bits, shape.value_bits)]
    if shape.recurrent:
        whole.append(dice.integers(-end, end + 1, (shape.outputs, shape.outputs)))
        ports.insert(0, Port("back", DenseReach(whole[1], shape.lanes), space, shape.weight_bits, 0, late=True))
    bias = np.tile(dice.integers(-end, end + 1, shape.outputs), space.rows * space.columns) if shape.bias else None
    datapath = _datapath(shape, space, whole, bias, dice)
    return Layer(shape.name, space, tuple(ports), shape.lanes, shape.units, datapath, summed, window)


def _datapath(shape: Shape, space: Space, whole: list[np.ndarray], bias: np.ndarray | None, dice: Generator) -> Datapath:
    """Of the shape's neuron, for what the weights can add up to, its states' ranges those on random input."""
    kind = Sum if shape.neuron == "sum" else all_neurons()[shape.neuron]
    parameters, dt, full = NEURONS[shape.neuron]
    known: dict[str, Any] = dict(parameters)
    if shape.varied:
        known[shape.varied] = float(parameters.get(shape.varied, 1.0)) * np.linspace(0.5, 1.5, space.elements)
    one = full / 2 ** (shape.weight_bits - 1)
    most = 2 ** (shape.value_bits - 1) if shape.value_bits else 1
    most *= shape.window**2 if shape.window and shape.pool == "sum" else 1
    most_of = [most, *[1] * (len(whole) - 1)]
    low = sum(m * int(np.minimum(w.reshape(len(w), -1), 0).sum(axis=1).min()) for m, w in zip(most_of, whole, strict=True))
    high = sum(m * int(np.maximum(w.reshape(len(w), -1), 0).sum(axis=1).max()) for m, w in zip(most_of, whole, strict=True))
    if shape.value_bits:
        one, low, high = one / most, low - high, high - low
    flat = whole[0].reshape(shape.outputs, -1)
    given = (dice.random((300, flat.shape[1])) < 0.2) @ flat.T * (one * most)
    ranges = ranges_of(kind, None, known, dt, given if bias is None else given + one * bias[: shape.outputs])
    return compile_neuron(
        kind,
        known,
        dt,
        input_scale=one,
        bounds=(low, high),
        bias=bias,
        ranges=ranges,
        precision=Precision(state_bits=shape.state_bits, multiply=shape.multiply, decay=shape.decay),
        form="input" if shape.window else None,
    )
