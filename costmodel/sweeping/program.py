"""The program of a sweep: latency and energy of a whole network on a part, recorded in the swept parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from costmodel.devices.device import Facts
from costmodel.devices.evaluation.evaluate import evaluate, facts
from costmodel.devices.fitting import fitted
from costmodel.devices.part import Part
from costmodel.estimates.estimating import Workload
from costmodel.graphs.equations.recording import Recorded, Recording
from costmodel.graphs.lowering.activity import Activity
from costmodel.sweeping.space import is_network_parameter, network_values

METRICS = {"latency": "s", "energy": "J"}
"""What a sweep computes, and its unit."""

COLUMNS = {name: f"{name}_{unit.lower()}" for name, unit in METRICS.items()}
"""metric → what it is called in tables and JSON."""


@dataclass(frozen=True)
class Program:
    """Recorded metrics over inputs.

    Attributes:
        recording: the steps; its inputs are the swept parameters.
        outputs: metric → a recorded value, or a number where nothing swept moves it.
    """

    recording: Recording
    outputs: Mapping[str, Any]

    def evaluate(self, values: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Metrics at values of the inputs, arrays that broadcast together."""
        shape = np.broadcast_shapes(*(np.shape(value) for value in values.values()))
        found = self.recording.evaluate(list(self.outputs.values()), values)
        return {name: np.broadcast_to(value, shape) for name, value in zip(self.outputs, found, strict=True)}


class Recorder:
    """A network on a part with some parameters recorded instead of numbers.

    Args:
        workload: the network as it is run.
        on: the part.
        names: the parameters, of the network or the part.
    """

    def __init__(self, workload: Workload, on: Part, names: Sequence[str]) -> None:
        self.recording = Recording(names)
        inputs = self.recording.inputs
        self.workload, self.on = workload, fitted(on, workload.table, workload.bits)
        self.values = {**self.on.values, **{name: value for name, value in inputs.items() if not is_network_parameter(name)}}
        swept = network_values(inputs)
        self.batch = swept.get("batch", float(workload.batch))
        given = workload.activities["mean"]
        activity = Activity(
            workload.network, "mean", {**given.given, **swept["rates"]}, given.elements, timesteps=swept.get("timesteps")
        )
        self.columns = workload.table.columns(
            workload.table.signals(activity),
            weight_bits=self.values["weight_bits"],
            state_bits=self.values["state_bits"],
            batch=self.batch,
            bits=swept.get("bits", workload.bits) if on.device.keeps_given_bits else self.values["weight_bits"],
            timesteps=swept.get("timesteps"),
            made=self.on.device.made,
        )

    def program(self) -> Program:
        """Latency and energy."""
        figures = evaluate(self.on.device(self.values), self.workload.table, self.columns, self.batch)
        return Program(self.recording, {name: _one(getattr(figures, name)) for name in METRICS})

    def facts(self) -> Facts:
        """What the part must place; the width that somebody gave the weights is left out."""
        return facts(self.workload.table, self.columns, self.batch, None)


def _one(value: Any) -> Any:
    """The one design point: a recorded value or a number."""
    found = np.ravel(np.asarray(value, dtype=object))[0]
    return found if isinstance(found, Recorded) else float(found)
