"""Systolic arrays: cycles of a layer by the TPU's equations, held against SCALE-Sim (Samajdar et al., ISPASS 2020 and 2025)."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, cast

from costmodel.devices.classes.tpu import TPU
from costmodel.devices.classes.tpu_is import InputStationary
from costmodel.devices.classes.tpu_os import OutputStationary
from costmodel.devices.part import Part, part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.lowering.operators import Synapses
from costmodel.graphs.network import Network
from costmodel.validation.scoreboard.family import Bound, Case, Family, Predicted, Prediction
from costmodel.validation.scoreboard.scale_sim import cycles, version

PART = Path(__file__).parents[1] / "parts" / "scale-sim.toml"
CLASSES: dict[str, type[TPU]] = {"ws": TPU, "is": InputStationary, "os": OutputStationary}
"""SCALE-Sim's dataflow → the device class that has it."""


@dataclass(frozen=True)
class Layer:
    """A layer on an array: ``samples`` vectors of ``inputs`` through a dense matrix, or one image through a convolution.

    Attributes:
        array: rows and columns of the array.
        dense: (samples, inputs, outputs), or None.
        conv: (height and width of the image, channels, features, kernel, stride), or None; no padding.
    """

    array: tuple[int, int]
    dense: tuple[int, int, int] | None = None
    conv: tuple[int, int, int, int, int] | None = None

    @property
    def name(self) -> str:
        """Array and sizes."""
        kind = "dense" if self.dense else "conv"
        return f"{'x'.join(map(str, self.array))} {kind} {'-'.join(map(str, self.dense or self.conv or ()))}"

    @cached_property
    def workload(self) -> Workload:
        """The layer as a network of its own, for one execution."""
        if self.dense:
            samples, inputs, outputs = self.dense
            node, shape = {"type": "linear", "features": outputs, "bias": False}, [inputs]
        else:
            size, channels, features, kernel, stride = self.conv or (1, 1, 1, 1, 1)
            samples, shape = 1, [channels, size, size]
            node = {"type": "conv2d", "features": features, "kernel": kernel, "stride": stride, "bias": False}
        nodes = [{"id": "in", "type": "input", "shape": shape}, {"id": "layer", **node}]
        return Workload(Network.from_document({"name": "layer", "timesteps": 1, "nodes": nodes}), batch=samples)


LAYERS = (
    *(Layer(array, dense=sizes) for array in ((8, 8), (16, 16), (32, 32)) for sizes in ((1, 128, 10), (64, 100, 30))),
    Layer((4, 8), dense=(20, 16, 30)),
    Layer((32, 8), dense=(200, 50, 70)),
    Layer((8, 32), dense=(200, 50, 70)),
    Layer((64, 64), dense=(100, 784, 128)),
    Layer((128, 128), dense=(256, 784, 128)),
    Layer((128, 128), dense=(7, 1000, 300)),
    Layer((8, 8), conv=(10, 3, 8, 3, 1)),
    Layer((16, 16), conv=(28, 1, 12, 5, 1)),
    Layer((32, 32), conv=(14, 16, 32, 3, 2)),
    Layer((32, 16), conv=(12, 20, 50, 5, 1)),
    Layer((64, 64), conv=(16, 32, 64, 3, 1)),
    Layer((128, 128), conv=(14, 64, 130, 1, 1)),
)


class Systolic(Family):
    """Layers of several shapes, most of them no multiple of the array, on several arrays, in all three dataflows."""

    name = "tpu"
    title = "cycles of a layer on a systolic array, against SCALE-Sim"
    units: ClassVar[dict[str, str]] = {"cycles": "1"}
    bounds: ClassVar[dict[str, Bound]] = {"cycles": Bound(median=0.02)}

    def prepare(self, kept: dict[str, Any]) -> None:
        """Asks for SCALE-Sim.

        Raises:
            InputError: it is not installed.
        """
        self.provenance = kept or {"scalesim": version(), "bandwidth": "never waits (CALC)"}

    def cases(self) -> list[Case]:
        """Every layer under every dataflow."""
        return [Case(name, source="SCALE-Sim 3, cycle by cycle") for name in self._layers]

    @cached_property
    def _layers(self) -> dict[str, tuple[Layer, str]]:
        return {f"{layer.name} {flow}": (layer, flow) for layer in LAYERS for flow in CLASSES}

    def predict(self, case: Case) -> Prediction:
        """Time of the layer's synapses over the clock; the interval is a cycle a tile, by which counts of filling differ."""
        layer, flow = self._layers[case.name]
        estimator = Estimator(layer.workload, on_array(layer.array, flow))
        run = estimator.figures().run
        row = next(i for i, task in enumerate(layer.workload.table.tasks) if task.kind == "synapses")
        device = CLASSES[flow](estimator.part.values)
        found = float(run.time[row, 0] * device.f_clk)
        tiles = float(device.tiles(cast(Synapses, estimator.columns().operators["synapses"]))[0, 0])
        return Prediction({"cycles": Predicted(found, found - tiles, found + tiles)}, f"{tiles:g} tiles")

    def measure(self, case: Case) -> dict[str, float]:
        """Runs SCALE-Sim."""
        layer, flow = self._layers[case.name]
        return {"cycles": float(cycles(layer.array, flow, dense=layer.dense, conv=layer.conv))}


def on_array(array: tuple[int, int], flow: str) -> Part:
    """The part of an array of that size under a dataflow ("ws", "is", "os")."""
    sized = part(str(PART)).override({"array_rows": array[0], "array_columns": array[1]})
    return replace(sized, device=CLASSES[flow], class_name=CLASSES[flow].__module__.rpartition(".")[2])


FAMILY = Systolic
