"""Nodes evaluated on arrays of 64-bit integers: numpy's or torch's."""

import operator
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from costmodel.rtl.datapath.nodes import Node
from costmodel.rtl.datapath.tables import Table

_SIMPLE = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "ge": operator.ge,
    "eq": operator.eq,
    "and": operator.and_,
    "or": operator.or_,
}
_ON_BITS = ("and", "or")


def library(values: Mapping[str, Any]) -> Any:
    """The module whose arrays these are: torch where any is a tensor, else numpy."""
    for value in values.values():
        if type(value).__module__.partition(".")[0] == "torch":
            return sys.modules["torch"]
    return np


def run(
    nodes: Sequence[Node],
    wanted: Sequence[int],
    values: Mapping[str, Any],
    tables: Mapping[str, Table],
    given: Mapping[int, Any] | None = None,
) -> list[Any]:
    """The values of the wanted nodes; truth values are booleans, constants may be plain integers.

    Args:
        nodes: all nodes, operands first.
        wanted: places of nodes.
        values: input → integers, or integer arrays that broadcast.
        tables: by name.
        given: node → value, for nodes that are not to be computed.

    Raises:
        KeyError: an input that is needed is missing.
    """
    module = library(values)
    known: dict[int, Any] = dict(given or {})
    last = _last_uses(nodes, wanted, known)
    for place in sorted(last):
        node = nodes[place]
        if place not in known:
            known[place] = _value(node, [known[a] for a in node.args], values, tables, module, nodes)
        for argument in set(node.args):
            if last.get(argument) == place:
                del known[argument]  # memory of large batches
    return [known[place] for place in wanted]


def _last_uses(nodes: Sequence[Node], wanted: Sequence[int], given: Mapping[int, Any]) -> dict[int, int]:
    """Needed node → the last node that reads it; a wanted one is kept for ever."""
    last = dict.fromkeys(wanted, len(nodes))
    for place in range(max(wanted, default=-1), -1, -1):
        if place in last and place not in given:
            for argument in nodes[place].args:
                last.setdefault(argument, place)
    return last


def _value(
    node: Node, arguments: list[Any], values: Mapping[str, Any], tables: Mapping[str, Table], module: Any, nodes: Sequence[Node]
) -> Any:
    if node.op == "const":
        return node.value
    if node.op == "input":
        return values[node.name] != 0 if node.bit else values[node.name]
    bits = [nodes[a].bit and nodes[a].op != "const" for a in node.args]
    if node.op == "not":
        return arguments[0] == 0
    if node.op in _ON_BITS:
        return _SIMPLE[node.op](*arguments)
    if node.op == "mux":
        both = node.bit
        a, b = (x if both or not bit else x * 1 for x, bit in zip(arguments[1:], bits[1:], strict=True))
        return module.where(arguments[0], a, b)
    x, *others = (argument * 1 if bit else argument for argument, bit in zip(arguments, bits, strict=True))
    if node.op in _SIMPLE:
        return _SIMPLE[node.op](x, *others)
    if node.op == "shl":
        return (x << node.value) + node.fill if node.fill else x << node.value
    if node.op == "shr":
        return x >> node.value
    if node.op == "clamp":
        return module.clip(x, node.low, node.high)
    table = tables[node.name]
    index = (x >> node.value) & (table.depth - 1)
    entries = table.entries if module is np else module.as_tensor(table.entries, device=index.device)
    return entries[index]
