"""The first CUDA GPU of this machine."""

import torch

from costmodel.devices.classes.gpu_fused import FusedGPU
from costmodel.validation.calibration.cpu import STEPS, UNREAD
from costmodel.validation.calibration.drawn import STEPPED, Limits
from costmodel.validation.calibration.target import SHARED, Known, Target

START = STEPS | {
    "f_matmul": 2e13,
    "f_convolution": 1e13,
    "f_pool": 1e12,
    "f_vector": 5e12,
    "b_cache": 3e12,
    "b_convolution": 3e12,
    "b_memory": 1e12,
    "cache": 3e7,
    "b_product": 3e12,
    "b_update": 2e12,
    "tile": 4096.0,
    "saturation": 2e5,
}
"""A server's GPU of 2022; dispatch is the CPU's, and threads in flight are those that all multiprocessors hold."""

LIMITS = (Limits(operations=4e11, elements=1e8), Limits(operations=8e9, elements=2e7), Limits(operations=2e6, elements=5e4))
"""Of networks that fill a GPU, that fill a core, and that are bound by launches."""


def target() -> Target:
    """The GPU that torch calls 0; `validation.runner.process.start_torch` refuses where there is none."""
    told = torch.cuda.get_device_properties(0)
    known = {
        "vector": Known(
            8.0, "published", "NVIDIA, Matrix Multiplication Background: sizes are best a multiple of 8 numbers or more"
        ),
        "multiprocessors": Known(float(told.multi_processor_count), "measured", "the driver"),
        "memory_size": Known(float(told.total_memory), "measured", "the driver"),
        "p_board": Known(60.0, "assumed", f"{UNREAD} while the GPU idles", (15.0, 150.0)),
        "p_dynamic": Known(250.0, "assumed", f"{UNREAD} above idle while it computes", (50.0, 650.0)),
    }
    title = f"costmodel's own runner on {told.name}"
    return Target("gpu", "gpu_fused", FusedGPU, "cuda", STEPPED, title, START, {**SHARED, **known}, limits=LIMITS)
