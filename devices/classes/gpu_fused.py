"""A GPU on which a layer's time steps are one matrix product and one generated kernel over its neurons."""

from devices.device import Cost, Param
from devices.fused import Fused
from graphs.algebra import Value, ceiling, maximum
from graphs.operators import Memory, Neurons, Plasticity, Pooling, Synapses


class FusedGPU(Fused):
    """costmodel's own runner on a GPU: the equations of `devices.fused`, but

    time = max(launch, arithmetic + memory), for the host launches the next kernel while one runs, and a product's
    results are tiles, of which each multiprocessor takes one at a time: the last wave is computed whole, so that arithmetic
    takes ⌈tiles / multiprocessors⌉ · multiprocessors / tiles of its time. Waves as NVIDIA describes them (Matrix
    Multiplication Background User's Guide, "Wave quantization").
    """

    multiprocessors = Param("1", "multiprocessors", whole=True)
    tile = Param("1", "results of a tile of a matrix product")

    def work(self, op: Synapses | Neurons | Pooling | Memory | Plasticity, launch: Value, compute: Value, memory: Value) -> Cost:
        """The kernel hides behind its launch, or the launch behind the kernel before."""
        summed = super().work(op, launch, compute, memory).bounds
        time = maximum(summed["launch"], summed["arithmetic"] + summed["memory"])
        return Cost(time, self.p_dynamic * time, summed)

    def arithmetic(self, op: Synapses, results: Value) -> Value:
        """As on a CPU, in whole waves."""
        tiles = maximum(results, 1e-9) / self.tile
        return super().arithmetic(op, results) * ceiling(tiles / self.multiprocessors) * self.multiprocessors / tiles


DEVICE = FusedGPU
