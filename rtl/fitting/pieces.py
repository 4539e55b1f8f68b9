"""Queues, stages and whole networks that are synthesised."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from costmodel.rtl.design import Delayed, Design, Flattened, Link, Shrunk
from costmodel.rtl.fitting.shapes import Shape, layer_of
from costmodel.rtl.readout import Readout
from costmodel.rtl.space import Space
from costmodel.rtl.token import Token

BLOCKS: list[dict[str, Any]] = [
    {"kind": "queue", "address_bits": 6, "value_bits": 0, "depth": 4},
    {"kind": "queue", "address_bits": 8, "value_bits": 0, "depth": 16},
    {"kind": "queue", "address_bits": 10, "value_bits": 9, "depth": 16},
    {"kind": "queue", "address_bits": 7, "value_bits": 0, "depth": 100},
    {"kind": "queue", "address_bits": 12, "value_bits": 16, "depth": 512},
    {"kind": "queue", "address_bits": 5, "value_bits": 0, "depth": 33},
    {"kind": "flatten", "space": [8, 6, 6], "value_bits": 0},
    {"kind": "flatten", "space": [12, 7, 7], "value_bits": 0},
    {"kind": "flatten", "space": [5, 9, 11], "value_bits": 9},
    {"kind": "shrink", "space": [8, 12, 12], "rows": 2, "columns": 2, "value_bits": 0},
    {"kind": "shrink", "space": [6, 13, 15], "rows": 3, "columns": 3, "value_bits": 0},
    {"kind": "max_pool", "space": [8, 6, 6]},
    {"kind": "max_pool", "space": [4, 3, 3]},
    {"kind": "max_pool", "space": [16, 12, 12]},
    {"kind": "delay", "space": [64, 1, 1], "steps": 3},
    {"kind": "delay", "space": [200, 1, 1], "steps": 7},
    {"kind": "delay", "space": [48, 1, 1], "steps": 5, "varied": True},
    {"kind": "delay", "space": [8, 6, 6], "steps": 2},
    {"kind": "drop_final", "address_bits": 7, "value_bits": 0},
    {"kind": "fork", "address_bits": 7, "value_bits": 0, "ways": 3},
    {"kind": "readout", "score": "sum", "classes": 10, "value_bits": 0, "timesteps": 100},
    {"kind": "readout", "score": "sum", "classes": 35, "value_bits": 0, "timesteps": 1000},
    {"kind": "readout", "score": "sum", "classes": 10, "value_bits": 18, "timesteps": 25},
    {"kind": "readout", "score": "max", "classes": 10, "value_bits": 18, "timesteps": 25},
    {"kind": "readout", "score": "max", "classes": 100, "value_bits": 12, "timesteps": 100},
    {"kind": "readout", "score": "max", "classes": 20, "value_bits": 0, "timesteps": 10},
    {"kind": "readout", "score": "last", "classes": 40, "value_bits": 16, "timesteps": 50},
    {"kind": "readout", "score": "first", "classes": 10, "value_bits": 0, "timesteps": 100},
    {"kind": "readout", "score": "first", "classes": 100, "value_bits": 0, "timesteps": 100},
]


def block(row: dict[str, Any], family: str) -> Any:
    """The component of a row."""
    from costmodel.rtl.blocks.delay import Delay
    from costmodel.rtl.blocks.max_pool import MaxPool
    from costmodel.rtl.blocks.queue import Queue
    from costmodel.rtl.blocks.readout import reader
    from costmodel.rtl.blocks.remap import DropFinal, Flatten, Fork, Shrink

    space = Space(*row["space"]) if "space" in row else Space(1)
    token = Token(row["address_bits"], row["value_bits"]) if "address_bits" in row else Token(0)
    match row["kind"]:
        case "queue":
            return Queue(token, row["depth"], family)
        case "flatten":
            return Flatten(space, row["value_bits"])
        case "shrink":
            return Shrink(space, row["rows"], row["columns"], row["value_bits"])
        case "max_pool":
            return MaxPool(space, family)
        case "delay":
            return Delay(space, steps_of(row), family)
        case "drop_final":
            return DropFinal(token)
        case "fork":
            return Fork(token, row["ways"])
        case "readout":
            return reader(readout_of(row), family)
    raise KeyError(row["kind"])


def readout_of(row: Mapping[str, Any]) -> Readout:
    """What a readout reads."""
    return Readout(row["score"], row["classes"], row["value_bits"], row["timesteps"])


def steps_of(row: dict[str, Any]) -> list[int] | int:
    """How long a delay is: one number, or random ones up to it."""
    if not row.get("varied"):
        return row["steps"]
    steps = np.random.default_rng(0).integers(0, row["steps"] + 1, Space(*row["space"]).elements)
    return [*steps.tolist()[:-1], row["steps"]]


def designs(family: str) -> dict[str, Design]:
    """Networks of a few layers: fully connected; convolution, pooling, fully connected; with a loop and a delay; with
    values; with a readout."""
    image = Shape("if", 6, 2, 6, 1, 4, 12, image=8)
    read = Shape("li", 10, 6 * 4 * 4, 5, 1, 6, 16)
    valued = Shape("lif", 24, 16, 4, 2, 6, 16, value_bits=9)
    loop = Shape("lif", 24, 16, 4, 1, 6, 16, recurrent=True)
    return {
        "two layers": _design(
            family,
            Space(48),
            {"hidden": Shape("lif", 64, 48, 8, 2, 6, 16), "out": Shape("li", 10, 64, 2, 1, 6, 16)},
            [Link("in", "hidden", 0, (), 16), Link("hidden", "out", 0, (), 16)],
        ),
        "convolution": _design(
            family,
            Space(2, 8, 8),
            {"conv": image, "out": read},
            [Link("in", "conv", 0, (), 16), Link("conv", "out", 0, (Shrunk(2, 2, largest=True), Flattened()), 16)],
        ),
        "loop": _design(
            family,
            Space(16),
            {"hidden": loop},
            [Link("hidden", "hidden", 0, (), 32), Link("in", "hidden", 1, (Delayed(3),), 16)],
        ),
        "values": _design(
            family,
            Space(16),
            {"hidden": valued, "out": Shape("lif", 8, 24, 8, 1, 4, 12)},
            [Link("in", "hidden", 0, (), 16), Link("hidden", "out", 0, (), 16)],
            value_bits=9,
        ),
        "readout": _design(
            family,
            Space(48),
            {"hidden": Shape("lif", 32, 48, 8, 2, 6, 16), "out": Shape("lif", 10, 32, 2, 1, 6, 16)},
            [Link("in", "hidden", 0, (), 16), Link("hidden", "out", 0, (), 16)],
            readout=Readout("sum", 10, 0, 10),
        ),
    }


def _design(
    family: str,
    entries: Space,
    shapes: dict[str, Shape],
    links: list[Link],
    value_bits: int = 0,
    readout: Readout | None = None,
) -> Design:
    layers = {name: layer_of(shape) for name, shape in shapes.items()}
    name, output = ", ".join(shapes), [*shapes][-1]
    return Design(name, family, "in", entries, value_bits, 1.0, layers, tuple(links), output, 10, 1e-3, readout)
