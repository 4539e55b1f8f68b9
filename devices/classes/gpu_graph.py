"""A GPU whose calls are captured once as CUDA graphs, and replayed."""

from costmodel.devices.classes.gpu_fused import FusedGPU
from costmodel.devices.device import Cost, Param
from costmodel.graphs.equations.algebra import Value, maximum, minimum
from costmodel.graphs.lowering.operators import Memory, Neurons, Plasticity, Pooling, Synapses


class Kernels:
    """A time to dispatch, in kernels of a replayed graph that each take their least time; it is no parameter."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __get__(self, device: "GraphGPU | None", owner: type) -> Value:
        """count · t_kernel on a device."""
        return self if device is None else self.count * device.t_kernel


class GraphGPU(FusedGPU):
    """costmodel's own runner on a GPU, its inference and its training step each a CUDA graph: the equations of `FusedGPU`, but

    the host launches the whole graph at once, t_graph, and kernels follow one another without it. An operator of k kernels, of
    which one does its work, takes

        (k − 1) t_kernel + max(t_kernel, arithmetic + memory),

    in a loop at every time step. (PyTorch, CUDA semantics, "CUDA Graphs": a replay skips all argument setup and dispatch, and
    submits the graph by a single call. NVIDIA, "Getting Started with CUDA Graphs", 2019: kernels of 2.9 µs follow one another every
    9.6 µs where each is waited for, every 3.8 µs where launches overlap, every 3.4 µs in a graph. NVIDIA, "Constant Time Launch
    for Straight-Line CUDA Graphs", 2024: launching one takes 2.5 µs and 1 ns a kernel, so that t_graph is a constant.)

    Kernels are counted in the runner, of neurons without trained parameters, layers with biases, and torch's Adam. A population
    copies its state twice and its constants once; a convolution copies into another order of memory and back; a loop has kernels
    before its first step and after its last, and in training one that copies its inputs. The sum that is a bias's gradient counts
    to its population's adjoint. Adam updates all tensors together: its kernels are those of the step, with the loss's, and their
    work comes on top.
    """

    t_graph = Param("s", "time of a call: launching its graph, and waiting for the end")
    t_kernel = Param("s", "least time from the start of a replayed graph's kernel to that of the next")

    t_linear = Kernels(1)
    t_convolution = Kernels(3)
    t_pool = Kernels(1)
    t_neurons = Kernels(4)
    t_loop = Kernels(1)
    t_around = Kernels(4)
    t_around_adjoint = Kernels(9)
    t_gradient = Kernels(1)
    t_adjoint = Kernels(5)
    t_update = Kernels(0)
    t_step = Kernels(23)

    @property
    def t_call(self) -> Value:
        """The graph's launch, and the kernel that reads the answers."""
        return self.t_graph + self.t_kernel

    def neurons(self, op: Neurons) -> Cost:
        """Those around a loop, once, at its population."""
        around = (self.t_around + self.t_kernel * op.training) * (1 - op.backward) + self.t_around_adjoint * op.backward
        once = self.residual(op) * around * op.looped * (1 - op.update) * minimum(1, op.states) / op.executions
        return super().neurons(op) + Cost(once, self.p_dynamic * once, {"launch": once})

    def work(self, op: Synapses | Neurons | Pooling | Memory | Plasticity, launch: Value, compute: Value, memory: Value) -> Cost:
        """The kernels that prepare, and the one that works."""
        bounds = super().work(op, launch, compute, memory).bounds
        least = self.residual(op) * minimum(launch, self.t_kernel) / self.merged(op)
        time = bounds["launch"] - least + maximum(least, bounds["arithmetic"] + bounds["memory"])
        return Cost(time, self.p_dynamic * time, bounds)


DEVICE = GraphGPU
