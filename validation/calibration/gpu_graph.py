"""The first CUDA GPU of this machine, its calls replayed as CUDA graphs."""

from dataclasses import replace

from costmodel.devices.classes.gpu_graph import GraphGPU
from costmodel.validation.calibration import gpu
from costmodel.validation.calibration.replay import Replayed
from costmodel.validation.calibration.target import Target

GRAPH = {"t_graph": 1e-5, "t_kernel": 2e-6}
"""Around a launch of 2.5 µs, waiting for the end; of kernels that follow one another every 3.4 µs where they work for 2.9 µs
(NVIDIA, as in `GraphGPU`)."""

START = {name: value for name, value in gpu.START.items() if name in GraphGPU.params} | GRAPH


def target() -> Target:
    """The GPU that torch calls 0; `validation.runner.process.start_torch` refuses where there is none."""
    launched = gpu.target()
    title = f"{launched.title}, its calls replayed as CUDA graphs"
    return replace(launched, name="gpu-graph", class_name="gpu_graph", device=GraphGPU, title=title, start=START, subject=Replayed)
