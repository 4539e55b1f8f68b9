"""The roofline that processors share: a kernel is launched, then bound by arithmetic or by memory.

(Williams, Waterman & Patterson, "Roofline", Commun. ACM 52, 2009.) Frameworks run spiking networks as dense tensors: a zero
costs what a one costs, so these devices do not gain from sparsity.
"""

from abc import abstractmethod

from costmodel.devices.bases.schedules import Sequential
from costmodel.devices.device import Cost, Device, Facts, Limit, Param
from costmodel.graphs.equations.algebra import Value, ceiling, maximum, minimum
from costmodel.graphs.lowering.operators import Memory, Neurons, Plasticity, Pooling, Synapses, Transfer


class Roofline(Sequential):
    """Base of processors that run one tensor kernel after another."""

    tensors = True

    keeps_given_bits = False

    f_ops = Param("op/s", "peak rate of additions and multiplications in the precision used")
    efficiency = Param("1", "share of the peak that large matrix products reach", high=1.0)
    saturation = Param("1", "result elements in flight that keep all arithmetic units busy")
    b_memory = Param("B/s", "bandwidth of main memory")
    b_cache = Param("B/s", "bandwidth of the last cache")
    cache = Param("B", "size of the last cache")
    memory_size = Param("B", "size of main memory")
    t_launch = Param("s", "time to dispatch one tensor operation")
    ops_per_kernel = Param("1", "element-wise operations fused into one kernel; 1 in eager frameworks")
    ops_per_divide = Param("1", "what a division costs in additions")
    ops_per_exponential = Param("1", "what an exponential costs in additions")
    t_host = Param("s", "time to start a transfer from the host")
    b_host = Param("B/s", "bandwidth from the host")

    @abstractmethod
    def kernel_time(self, launch: Value, work: Value) -> Value:
        """How launch and execution compose."""

    @abstractmethod
    def kernel_energy(self, time: Value, launch: Value, ops: Value, moved: Value, missed: Value) -> Value:
        """Dynamic energy of a kernel from its time, arithmetic, bytes moved, and those that missed the cache."""

    def kernel(
        self, op: Synapses | Neurons | Pooling | Memory | Plasticity, kernels: Value, ops: Value, moved: Value, elements: Value
    ) -> Cost:
        """A group of kernels.

        launch  = kernels · t_launch
        compute = ops / (f_ops · efficiency · min(1, elements / saturation))
        memory  = moved / b_cache + missed / b_memory,  missed = moved · (1 − min(1, cache / resident)).
        """
        launch = kernels * self.t_launch
        compute = ops / (self.f_ops * self.efficiency * minimum(1, elements / self.saturation))
        missed = moved * (1 - minimum(1, self.cache / op.resident))
        memory = moved / self.b_cache + missed / self.b_memory
        time = self.kernel_time(launch, maximum(compute, memory))
        energy = self.kernel_energy(time, launch, ops, moved, missed)
        return Cost(time, energy, {"launch": launch, "arithmetic": compute, "memory": memory})

    def synapses(self, op: Synapses) -> Cost:
        """A dense product: 2 · connections operations; weights (or their gradient), inputs and outputs moved once."""
        moved = (op.weights + op.biases + op.batch * (op.inputs + op.outputs)) * self.state_bits / 8
        elements = op.outputs * op.batch * (1 - op.reduces) + op.weights * op.reduces
        return self.kernel(op, 1, 2 * op.connections * op.batch, moved, elements)

    def neurons(self, op: Neurons) -> Cost:
        """One kernel per ``ops_per_kernel`` operations; each reads two tensors and writes one."""
        kernels = ceiling(op.operations / self.ops_per_kernel)
        elements = op.neurons * op.batch
        simple = op.add + op.multiply + op.compare
        ops = elements * (simple + op.divide * self.ops_per_divide + op.exponential * self.ops_per_exponential)
        return self.kernel(op, kernels, ops, 3 * kernels * elements * self.state_bits / 8, elements)

    def pooling(self, op: Pooling) -> Cost:
        """One kernel: every input read, every output written."""
        elements = op.outputs * op.batch
        return self.kernel(op, 1, elements * op.window, (op.inputs + op.outputs) * op.batch * self.state_bits / 8, elements)

    def memory(self, op: Memory) -> Cost:
        """A delay line is one kernel that copies, in the framework's precision; what training keeps is there anyway."""
        elements = op.elements * op.batch
        moved = 2 * elements * self.state_bits / 8
        return self.kernel(op, minimum(1, op.elements), elements, moved, maximum(1, elements))

    def plasticity(self, op: Plasticity) -> Cost:
        """Element-wise over all connections, dense: one kernel per ``ops_per_kernel`` operations."""
        kernels = ceiling(op.operations / self.ops_per_kernel)
        elements = op.connections * op.batch
        ops = elements * (op.add + op.multiply + op.compare + op.exponential * self.ops_per_exponential)
        return self.kernel(op, kernels, ops, 3 * kernels * elements * self.state_bits / 8, elements)

    def transfer(self, op: Transfer) -> Cost:
        """The dense tensor of all steps crosses at once; here is one step's share of it and of the start, t_host."""
        moved = op.values * op.batch * self.state_bits / 8
        time = self.t_host / op.executions + moved / self.b_host
        return Cost(time, self.kernel_energy(time, time, 0 * moved, moved, moved), {"host": time})

    def limits(self, facts: Facts) -> list[Limit]:
        """Weights, states and what training keeps must fit the memory; a network is not split over several."""
        return memory_limit(self, self.memory_size, facts)


def memory_limit(device: Device, memory_size: Value, facts: Facts) -> list[Limit]:
    """What a processor cannot hold of a network in a memory of ``memory_size``, B: weights, states, what training keeps."""
    needs, size = device.resources(facts)["bytes"], float(memory_size)
    if device.chips > 1:
        return [Limit("chips", float(device.chips), 1.0, ("--set chips=1",))]
    if needs <= size:
        return []
    per_sample = (facts.state_bytes + facts.kept_bytes) or 1.0
    fits = int((size - facts.stored_bits / 8) // per_sample)
    lever = (f"--batch {fits}",) if fits >= 1 else ()
    return [Limit("memory", float(needs), size, (*lever, "fewer time steps", "eventprop or an online rule"))]
