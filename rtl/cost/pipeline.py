"""Registers of a datapath that synthesis leaves: those that nobody reads go, and those that hold the same bit become one.

A bit passes an adder unchanged where the other operand has only zeros up to it, and a multiplexer where both choices are
that bit; then the registers behind and before are one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from costmodel.rtl.datapath import Datapath
from costmodel.rtl.datapath.nodes import Node
from costmodel.rtl.datapath.schedule import latency

Bit = Any
ZERO, ONE = "0", "1"
CHAIN = 3
"""Registers in a row from which on yosys makes a shift register of them, on Xilinx."""


@dataclass(frozen=True)
class Pipeline:
    """Registers of one datapath.

    Attributes:
        bits: all, outputs and products included, inputs not.
        shifted: those of them, and of the states and constants before them, that lie in rows of `CHAIN` and more.
        chains: such rows.
        unread: bits of what enters that nobody reads: they need no register before the datapath.
        products: those behind and before multipliers that a block can hold.
        adders, comparators: widths of carry chains: of sums, and of those of which only the carry is read.
        choices: bits of multiplexers of two values.
        gates: bits of other logic.
        loose: bits of all this that other logic reads; what only a register reads can share its logic cell.
    """

    bits: int
    shifted: int
    chains: int
    unread: int
    products: int
    adders: tuple[int, ...]
    comparators: tuple[int, ...]
    choices: int
    gates: int
    loose: int


def pipeline(datapath: Datapath) -> Pipeline:
    """Of a datapath."""
    return _Bits(datapath).pipeline()


class _Bits:
    def __init__(self, datapath: Datapath) -> None:
        self.form, self.nodes, self.plan = datapath, datapath.nodes, datapath.schedule
        self.of: dict[int, list[Bit]] = {}
        self.ready: dict[Bit, int] = {}
        self.read: dict[Bit, set[int]] = {}
        self.adders: list[int] = []
        self.comparators: list[int] = []
        self.choices: set[Bit] = set()
        self.logic: set[tuple[Bit, int]] = set()
        self.gates = 0
        for place in sorted({*self.plan.ready, *(p for p, node in enumerate(self.nodes) if node.op == "const")}):
            self.of[place] = self._bits(place)
            for bit in self.of[place]:
                self.ready.setdefault(bit, self.plan.ready.get(place, 0))

    def pipeline(self) -> Pipeline:
        """See there."""
        depth, outputs = self.plan.depth, set()
        for name, port in self.form.outputs.items():
            stored = name in self.form.stored
            start = self.form.initial[name] if stored else 0
            for i, bit in enumerate(self._extended(port.node, port.width)):
                first = ONE if start >> i & 1 else ZERO
                if stored and bit != first:
                    outputs.add((bit, first))
                    self._reads([bit], depth - 1, logic=False)
                elif not stored:
                    self._reads([bit], depth, logic=False)
        for place in sorted(self.plan.ready, reverse=True):
            self._operands(place, self.nodes[place])
        held = self._held()
        total = len(outputs)
        shifted = chains = products = 0
        for bit, stages in self.read.items():
            total += max(stages) - self.ready[bit] + self._product(bit)
            products += self._product(bit) + held.get(bit, 0)
            start = self.ready[bit] - self._before(bit)
            for stage in sorted(stages):
                end = stage - (held.get(bit, 0) if stage == max(stages) else 0)
                if end - start >= CHAIN:
                    shifted, chains = shifted + end - start, chains + 1
                start = max(start, stage)
        loose = sum(self._made(bit) and self.ready[bit] == stage for bit, stage in self.logic)
        summed = (tuple(self.adders), tuple(self.comparators), len(self.choices), self.gates, loose)
        return Pipeline(total, shifted, chains, self._unread(), products, *summed)

    def _unread(self) -> int:
        entering = [port.node for name, port in self.form.inputs.items() if name != "final_pass"]
        return sum(bit not in self.read for place in entering for bit in self.of.get(place, ()))

    def _before(self, bit: Bit) -> int:
        """1 where a register of states or constants lies before it."""
        node = self.nodes[bit[0]] if isinstance(bit, tuple) and isinstance(bit[0], int) else None
        return int(node is not None and node.op == "input" and node.name not in ("acc", "final_pass"))

    def _held(self) -> dict[Bit, int]:
        """Registers before multipliers, at most two in a row, that nothing else reads: their blocks can hold them."""
        held: dict[Bit, int] = {}
        for place in self.plan.ready:
            node = self.nodes[place]
            if node.op != "mul":
                continue
            stage = self.plan.ready[place] - latency(self.nodes, node)
            for argument in node.args:
                bits = [bit for bit in self.of[argument] if bit in self.read]
                rows = [min(2, stage - self.ready[bit] + self._entering(bit)) for bit in bits]
                free = [0 if (bit, stage) in self.logic else 1 if (bit, stage - 1) in self.logic else 2 for bit in bits]
                if bits and max(max(self.read[bit]) for bit in bits) == stage:
                    held |= dict.fromkeys(bits, min(*rows, *free))
        return held

    def _entering(self, bit: Bit) -> int:
        """1 of an input: a register lies before it."""
        return int(isinstance(bit[0], int) and self.nodes[bit[0]].op == "input")

    def _made(self, bit: Bit) -> bool:
        """Whether logic makes it, rather than a memory or a multiplier."""
        return not isinstance(bit[0], int) or self.nodes[bit[0]].op not in ("input", "mul", "table")

    def _product(self, bit: Bit) -> int:
        node = self.nodes[bit[0]] if isinstance(bit, tuple) and isinstance(bit[0], int) else None
        return latency(self.nodes, node) if node is not None and node.op == "mul" else 0

    def _reads(self, bits: Iterable[Bit], stage: int, logic: bool = True) -> None:
        for bit in bits:
            if bit not in (ZERO, ONE):
                self.read.setdefault(bit, set()).add(stage)
                if logic:
                    self.logic.add((bit, stage))

    def _extended(self, place: int, width: int) -> list[Bit]:
        bits = self.of[place]
        top = bits[-1] if self.nodes[place].signed else ZERO
        return [*bits, *[top] * (width - len(bits))][:width]

    def _bits(self, place: int) -> list[Bit]:
        node = self.nodes[place]
        fresh = [(place, i) for i in range(node.width)]
        match node.op:
            case "const":
                return [ONE if node.value >> i & 1 else ZERO for i in range(node.width)]
            case "shl":
                fill = [ONE if node.fill >> i & 1 else ZERO for i in range(node.value)]
                return [*fill, *self._extended(node.args[0], max(node.width - node.value, 1))]
            case "shr":
                return self._extended(node.args[0], node.value + node.width)[node.value :]
            case "add" | "sub":
                first = self._passing(node)
                a, b = (self._extended(argument, node.width) for argument in node.args)
                return [b[i] if a[i] == ZERO else a[i] for i in range(first)] + fresh[first:]
            case "mux":
                select = self.of[node.args[0]][0]
                pairs = zip(*(self._extended(argument, node.width) for argument in node.args[1:]), strict=True)
                return [a if a == b else ("mux", select, a, b) for a, b in pairs]
            case "not":
                return [("not", self.of[node.args[0]][0])]
        return fresh

    def _passing(self, node: Node) -> int:
        """Lowest bits of a sum that are those of an operand."""
        a, b = (self._extended(argument, node.width) for argument in node.args)
        for i in range(node.width):
            if b[i] != ZERO and (node.op == "sub" or a[i] != ZERO):
                return i
        return node.width

    def _operands(self, place: int, node: Node) -> None:
        """What an operation reads, as far as it is read itself."""
        if node.op in ("input", "const", "shl", "shr"):
            return
        wanted = [i for i, bit in enumerate(self.of[place]) if bit in self.read]
        if not wanted:
            return
        stage = self.plan.ready[place] - latency(self.nodes, node)
        match node.op:
            case "add" | "sub":
                first, last = self._passing(node), max(wanted)
                if last < first:
                    return
                top = node.width - 1
                only_sign = wanted == [top] and top not in self._carried(place)
                (self.comparators if only_sign else self.adders).append(last + 1 - first)
                for argument in node.args:
                    self._reads(self._extended(argument, node.width)[first : last + 1], stage)
            case "mux":
                for i in wanted:
                    bit = self.of[place][i]
                    if isinstance(bit, tuple) and bit[0] == "mux" and self.ready[bit] == stage:
                        self._choose(bit)
                        self._reads(bit[1:], stage)
            case "ge" if self._constant(node.args[1]) == 0:
                self._reads(self.of[node.args[0]][-1:], stage)
            case "ge":
                end = self._constant(node.args[1])
                unseen = (end & -end).bit_length() - 1 if end else 0  # lowest bits do not matter where the constant's are 0
                self.comparators.append(max(self.nodes[argument].width for argument in node.args) - unseen)
                self._reads([*self.of[node.args[0]][unseen:], *self.of[node.args[1]]], stage)
            case "clamp":
                before = self.nodes[node.args[0]]
                ends = (before.low < node.low) + (before.high > node.high)
                self.comparators += [before.width] * ends
                self.gates += len(wanted) * ends
                self._reads(self.of[node.args[0]], stage)
            case "table":
                table = next(table for table in self.form.tables if table.name == node.name)
                self._reads(self.of[node.args[0]][node.value : node.value + (table.depth - 1).bit_length()], stage)
            case "mul":
                for argument in node.args:
                    self._reads(self.of[argument], stage, logic=False)
            case _:
                self.gates += max(self.nodes[argument].width for argument in node.args)
                for argument in node.args:
                    self._reads(self.of[argument], stage)

    def _choose(self, bit: Bit) -> None:
        if bit[2] in (ZERO, ONE) or bit[3] in (ZERO, ONE):
            self.gates += bit not in self.choices
        else:
            self.choices.add(bit)

    def _carried(self, place: int) -> tuple[int, ...]:
        """The top bit's place where it is registered: then the sum ends in a flip-flop like any other."""
        return (self.nodes[place].width - 1,) if place in self.plan.registers else ()

    def _constant(self, place: int) -> int | None:
        node = self.nodes[place]
        return node.value if node.op == "const" else None
