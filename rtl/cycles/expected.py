"""Cycles of a whole `Design` from mean rates, by the equations of `rtl.cycles.core`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from costmodel.rtl.cycles import core as cycles
from costmodel.rtl.design import STAGE_QUEUE, Delayed, Design, Link, Shrunk, after
from costmodel.rtl.layer import Layer
from costmodel.rtl.space import Space

Rates = Mapping[str, float | np.ndarray]
"""Input or layer → share of its elements that send in a step: one number, one for each element in hardware order, or (T, elements)
where steps differ."""


def expected_cycles(design: Design, rates: Rates) -> float:
    """Cycles of a sample: blocks work side by side, each on the earliest step that it has not done.

    Step t of a block walks events, from when it has ended step t − 1 and its sources begin to send, until these have ended; then
    it sweeps. It cannot end before those who receive have taken all but what their queues hold:

        walked(t) = max(max(end(t − 1), begin of sources(t)) + walk(t), end of sources(t))
        end(t)    = max(walked(t) + sweep(t), max(receiver's end(t − 1), walked(t)) + receiver's walk(t) · (1 − depth / events))

    Where events of different elements reach differently far (a convolution's borders reach less), rates of single elements tell
    more than their mean; where activity comes in bursts, rates of single steps do.
    """
    blocks = _blocks(design, {name: _elements(design, name, rates) for name in (design.source, *design.layers)})
    receivers = {name: [(b, i) for b in blocks.values() for i in b.ways if i.source == name and not i.late] for name in blocks}
    ends, begins = dict.fromkeys(blocks, 0.0), dict.fromkeys(blocks, 0.0)
    for t in range(design.timesteps):
        before = dict(ends)
        for name, block in blocks.items():
            soon = [way.source for way in block.ways if not way.late]
            walked = max([before[name], *(begins[source] for source in soon)]) + block.walk[t]
            walked = max([walked, *(ends[source] for source in soon), *(before[way.source] for way in block.ways if way.late)])
            begins[name], ends[name] = walked, walked + block.sweep[t]
            for other, way in receivers[name]:
                left = max(0.0, 1 - way.depth / max(way.events[t], 1e-9))
                ends[name] = max(ends[name], max(before[other.name], walked) + way.walk[t] * left)
    readout = design.readout
    return ends[design.output] + (cycles.cycles_per_readout(readout.kind, readout.classes) if readout else 0)


@dataclass(frozen=True)
class _Way:
    """What a block receives: from whom, over which queue, how many events and the cycles that they take, at every step."""

    source: str
    late: bool
    depth: int
    events: np.ndarray
    walk: np.ndarray


@dataclass(frozen=True)
class _Block:
    """The input, a layer, or a stage that takes cycles."""

    name: str
    ways: list[_Way]
    walk: np.ndarray
    sweep: np.ndarray


def _blocks(design: Design, every: Mapping[str, np.ndarray]) -> dict[str, _Block]:
    """All blocks, sources first."""
    sent = every[design.source].sum(axis=1)
    blocks = {design.source: _Block(design.source, [], np.zeros(design.timesteps), sent + 1)}
    for name in (name for group in design.order for name in group):
        layer, ways = design.layers[name], []
        for link in design.into(name):
            source, events = _through_stages(design, link, every[link.source], blocks)
            ways.append(_Way(source, design.late(link), link.depth, events.sum(axis=1), _walking(layer, link.port, events)))
        walk = sum((way.walk for way in ways), np.zeros(design.timesteps)) + len(ways) - 1
        ends = np.array([sweep(layer, float(step.mean())) for step in every[name]])
        blocks[name] = _Block(name, ways, walk, ends)
    return blocks


def _through_stages(design: Design, link: Link, events: np.ndarray, blocks: dict[str, _Block]) -> tuple[str, np.ndarray]:
    """Who sends to a port, and the events of every step at each of its addresses; stages that take cycles become blocks."""
    space, source = design.space(link.source), link.source
    for i, stage in enumerate(link.stages):
        came, behind = events.sum(axis=1), after(space, stage)
        words = 1 << behind.address_bits - min(behind.address_bits, 4)
        if isinstance(stage, Shrunk):
            events = _windows(stage, space, events)
        if isinstance(stage, Delayed) or (isinstance(stage, Shrunk) and stage.largest):
            name = f"{link.target}.{link.port}.{i}"
            ends = words + 2 if isinstance(stage, Shrunk) else 2 * words + came + 2
            way = _Way(source, False, STAGE_QUEUE, came, 2 * came)
            blocks[name] = _Block(name, [way], 2 * came, ends + np.zeros(design.timesteps))
            source = name
        space = behind
    return source, events


def sweep(layer: Layer, rate: float) -> float:
    """Cycles of the end of a step."""
    waits = cycles.waits(layer.space.elements, layer.units, rate)
    return cycles.cycles_per_sweep(layer.beats * layer.reads, layer.datapath.depth, layer.passes, waits)


def _elements(design: Design, name: str, rates: Rates) -> np.ndarray:
    """The rate of every element in every step, (T, elements)."""
    return np.broadcast_to(np.asarray(rates[name], float), (design.timesteps, design.space(name).elements))


def _walking(layer: Layer, port: int, events: np.ndarray) -> np.ndarray:
    """Cycles of every step in which events of a port are walked over accumulators."""
    accesses = layer.ports[port].reach.accesses(np.arange(events.shape[1]))
    return events @ (accesses + (0.0 if layer.back_to_back else 1.0))


def _windows(stage: Shrunk, space: Space, events: np.ndarray) -> np.ndarray:
    """Events at each window: all of its elements', or the first, which comes unless none does."""
    rows, columns = space.rows // stage.rows, space.columns // stage.columns
    image = events.reshape(-1, space.rows, space.columns, space.channels)[:, : rows * stage.rows, : columns * stage.columns]
    windows = image.reshape(-1, rows, stage.rows, columns, stage.columns, space.channels)
    joined = 1 - np.prod(1 - windows, axis=(2, 4)) if stage.largest else windows.sum(axis=(2, 4))
    return joined.reshape(len(events), -1)
