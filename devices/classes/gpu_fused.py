"""A GPU on which a layer's time steps are one matrix product and one generated kernel over its neurons."""

from costmodel.devices.bases.fused import Fused
from costmodel.devices.device import Cost, Param
from costmodel.graphs.equations.algebra import Value, ceiling, maximum, minimum
from costmodel.graphs.lowering.operators import Memory, Neurons, Plasticity, Pooling, Synapses


class FusedGPU(Fused):
    """costmodel's own runner on a GPU: the equations of `devices.bases.fused`, but an operator takes

        max(launch, arithmetic + memory),

    for the host launches the next kernel while one runs; and it runs on many processors, which a small kernel leaves idle.

    Of a matrix product the results are tiles, of which each multiprocessor takes one at a time. The last wave is computed whole:
    arithmetic takes ⌈tiles / multiprocessors⌉ · multiprocessors / tiles of its time (NVIDIA, Matrix Multiplication Background
    User's Guide, "Wave quantization").

    What is computed element by element has a thread for each of n elements, which takes a neuron's T steps one after another, so
    that T does not add to what is in flight. Little's law: in flight = latency · throughput. Below ``saturation`` threads the
    latency of each stays and the throughput falls, so that arithmetic and memory take 1 / min(1, n / saturation) of their time.
    The threads that hide the latency of arithmetic and of memory are about as many (30 and 24 warps in Volkov, "Understanding
    latency hiding on GPUs", 2016, section 4.3, as Modal's GPU glossary has it), so one number is for both. Few threads with many
    independent operations each do as well (Volkov, "Better performance at lower occupancy", GTC 2010), as in matrix products,
    whose memory has no such factor.
    """

    multiprocessors = Param("1", "multiprocessors", whole=True)
    tile = Param("1", "results of a tile of a matrix product")
    saturation = Param("1", "elements in flight that keep all arithmetic units and the memory busy")

    def work(self, op: Synapses | Neurons | Pooling | Memory | Plasticity, launch: Value, compute: Value, memory: Value) -> Cost:
        """The kernel hides behind its launch, or the launch behind the kernel before."""
        summed = super().work(op, launch, compute, memory).bounds
        time = maximum(summed["launch"], summed["arithmetic"] + summed["memory"])
        return Cost(time, self.p_dynamic * time, summed)

    def elementwise(
        self, op: Neurons | Pooling | Memory | Plasticity, threads: Value, launch: Value, compute: Value, memory: Value
    ) -> Cost:
        """Occupancy: threads / saturation of the rates, where they are fewer."""
        busy = minimum(1, maximum(1, threads) / self.saturation)
        return self.work(op, launch, compute / busy, memory / busy)

    def arithmetic(self, op: Synapses) -> Value:
        """As on a CPU, in whole waves."""
        results = op.outputs * self.samples(op) * (1 - op.reduces) + op.weights * op.reduces
        tiles = maximum(results, 1e-9) / self.tile
        return super().arithmetic(op) * ceiling(tiles / self.multiprocessors) * self.multiprocessors / tiles


DEVICE = FusedGPU
