"""A GPU driven by a tensor framework on its host."""

from costmodel.devices.bases.roofline import Roofline
from costmodel.devices.device import Param
from costmodel.graphs.equations.algebra import Value, maximum


class GPU(Roofline):
    """The host queues kernels while earlier ones run, so a kernel takes the longer of launch and work."""

    e_op = Param("J", "energy of one addition or multiplication, its share of the data path included")
    e_cache = Param("J/B", "energy of a byte from the last cache")
    e_memory = Param("J/B", "energy of a byte from main memory")
    p_active = Param("W", "power above idle while clocks are up, whatever runs")

    def kernel_time(self, launch: Value, work: Value) -> Value:
        """max(launch, work)."""
        return maximum(launch, work)

    def kernel_energy(self, time: Value, launch: Value, ops: Value, moved: Value, missed: Value) -> Value:
        """e_op · ops + e_cache · moved + e_memory · missed + p_active · time."""
        return self.e_op * ops + self.e_cache * moved + self.e_memory * missed + self.p_active * time


DEVICE = GPU
