"""Pipeline stages: which operation happens between which registers.

Operations are taken in order and put into the earliest stage in which their delays still fit. Delays are in levels, of which an
adder of 16 bits is one; a stage holds a little over two. Multipliers and tables start at registers and end in their own. Inputs
come from memories, which takes half a level.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from costmodel.rtl.datapath.nodes import Node

BUDGET = 2.3
"""Levels between registers."""

INPUT_DELAY = 0.5
TABLE_DELAY = 0.7
"""Levels from a clock edge until a memory's output is there: the input of the datapath, and its tables."""

SMALL_MULTIPLIER = (18, 25)
"""Operands up to so many bits multiply in one cycle; wider ones, made of several blocks, take a second register."""


@dataclass(frozen=True)
class Schedule:
    """Stages, from 0; the outputs are registers after the last.

    Attributes:
        depth: stages.
        ready: node → the stage in which its value is there: computed in it or, of multipliers and tables, registered before it.
        registers: node → last stage that reads its value, for values that are carried across stages (``depth``: an output).
    """

    depth: int
    ready: dict[int, int]
    registers: dict[int, int]

    def register_bits(self, nodes: Sequence[Node]) -> int:
        """Bits of all pipeline registers, multipliers' included; tables have their own."""
        carried = sum(nodes[place].width * (last - self.ready[place]) for place, last in self.registers.items())
        own = sum(nodes[place].width * latency(nodes, nodes[place]) for place in self.ready if nodes[place].op == "mul")
        return carried + own


def delay(nodes: Sequence[Node], node: Node) -> float:
    """Levels of a combinational operation."""
    widest = max((nodes[a].width for a in node.args), default=0)
    if node.op in ("add", "sub"):
        return 0.5 + max(widest, node.width) / 32
    if node.op == "ge":
        zero = nodes[node.args[1]]
        return 0.0 if zero.op == "const" and zero.value == 0 else 0.5 + widest / 32  # ≥ 0 is the sign bit
    if node.op == "eq":
        return 0.6
    if node.op == "clamp":
        return 0.8 + widest / 32
    return {"mux": 0.4, "not": 0.1, "and": 0.2, "or": 0.2}.get(node.op, 0.0)


def latency(nodes: Sequence[Node], node: Node) -> int:
    """Cycles of an operation that starts and ends at registers; 0 for a combinational one."""
    if node.op == "table":
        return 1
    if node.op == "mul":
        widths = sorted(nodes[a].width for a in node.args)
        return 1 if all(width <= most for width, most in zip(widths, SMALL_MULTIPLIER, strict=True)) else 2
    return 0


def needed(nodes: Sequence[Node], outputs: Sequence[int]) -> list[int]:
    """Places of the nodes that outputs depend on, operands first."""
    wanted, stack = set(outputs), list(outputs)
    while stack:
        for argument in nodes[stack.pop()].args:
            if argument not in wanted:
                wanted.add(argument)
                stack.append(argument)
    return sorted(wanted)


def schedule(nodes: Sequence[Node], outputs: Sequence[int]) -> Schedule:
    """Puts every node that the outputs depend on into a stage."""
    ready: dict[int, int] = {}
    arrival: dict[int, float] = {}
    used: dict[int, int] = {}
    order = needed(nodes, outputs)
    for place in order:
        node = nodes[place]
        moving = [a for a in node.args if nodes[a].op != "const"]
        stage = max((ready[a] for a in moving), default=0)
        start = max((arrival[a] for a in moving if ready[a] == stage), default=0.0)
        if cycles := latency(nodes, node):
            free = start <= (TABLE_DELAY if node.op == "table" else 0.0)
            stage += 0 if free else 1
            ready[place], arrival[place] = stage + cycles, TABLE_DELAY if node.op == "table" else 0.0
        else:
            time = INPUT_DELAY if node.op == "input" else start + delay(nodes, node)
            if time > BUDGET and start > 0:
                stage, time = stage + 1, delay(nodes, node)
            ready[place], arrival[place] = stage, time
        for argument in moving:
            root = source(nodes, argument)
            used[root] = max(used.get(root, 0), stage)
    depth = max((ready[place] for place in outputs), default=0) + 1
    for place in outputs:
        used[source(nodes, place)] = depth
    carried = {p: last for p, last in used.items() if nodes[p].op != "const" and last > ready[p]}
    return Schedule(depth, {p: ready[p] for p in order if nodes[p].op != "const"}, carried)


def source(nodes: Sequence[Node], place: int) -> int:
    """The node whose registers carry a value: a left shift is made anew from the narrower value wherever it is read."""
    return source(nodes, nodes[place].args[0]) if nodes[place].op == "shl" else place
