"""This machine's GPU under the reference runner."""

from typing import ClassVar

import torch

from costmodel.validation.calibration import gpu
from costmodel.validation.calibration.drawn import STEPPED, Kind, Limits
from costmodel.validation.calibration.target import Target
from costmodel.validation.scoreboard.calibrated import Calibrated


class GPU(Calibrated):
    """Of networks in time steps. Nothing is promised: no GPU was at hand."""

    name: ClassVar[str] = "gpu"
    title: ClassVar[str] = "GPU equations, calibrated in a minute, against the reference runner in the same run"
    units: ClassVar[dict[str, str]] = {"latency": "s", "training_step": "s", "training_memory": "B"}
    kinds: ClassVar[tuple[Kind, ...]] = STEPPED
    limits: ClassVar[Limits] = Limits(operations=1e12, elements=1e8)

    @classmethod
    def missing(cls) -> str | None:
        """A GPU that torch can run on."""
        return None if torch.cuda.is_available() else "there is no CUDA GPU here"

    def target(self) -> Target:
        """As in ``costmodel calibrate gpu``."""
        return gpu.target()


FAMILY = GPU
