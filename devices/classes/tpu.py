"""A TPU: systolic arrays that take weights in tiles, a vector unit, and a compiled program."""

from typing import NamedTuple

from costmodel.devices.bases.schedules import Sequential
from costmodel.devices.device import Cost, Facts, Limit, Param
from costmodel.graphs.equations.algebra import Value, ceiling, maximum, minimum
from costmodel.graphs.lowering.operators import Memory, Neurons, Operator, Plasticity, Pooling, Synapses, Transfer


class Streams(NamedTuple):
    """How a matrix product meets the array: two of its three sizes lie over the cells, the third passes in time.

    Attributes:
        over_rows, over_columns: operands over the rows and the columns of the array (SCALE-Sim's S_R and S_C).
        length: operands that pass each cell of a tile, one a cycle (T).
    """

    over_rows: Value
    over_columns: Value
    length: Value


class TPU(Sequential):
    """Weights stay in a ``array_rows`` × ``array_columns`` array while inputs stream through; tiles are padded to that size.

    (Jouppi et al., "In-datacenter performance analysis of a tensor processing unit", ISCA 2017; cycles as in SCALE-Sim's
    weight-stationary dataflow, Samajdar et al. 2018.)
    """

    tensors = True

    keeps_given_bits = False
    array_rows = Param("1", "rows of the systolic array", whole=True)
    array_columns = Param("1", "columns of the systolic array", whole=True)
    arrays = Param("1", "systolic arrays", whole=True)
    f_clk = Param("Hz", "clock")
    vector_ops = Param("op/s", "element-wise operations per second of the vector unit")
    ops_per_divide = Param("1", "what a division costs in additions")
    ops_per_exponential = Param("1", "what an exponential costs in additions")
    b_memory = Param("B/s", "bandwidth of main memory")
    b_cache = Param("B/s", "bandwidth of on-chip vector memory")
    cache = Param("B", "on-chip memory")
    memory_size = Param("B", "main memory")
    t_op = Param("s", "time to start one operator of a compiled program")
    t_host = Param("s", "time to start a program and its transfer from the host")
    b_host = Param("B/s", "bandwidth from the host")
    e_mac = Param("J", "energy of one multiply-accumulate, padding included")
    e_op = Param("J", "energy of one vector operation")
    e_cache = Param("J/B", "energy of a byte on chip")
    e_memory = Param("J/B", "energy of a byte from main memory")
    p_active = Param("W", "power above idle while a program runs")

    def streams(self, op: Synapses) -> Streams:
        """Weight stationary: weights over the cells, rows × columns; positions · batch input vectors stream. (A weight gradient
        sums over the batch: it has batch times as many rows, and positions of them.)"""
        return Streams(op.rows * op.batch**op.reduces, op.columns, op.positions * op.batch ** (1 - op.reduces))

    def filling(self) -> Value:
        """Cycles to put what is stationary into a tile, a row a cycle: array_rows."""
        return self.array_rows

    def tiles(self, op: Synapses) -> Value:
        """groups · ⌈S_R / array_rows⌉ · ⌈S_C / array_columns⌉."""
        over = self.streams(op)
        return op.groups * ceiling(over.over_rows / self.array_rows) * ceiling(over.over_columns / self.array_columns)

    def cycles(self, op: Synapses) -> Value:
        """⌈tiles / arrays⌉ · (filling + T + array_rows + array_columns − 2): fill, then stream T operands skewed along both edges.

        With weights or inputs stationary that is 2 array_rows + array_columns + T − 2 a tile (Samajdar et al., "A systematic
        methodology for characterizing scalability of DNN accelerators using SCALE-Sim", ISPASS 2020, equations 1 and 3).
        """
        skew = self.array_rows + self.array_columns - 2
        return ceiling(self.tiles(op) / self.arrays) * (self.filling() + self.streams(op).length + skew)

    def moved(self, op: Operator, count: Value, arithmetic: Value, energy: Value, starts: Value = 1) -> Cost:
        """An operator bound by its arithmetic or by the bytes it moves, and started ``starts`` times."""
        missed = count * (1 - minimum(1, self.cache / op.resident))
        memory = count / self.b_cache + missed / self.b_memory
        start = starts * self.t_op
        time = start + maximum(arithmetic, memory)
        total = energy + self.e_cache * count + self.e_memory * missed + self.p_active * time
        return Cost(time, total, {"start": start, "arithmetic": arithmetic, "memory": memory})

    def synapses(self, op: Synapses) -> Cost:
        """cycles / f_clk; every cell of a padded tile spends a multiply-accumulate per input."""
        count = (op.weights + op.biases + op.batch * (op.inputs + op.outputs)) * self.state_bits / 8
        macs = self.tiles(op) * self.array_rows * self.array_columns * self.streams(op).length
        return self.moved(op, count, self.cycles(op) / self.f_clk, self.e_mac * macs)

    def vector(self, op: Operator, elements: Value, ops: Value) -> Cost:
        """One fused element-wise operator: read, write, and ``ops`` operations."""
        return self.moved(op, 2 * elements * self.state_bits / 8, ops / self.vector_ops, self.e_op * ops)

    def neurons(self, op: Neurons) -> Cost:
        """Fused by the compiler into one vector operator."""
        elements = op.neurons * op.batch
        simple = op.add + op.multiply + op.compare
        ops = elements * (simple + op.divide * self.ops_per_divide + op.exponential * self.ops_per_exponential)
        return self.vector(op, elements * (1 + op.states), ops)

    def pooling(self, op: Pooling) -> Cost:
        """A vector reduction."""
        return self.vector(op, (op.inputs + op.outputs) * op.batch, op.outputs * op.window * op.batch)

    def memory(self, op: Memory) -> Cost:
        """A delay line is a copy; what training keeps is there anyway."""
        count = 2 * op.elements * op.batch * self.state_bits / 8
        return self.moved(op, count, 0 * count / self.b_cache, 0 * self.e_cache * count, starts=minimum(1, op.elements))

    def plasticity(self, op: Plasticity) -> Cost:
        """Element-wise over all connections, dense."""
        elements = op.connections * op.batch
        return self.vector(op, 2 * elements, elements * op.operations)

    def transfer(self, op: Transfer) -> Cost:
        """The program runs all steps at once: its start and the whole input are shared out over the steps; answers follow."""
        count = op.values * op.batch * self.state_bits / 8
        time = (1 - op.outgoing) * self.t_host / op.executions + count / self.b_host
        return Cost(time, self.e_memory * count + self.p_active * time, {"host": time})

    def limits(self, facts: Facts) -> list[Limit]:
        """Weights, states and what training keeps must fit the memory."""
        needs = self.resources(facts)["bytes"]
        if self.chips > 1:
            return [Limit("chips", float(self.chips), 1.0, ("--set chips=1",))]
        if needs <= self.memory_size:
            return []
        return [Limit("memory", float(needs), float(self.memory_size), ("a smaller batch", "fewer time steps"))]


DEVICE = TPU
