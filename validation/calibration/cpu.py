"""The CPU of this machine."""

import os
import platform
from pathlib import Path

import torch

from costmodel.devices.classes.cpu_fused import FusedCPU
from costmodel.validation.calibration.drawn import KINDS, STEPPED, Kind
from costmodel.validation.calibration.target import SHARED, STEPPING, Known, Scatter, Target

STEPS = {
    "f_matmul": 1e11,
    "f_convolution": 1e11,
    "f_pool": 1.5e9,
    "f_vector": 3e10,
    "b_cache": 2e10,
    "b_convolution": 2e10,
    "b_memory": 1.5e10,
    "cache": 1e7,
    "b_product": 3.5e10,
    "b_update": 3e10,
    "b_rows": 4.5e10,
    "finishing": 4.0,
    "ops_per_exponential": 10.0,
    "t_linear": 3e-5,
    "t_convolution": 6e-5,
    "t_neurons": 3e-5,
    "t_pool": 5e-5,
    "t_loop": 1e-5,
    "t_gradient": 3e-5,
    "t_adjoint": 8e-5,
    "t_update": 3e-5,
    "t_call": 5e-5,
    "t_step": 2e-4,
}
"""Of networks in time steps: a core of 2024."""

EVENTS = {
    "gain": 0.8,
    "t_wake": 3e-4,
    "f_sort": 5e8,
    "f_gather": 4.5e8,
    "f_enter": 1.6e8,
    "f_solve": 5e7,
    "f_return": 5e8,
    "b_collect": 2e9,
    "t_first_spikes": 1.6e-4,
    "t_delay": 6e-5,
    "t_spike_gradient": 1.1e-4,
    "f_meet": 1.5e8,
    "f_walk": 5e8,
    "f_series": 5.5e8,
    "f_carry": 5e8,
    "f_ask": 2e9,
    "t_events": 3e-4,
    "t_event_gradient": 1.5e-4,
}
"""Of networks by events: the same core."""

START = STEPS | EVENTS

UNREAD = "no meter was read: put in what yours shows"


def target() -> Target:
    """This machine's CPU, with as many threads as torch has now."""
    vector = 16.0 if "AVX512" in torch.backends.cpu.get_cpu_capability() else 8.0
    memory = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    known = {
        "vector": Known(vector, "published", "the processor's vector registers, as torch reports them, of 32-bit numbers"),
        "threads": Known(float(torch.get_num_threads()), "measured", "torch"),
        "memory_size": Known(memory, "measured", "the operating system"),
        "p_host": Known(40.0, "assumed", f"{UNREAD} while the machine idles", (10.0, 120.0)),
        "p_dynamic": Known(60.0, "assumed", f"{UNREAD} above idle while it computes", (10.0, 200.0)),
    }
    title = f"costmodel's own runner, {torch.get_num_threads()} thread(s) of {processor()}"
    by_events: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind not in STEPPED)
    residuals = {
        **STEPPING,
        "event_residual": Scatter(by_events, "inference"),
        "event_training_residual": Scatter(by_events, "training"),
    }
    return Target("cpu", "cpu_fused", FusedCPU, "cpu", KINDS, title, START, {**SHARED, **known}, residuals=residuals)


def processor() -> str:
    """What the operating system calls it."""
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
