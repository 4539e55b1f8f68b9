"""A datapath as a circuit: a pipeline that takes one neuron a clock."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false, reportReturnType=false

from amaranth.hdl import Cat, Const, Module, Mux, Shape, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.datapath.datapath import Datapath
from costmodel.rtl.datapath.nodes import Node
from costmodel.rtl.datapath.schedule import latency


class NeuronUnit(wiring.Component):
    """The circuit of a `Datapath`: outputs follow inputs by ``datapath.depth`` clocks in which ``advance`` is 1.

    The result is that of ``datapath.evaluate`` for inputs within their bounds. Registers of the pipeline have no reset: the first
    ``depth`` results mean nothing. Each value is registered once per stage, whoever reads it.

    Args:
        datapath: what it computes.
        ram_style: what the tables are made of, for synthesis ("block", "distributed"); None leaves it to the tool.

    Members:
        advance: moves all registers on; while 0 the unit stands still.
        clear: enters with a neuron: what is stored of it takes its initial value; its spike and value are as ever.
        Each of ``datapath.inputs`` in, each of ``datapath.outputs`` (the next "acc" as ``acc_next``, and so all stored) out.
    """

    def __init__(self, datapath: Datapath, ram_style: str | None = None) -> None:
        self.datapath, self.ram_style = datapath, ram_style
        members = {"advance": In(1), "clear": In(1)}
        members |= {name: In(Shape(port.width, port.signed)) for name, port in datapath.inputs.items()}
        members |= {self.output(name): Out(Shape(port.width, port.signed)) for name, port in datapath.outputs.items()}
        super().__init__(members)

    def output(self, name: str) -> str:
        """The name of the member for an output of the datapath: stored ones end in ``_next``."""
        return f"{name}_next" if name in self.datapath.stored else name

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        self._signals: dict[tuple[int, int], Value] = {}
        last = self.datapath.depth - 1
        clear = self.clear
        for stage in range(last):
            clear = self._register(m, clear, f"clear_{stage + 1}")
        for name, port in self.datapath.outputs.items():
            value = self._at(m, port.node, last)
            stored = name in self.datapath.stored
            register = Signal(
                Shape(port.width, port.signed), name=f"{name}_out", init=self.datapath.initial.get(name, 0), reset_less=True
            )
            with m.If(self.advance):
                m.d.sync += register.eq(value)
                if stored:
                    with m.If(clear):
                        m.d.sync += register.eq(self.datapath.initial[name])
            m.d.comb += getattr(self, self.output(name)).eq(register)
        return m

    def _register(self, m: Module, value: Value, name: str) -> Signal:
        register = Signal(value.shape(), name=name, reset_less=True)
        with m.If(self.advance):
            m.d.sync += register.eq(value)
        return register

    def _at(self, m: Module, place: int, stage: int) -> Value:
        """The value of a node as it is in a stage."""
        nodes, plan = self.datapath.nodes, self.datapath.schedule
        node = nodes[place]
        if node.op == "const":
            return Const(node.value, Shape(node.width, node.signed))
        if node.op == "shl":
            shifted = Cat(Const(node.fill, node.value), self._at(m, node.args[0], stage))
            return shifted.as_signed() if nodes[node.args[0]].signed else shifted
        if (place, stage) not in self._signals:
            ready = plan.ready[place]
            if stage > ready:
                value = self._register(m, self._at(m, place, stage - 1), f"n{place}_{stage}")
            elif cycles := latency(nodes, node):
                value = self._clocked(m, place, node, stage - cycles, cycles)
            else:
                value = Signal(Shape(node.width, node.signed), name=f"n{place}")
                m.d.comb += value.eq(self._combinational(node, [self._at(m, a, stage) for a in node.args]))
            self._signals[place, stage] = value
        return self._signals[place, stage]

    def _clocked(self, m: Module, place: int, node: Node, stage: int, cycles: int) -> Value:
        """A multiplier or a table, whose operands are read in ``stage``."""
        operands = [self._at(m, a, stage) for a in node.args]
        if node.op == "mul":
            value = Signal(Shape(node.width, node.signed), name=f"n{place}_product")
            m.d.comb += value.eq(operands[0] * operands[1])
            for cycle in range(cycles):
                value = self._register(m, value, f"n{place}_product_{cycle}")
            return value
        table = next(table for table in self.datapath.tables if table.name == node.name)
        attrs = {} if self.ram_style is None else {"ram_style": self.ram_style}
        words = table.entries.tolist()
        storage = memory.Memory(shape=Shape(table.width, min(words) < 0), depth=table.depth, init=words, attrs=attrs)
        m.submodules[table.name] = storage
        port = storage.read_port()
        bits = (table.depth - 1).bit_length()
        m.d.comb += [port.en.eq(self.advance), port.addr.eq(operands[0][node.value : node.value + bits])]
        return port.data

    def _combinational(self, node: Node, operands: list[Value]) -> Value:
        if node.op == "input":
            return getattr(self, node.name)
        a = operands[0]
        match node.op:
            case "add":
                return a + operands[1]
            case "sub":
                return a - operands[1]
            case "shr":
                return a >> node.value
            case "ge":
                return a >= operands[1]
            case "eq":
                return a == operands[1]
            case "not":
                return ~a
            case "and":
                return a & operands[1]
            case "or":
                return a | operands[1]
            case "mux":
                return Mux(a, operands[1], operands[2])
            case _:  # a clamp; the comparison that can never be true is optimised away
                return Mux(a < node.low, node.low, Mux(a > node.high, node.high, a))
