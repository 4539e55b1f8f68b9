"""Cycles of blocks that do the same at every time step, in closed form: how long until the first answer, and how long a step.

Blocks work side by side, each on the earliest step that it has not done. A block walks what arrives, and then sweeps; it begins to
walk when those who send to it do, cannot end before they have, and is itself not done before those who receive have taken all but
what their queues hold. `rtl.cycles.expected` has the same for steps that differ.

All takes numbers, numpy arrays, sympy symbols or recorded values; cycles or seconds, whatever walks and sweeps are in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import networkx as nx

from costmodel.graphs.equations.algebra import Value, maximum


@dataclass(frozen=True)
class Way:
    """What a block receives.

    Attributes:
        source: the block that sends.
        late: whether it is what was sent at the step before, as within loops.
        walk: time that the events of a step take.
        held: of it, the time for which the sender must wait: that of events for which the queue has no room.
    """

    source: str
    late: bool
    walk: Value
    held: Value


@dataclass(frozen=True)
class Block:
    """The input, a layer, or a stage between them that takes time.

    Attributes:
        ways: what it receives.
        walk: time in which it takes the events of a step.
        sweep: time from then to the end of the step that it sends.
    """

    ways: tuple[Way, ...]
    walk: Value
    sweep: Value


def steady(blocks: Mapping[str, Block], output: str, steps: Value) -> Value:
    """Time of so many steps, from the first token taken to the last answer: fill + (steps − 1) · pace.

    Args:
        blocks: by name, those that send before those that receive.
        output: whose end of a step is the answer.
        steps: T, or T of each of several samples.
    """
    return fill(blocks, output) + (steps - 1) * pace(blocks)


def fill(blocks: Mapping[str, Block], output: str) -> Value:
    """Time of the first step: along the longest way to the output, from block to block the sender's sweep or the walk that it
    feeds, whichever is longer.

    Args:
        blocks, output: as `steady` takes them.
    """
    sweeps = _held(blocks)
    first = {name: block.walk for name, block in blocks.items() if not _soon(block)}
    return _reached(blocks, sweeps, first)[output] + sweeps[output]


def pace(blocks: Mapping[str, Block]) -> Value:
    """Time between the ends of two steps: that of the slowest block, or of the slowest round through several steps.

    Args:
        blocks: as `steady` takes them.
    """
    sweeps = _held(blocks)
    return _longest([*(block.walk + sweeps[name] for name, block in blocks.items()), *_rounds(blocks, sweeps)])


def _held(blocks: Mapping[str, Block]) -> dict[str, Value]:
    """The sweep of each block, or the time until those who receive have room for what it sends."""
    waits: dict[str, list[Value]] = {name: [block.sweep] for name, block in blocks.items()}
    for block in blocks.values():
        for way in block.ways:
            if not way.late:
                waits[way.source].append(way.held)
    return {name: _longest(each) for name, each in waits.items()}


def _reached(blocks: Mapping[str, Block], sweeps: Mapping[str, Value], first: Mapping[str, Value]) -> dict[str, Value]:
    """When blocks have taken the events of a step, those from which it starts and all behind them."""
    found = dict(first)
    for name, block in blocks.items():
        before = [found[source] + maximum(block.walk, sweeps[source]) for source in _soon(block) if source in found]
        if before:
            found[name] = _longest([*([found[name]] if name in found else []), *before])
    return found


def _soon(block: Block) -> list[str]:
    return list(dict.fromkeys(way.source for way in block.ways if not way.late))


def _rounds(blocks: Mapping[str, Block], sweeps: Mapping[str, Value]) -> list[Value]:
    """Mean time of a step in every round: from what one block ends to what another may do at the next step, and within that step
    on to the next such place, until the first.

    Such places are what is sent within loops, and ways past other blocks, whose sender is at most a step ahead of who receives.
    """
    ways = [(way.source, name) for name, block in blocks.items() for way in block.ways]
    if len({source for source, _ in ways}) == len(ways) and not any(way.late for block in blocks.values() for way in block.ways):
        return []  # a chain
    graph = nx.DiGraph(ways)
    places: list[tuple[str, dict[str, Value]]] = []
    for name, block in blocks.items():
        for way in block.ways:
            if way.late:
                places.append((way.source, {name: 0}))
            elif any(name in nx.descendants(graph, other) for other in graph.succ[way.source] if other != name):
                places.append((name, {other: way.held for other in graph.succ[way.source] if way.source in _soon(blocks[other])}))
    reached = [_reached(blocks, sweeps, first) for _, first in places]
    turns = nx.DiGraph()
    for i, found in enumerate(reached):
        for j, (end, _) in enumerate(places):
            if end in found:
                turns.add_edge(i, j, time=found[end] + sweeps[end])
    rounds = []
    for turn in nx.simple_cycles(turns):
        times = [turns.edges[one, other]["time"] for one, other in zip(turn, [*turn[1:], turn[0]], strict=True)]
        rounds.append(sum(times) / len(times))
    return rounds


def _longest(values: Iterable[Value]) -> Value:
    each = list(values)
    return each[0] if len(each) == 1 else maximum(*each)
