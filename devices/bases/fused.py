"""A processor on which a layer's time steps are one matrix product and one compiled loop over its neurons."""

from costmodel.devices.bases.roofline import memory_limit
from costmodel.devices.bases.schedules import Sequential
from costmodel.devices.device import Cost, Facts, Limit, Param
from costmodel.graphs.equations.algebra import Value, ceiling, maximum, minimum, sqrt
from costmodel.graphs.lowering.operators import Memory, Neurons, Operator, Plasticity, Pooling, Synapses, Transfer


class Fused(Sequential):
    """costmodel's own runner (`costmodel run`) of networks in time steps. Tensors are dense: a zero costs what a one costs.

    Outside loops of connections all T steps of an operator are dispatched at once: it is run once, on T · batch samples.
    Inside a loop they follow one another. A matrix product of M rows takes

        2 M · (rows + finishing) · v ⌈columns / v⌉ / f_matmul  +  moved / b_product  +  missed / b_memory,
        missed = (weights + inputs + outputs) · (1 − cache / max(all of them, cache)),
        moved = inputs + outputs + weights

    for vectors of v elements: the last of a row is computed whole. Dispatch, arithmetic and memory add up, for one core does them
    all. `costmodel calibrate cpu` measures the parameters.
    """

    tensors = True

    keeps_given_bits = False

    f_matmul = Param("op/s", "rate of additions and multiplications in large matrix products")
    f_convolution = Param("op/s", "rate of additions and multiplications in convolutions")
    f_pool = Param("op/s", "rate at which windows take their inputs")
    f_vector = Param("op/s", "rate of element-wise operations of compiled loops")
    vector = Param("1", "elements of a vector register", whole=True)
    b_cache = Param("B/s", "bandwidth of the last cache")
    b_update = Param("B/s", "bandwidth at which an optimiser's step passes a tensor for each of its operations")
    b_product = Param("B/s", "bandwidth at which a matrix product takes its operands from the last cache")
    finishing = Param("1", "products that beginning and ending a sum takes the time of")
    b_convolution = Param("B/s", "bandwidth at which a convolution takes and gives its channels")
    b_memory = Param("B/s", "bandwidth of main memory")
    cache = Param("B", "size of the last cache")
    memory_size = Param("B", "size of main memory")
    ops_per_divide = Param("1", "what a division costs in additions")
    ops_per_exponential = Param("1", "what an exponential costs in additions")
    t_linear = Param("s", "time to dispatch a layer's matrix product")
    t_convolution = Param("s", "time to dispatch a layer's convolution")
    t_neurons = Param("s", "time to dispatch a population")
    t_pool = Param("s", "time to dispatch a pooling")
    t_loop = Param("s", "time to dispatch a time step of an operator in a loop")
    t_gradient = Param("s", "time to dispatch one gradient of weighted connections")
    t_adjoint = Param("s", "time to dispatch the adjoint of a population, and to record what it needs")
    t_update = Param("s", "time to dispatch the optimiser's step for one tensor")
    t_call = Param("s", "time of a call: reading inputs, giving answers")
    t_step = Param("s", "time that a training step takes besides: loss, and starting the backward pass")
    p_dynamic = Param("W", "power above idle while it computes")
    latency_residual = Param("1", "measured latency over what these equations give")
    training_residual = Param("1", "as latency_residual, of training steps")

    def residual(self, op: Operator) -> Value:
        """What an operator's time is multiplied with: 1 in its interval."""
        return self.latency_residual * (1 - op.training) + self.training_residual * op.training

    def work(self, op: Synapses | Neurons | Pooling | Memory | Plasticity, launch: Value, compute: Value, memory: Value) -> Cost:
        """An execution's share of a dispatch: its launch, arithmetic and memory, s."""
        share = self.residual(op) / self.merged(op)
        bounds = {"launch": launch * share, "arithmetic": compute * share, "memory": memory * share}
        time = bounds["launch"] + bounds["arithmetic"] + bounds["memory"]
        return Cost(time, self.p_dynamic * time, bounds)

    def elementwise(
        self, op: Neurons | Pooling | Memory | Plasticity, threads: Value, launch: Value, compute: Value, memory: Value
    ) -> Cost:
        """As `work`, of what is computed element by element.

        Args:
            op: the operator.
            threads: elements that do not wait for one another: a neuron's time steps do. A core takes them one by one in any case.
            launch, compute, memory: of a dispatch, s.
        """
        del threads
        return self.work(op, launch, compute, memory)

    def moving(self, moved: Value, since: Value, bandwidth: Value) -> Value:
        """moved / bandwidth + missed / b_memory, missed = moved · (1 − cache / max(since, cache)), s.

        Args:
            moved: bytes.
            since: bytes that have passed since these were last touched.
            bandwidth: of the last cache, for this access.
        """
        return moved / bandwidth + moved * (1 - self.cache / maximum(since, self.cache)) / self.b_memory

    def merged(self, op: Synapses | Neurons | Pooling | Memory | Plasticity) -> Value:
        """Executions that one dispatch serves: all, but in a loop; a weight gradient is computed after the loop."""
        late = op.reduces if isinstance(op, Synapses) else 0
        looped = op.looped * (1 - late)
        return op.executions * (1 - looped) + looped

    def synapses(self, op: Synapses) -> Cost:
        """A product of M = T · batch rows, or T of M = batch; a weight gradient sums over T · batch."""
        looped, samples = op.looped * (1 - op.reduces), self.samples(op)
        compute = self.arithmetic(op)
        received = (1 - op.reduces) * (1 - op.looped / op.executions)
        weights = op.weights * (received + op.reduces) * self.state_bits / 8
        passed = samples * (op.inputs + op.outputs) * self.state_bits / 8
        since = op.resident * (1 - looped) + weights * looped
        convolves = self.convolves(op)
        taken = self.b_product * (1 - convolves) + self.b_convolution * convolves
        memory = self.taking(op, weights, since) + self.moving(passed, passed, taken)
        forward = self.t_linear * (1 - convolves) + self.t_convolution * convolves
        whole_layer = forward * (1 - op.backward) + self.t_gradient * op.backward
        return self.work(op, whole_layer * (1 - looped) + self.t_loop * looped, compute, memory)

    def taking(self, op: Synapses, weights: Value, since: Value) -> Value:
        """A product's weights, bytes, since whose last use so many bytes have passed, s."""
        return self.moving(weights, since, self.b_product)

    def samples(self, op: Synapses) -> Value:
        """Samples and steps of a dispatch; the first step of a loop receives nothing."""
        return op.batch * self.merged(op) * (1 - op.looped / op.executions)

    def convolves(self, op: Synapses) -> Value:
        """1 for convolutions, which use a weight more than once, else 0."""
        return minimum(1, op.connections / op.weights - 1)

    def arithmetic(self, op: Synapses) -> Value:
        """2 · taps · M, with sums' beginnings and ends and whole vectors, at the rate of its kind, s.

        Taps are the connections; of a convolution those on the padding too that lie in a row of the input:
        √(connections · connections with all padding).
        """
        convolves = self.convolves(op)
        width = (op.columns * (1 - op.reduces) + op.positions * op.reduces) * (1 - convolves) + self.channels(op) * convolves
        whole = self.vector * self.vectors(op, width)
        length = op.rows * (1 - op.reduces) + op.batch * self.merged(op) * op.reduces  # of the sums
        rate = self.f_matmul * (1 - convolves) + self.f_convolution * convolves
        taps = op.connections * (1 - convolves) + convolves * sqrt(op.connections * op.rows * op.columns * op.positions * op.groups)
        return 2 * taps * self.samples(op) * whole / width * (1 + self.finishing / length) / rate

    def vectors(self, op: Synapses, width: Value) -> Value:
        """That a row of so many results takes: the last is computed whole."""
        return ceiling(width / self.vector)

    def channels(self, op: Synapses) -> Value:
        """Of a convolution's results, or of the results whose weights it finds: its vectors hold channels."""
        return op.outputs / (op.positions * op.groups) * (1 - op.reduces) + op.columns * op.reduces

    def neurons(self, op: Neurons) -> Cost:
        """A population's steps: inputs read, what is sent written. Its adjoint: states written and read again, errors read and
        written. An optimiser's step: parameters, gradients and moments. Gradients of steps are accumulated in the product."""
        elements = op.neurons * op.batch * self.merged(op)
        simple = op.add + op.multiply + op.compare
        ops = simple + op.divide * self.ops_per_divide + op.exponential * self.ops_per_exponential
        tensors = 2 * (1 - op.backward) + (2 * op.states + 4) * op.backward
        tensors = tensors * (1 - op.update) + op.operations * op.update
        begun = (4 - 2 * op.looped) * op.states * op.neurons * op.batch * (1 - op.update)  # states: made, copied, read and written
        whole_layer = (
            self.t_neurons * (1 - op.update) * (1 - op.backward) + self.t_adjoint * op.backward + self.t_update * op.update
        )
        launch = whole_layer * (1 - op.looped * (1 - op.update)) + self.t_loop * op.looped * (1 - op.update)
        counts = 1 - op.backward * (1 - minimum(1, op.states))  # an accumulation has no states
        moved, late = (elements * tensors + begun) * self.state_bits / 8, op.backward + op.update
        hit = self.b_cache * (1 - op.update) + self.b_update * op.update
        memory = self.moving(moved, moved * (1 - late) + op.resident * late, hit)
        return self.elementwise(op, op.neurons * op.batch, launch, elements * ops / self.f_vector, memory).times(counts)

    def pooling(self, op: Pooling) -> Cost:
        """Every input read, every output written."""
        samples = op.batch * self.merged(op)
        moved = (op.inputs + op.outputs) * samples * self.state_bits / 8
        compute, memory = op.inputs * samples / self.f_pool, self.moving(moved, moved, self.b_cache)
        return self.elementwise(op, op.outputs * samples, self.t_pool, compute, memory)

    def memory(self, op: Memory) -> Cost:
        """A delay line is copied; what training keeps is written by those who make it."""
        elements = op.elements * op.batch * self.merged(op)
        here = minimum(1, op.elements)
        moved = 2 * elements * self.state_bits / 8
        return self.elementwise(op, elements, self.t_neurons * here, 0 * elements, self.moving(moved, moved, self.b_cache))

    def plasticity(self, op: Plasticity) -> Cost:
        """Element-wise over all connections, dense."""
        elements = op.connections * op.batch * self.merged(op)
        ops = op.add + op.multiply + op.compare + op.exponential * self.ops_per_exponential
        memory = self.moving(3 * elements * self.state_bits / 8, op.resident, self.b_cache)
        return self.elementwise(op, elements, self.t_neurons, elements * ops / self.f_vector, memory)

    def transfer(self, op: Transfer) -> Cost:
        """The network runs where its inputs are; a call has its own time, and so has the loss."""
        time = self.residual(op) * (self.t_call + op.training * self.t_step) * op.outgoing / op.executions
        return Cost(time, self.p_dynamic * time, {"launch": time})

    def resources(self, facts: Facts) -> dict[str, Value]:
        """Bytes: of a training step its peak (`graphs.lowering.footprint`)."""
        return super().resources(facts) if facts.peak_bytes is None else {"bytes": facts.peak_bytes}

    def limits(self, facts: Facts) -> list[Limit]:
        """As of every processor: weights, states and what training keeps must fit the memory."""
        return memory_limit(self, self.memory_size, facts)
