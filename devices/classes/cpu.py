"""A CPU running a tensor framework."""

from costmodel.devices.bases.roofline import Roofline
from costmodel.devices.device import Param
from costmodel.graphs.equations.algebra import Value


class CPU(Roofline):
    """Dispatch, then the kernel, on the same cores: the times add. Energy is power while busy, above idle."""

    p_dynamic = Param("W", "power above idle while it computes")

    def kernel_time(self, launch: Value, work: Value) -> Value:
        """launch + work."""
        return launch + work

    def kernel_energy(self, time: Value, launch: Value, ops: Value, moved: Value, missed: Value) -> Value:
        """p_dynamic · time."""
        return self.p_dynamic * time


DEVICE = CPU
