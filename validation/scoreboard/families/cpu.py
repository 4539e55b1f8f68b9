"""This machine's CPU under the reference runner."""

from typing import ClassVar

from costmodel.validation.calibration import cpu
from costmodel.validation.calibration.drawn import KINDS, Kind, Limits
from costmodel.validation.calibration.target import Target
from costmodel.validation.scoreboard.calibrated import Calibrated
from costmodel.validation.scoreboard.family import Bound


class CPU(Calibrated):
    """Of every kind of network, first spikes as well."""

    name: ClassVar[str] = "cpu"
    title: ClassVar[str] = "CPU equations, calibrated in a minute, against the reference runner in the same run"
    units: ClassVar[dict[str, str]] = {"latency": "s", "training_step": "s", "training_memory": "B"}
    bounds: ClassVar[dict[str, Bound]] = {
        "latency": Bound(median=0.10, p90=0.25),
        "training_step": Bound(median=0.15),
        "training_memory": Bound(median=0.05),
    }
    kinds: ClassVar[tuple[Kind, ...]] = KINDS
    limits: ClassVar[Limits] = Limits()

    def target(self) -> Target:
        """As in ``costmodel calibrate cpu``."""
        return cpu.target()


FAMILY = CPU
