"""This machine's GPU under the reference runner, whose calls are replayed as CUDA graphs."""

from typing import ClassVar

from costmodel.validation.calibration import gpu_graph
from costmodel.validation.calibration.target import Target
from costmodel.validation.scoreboard.families.gpu import GPU


class GPUGraph(GPU):
    """The same networks; a graph's memory is not predicted, for it stays allocated between replays."""

    name: ClassVar[str] = "gpu-graph"
    title: ClassVar[str] = "GPU equations with graph replay, calibrated in a minute, against the reference runner in the same run"
    units: ClassVar[dict[str, str]] = {"latency": "s", "training_step": "s"}

    def target(self) -> Target:
        """As in ``costmodel calibrate gpu-graph``."""
        return gpu_graph.target()


FAMILY = GPUGraph
