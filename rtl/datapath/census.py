"""A datapath's bill of materials: what equations for a device's resources are fitted on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from costmodel.rtl.datapath.nodes import Node, width_of
from costmodel.rtl.datapath.schedule import Schedule
from costmodel.rtl.datapath.tables import Table


@dataclass(frozen=True)
class Census:
    """What one datapath is made of.

    Attributes:
        adder_bits: of adders and subtractors; bits that pass by another operand's zeros do not count.
        comparator_bits: of comparisons, and of subtractors of which only the sign is read.
        multiplexer_bits: of choices between two values.
        logic_bits: of and, or, not, and of choices between a value and a constant.
        register_bits: of the pipeline, multipliers' output registers included.
        multipliers: (bits, bits) of the operands of each.
        tables: (depth, width) of each.
    """

    adder_bits: int
    comparator_bits: int
    multiplexer_bits: int
    logic_bits: int
    register_bits: int
    multipliers: tuple[tuple[int, int], ...]
    tables: tuple[tuple[int, int], ...]


def census(nodes: Sequence[Node], plan: Schedule, tables: Sequence[Table]) -> Census:
    """Counts the nodes of a schedule."""
    bits: Counter[str] = Counter()
    readers: dict[int, list[Node]] = {}
    for place in plan.ready:
        for argument in nodes[place].args:
            readers.setdefault(argument, []).append(nodes[place])
    for place in plan.ready:
        node = nodes[place]
        if node.op in ("add", "sub"):
            only_sign = place not in plan.registers and all(_sign(nodes, reader) for reader in readers.get(place, []))
            bits["comparator" if only_sign and readers.get(place) else "adder"] += _adder_bits(nodes, node)
        elif node.op in ("ge", "eq"):
            bits["comparator"] += 0 if _sign(nodes, node) else max(nodes[a].width for a in node.args)
        elif node.op == "mux":
            fixed = any(nodes[a].op == "const" for a in node.args[1:])
            bits["logic" if fixed else "multiplexer"] += node.width
        elif node.op == "clamp":
            before = nodes[node.args[0]]
            ends = [node.low] * (before.low < node.low) + [node.high + 1] * (before.high > node.high)
            bits["comparator"] += sum(before.width - _trailing_zeros(end) for end in ends)
            bits["logic"] += node.width * len(ends)
        elif node.op in ("and", "or", "not"):
            bits["logic"] += 1
    return Census(
        adder_bits=bits["adder"],
        comparator_bits=bits["comparator"],
        multiplexer_bits=bits["multiplexer"],
        logic_bits=bits["logic"],
        register_bits=plan.register_bits(nodes),
        multipliers=tuple(
            (nodes[nodes[p].args[0]].width, nodes[nodes[p].args[1]].width) for p in plan.ready if nodes[p].op == "mul"
        ),
        tables=tuple((table.depth, table.width) for table in tables),
    )


def _sign(nodes: Sequence[Node], node: Node) -> bool:
    """Whether it reads nothing but a sign bit."""
    return node.op == "ge" and nodes[node.args[1]].op == "const" and nodes[node.args[1]].value == 0


def _adder_bits(nodes: Sequence[Node], node: Node) -> int:
    a, b = (nodes[place] for place in node.args)
    passing = _zeros(nodes, b) if node.op == "sub" else max(_zeros(nodes, a), _zeros(nodes, b))
    return max(width_of(min(node.low, 0), node.high) - passing, 1)


def _zeros(nodes: Sequence[Node], node: Node) -> int:
    """Lowest bits that are always 0."""
    if node.op == "const":
        return _trailing_zeros(node.value)
    if node.op != "shl":
        return 0
    return _trailing_zeros(node.fill) if node.fill else node.value + _zeros(nodes, nodes[node.args[0]])


def _trailing_zeros(value: int) -> int:
    return (value & -value).bit_length() - 1 if value else 0
