"""The program of a sweep: latency and energy of a whole network on a part, recorded in the swept parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from costmodel.estimating import Workload
from costmodel.sweeping.space import is_network_parameter, network_values
from devices.evaluate import Figures, evaluate
from devices.part import Part
from graphs.activity import Activity
from graphs.recording import Recording

METRICS = {"latency": "s", "energy": "J"}
"""What a sweep computes, and its unit."""


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


def record(workload: Workload, rates: Mapping[str, float], on: Part, names: Sequence[str]) -> Program:
    """The program of a network on a part.

    Args:
        workload: the network as it is run.
        rates: rates that were set, node → rate.
        on: the part.
        names: the swept parameters, of the network or the part.
    """
    recording = Recording(names)
    figures = _figures(workload, rates, on, recording.inputs)
    outputs = {name: np.ravel(np.asarray(getattr(figures, name), dtype=object))[0] for name in METRICS}
    return Program(recording, {name: value if hasattr(value, "recording") else float(value) for name, value in outputs.items()})


def _figures(workload: Workload, rates: Mapping[str, float], on: Part, inputs: Mapping[str, Any]) -> Figures:
    """Costs with some parameters replaced by recorded values."""
    values = {**on.values, **{name: value for name, value in inputs.items() if not is_network_parameter(name)}}
    swept = network_values(inputs)
    batch = swept.get("batch", float(workload.batch))
    timesteps = swept.get("timesteps")
    activity = Activity(workload.network, "mean", {**rates, **swept["rates"]}, timesteps=timesteps)
    columns = workload.table.columns(
        workload.table.signals(activity),
        weight_bits=values["weight_bits"],
        state_bits=values["state_bits"],
        batch=batch,
        bits=swept.get("bits", workload.bits) if on.device.keeps_given_bits else values["weight_bits"],
        timesteps=timesteps,
    )
    return evaluate(on.device(values), workload.table, columns, batch)
