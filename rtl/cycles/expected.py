"""Cycles of a whole `Design` from mean rates, by the equations of `rtl.cycles.core`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from costmodel.rtl.cycles import core as cycles
from costmodel.rtl.cycles.steady import Block, Way, steady
from costmodel.rtl.cycles.streams import Stream, streams
from costmodel.rtl.design import Design, Link, Shrunk, after, behind
from costmodel.rtl.layer import Layer
from costmodel.rtl.space import Space

Rates = Mapping[str, float | np.ndarray]
"""Input or layer → share of its elements that send in a step: one number, one for each element in hardware order, or (T, elements)
where steps differ."""


def expected_cycles(design: Design, rates: Rates) -> float:
    """Cycles of a sample: blocks work side by side, each on the earliest step that it has not done.

    Where no step differs from another the closed form of `rtl.cycles.steady` says it; else every step is followed:

    Step t of a block walks events, from when it has ended step t − 1 and its sources begin to send, until these have ended; then
    it sweeps. It cannot end before those who receive have taken all but what their queues hold:

        walked(t) = max(max(end(t − 1), begin of sources(t)) + walk(t), end of sources(t))
        end(t)    = max(walked(t) + sweep(t), max(receiver's end(t − 1), walked(t)) + receiver's walk(t) · (1 − depth / events))

    Where events of different elements reach differently far (a convolution's borders reach less), rates of single elements tell
    more than their mean; where activity comes in bursts, rates of single steps do.
    """
    names = (design.source, *design.layers)
    alike = all(np.ndim(rates[name]) < 2 for name in names)
    blocks = _blocks(design, {name: _elements(design, name, rates, 1 if alike else design.timesteps) for name in names})
    readout = design.readout
    last = cycles.cycles_per_readout(readout.kind, readout.classes) if readout else 0
    if alike:
        return float(steady({name: _steady(block) for name, block in blocks.items()}, design.output, design.timesteps)) + last
    return _followed(blocks, design.timesteps)[design.output] + last


def _followed(blocks: Mapping[str, "_Block"], timesteps: int) -> dict[str, float]:
    """When every block has ended its last step."""
    receivers = {name: [(b, i) for b in blocks.values() for i in b.ways if i.source == name and not i.late] for name in blocks}
    ends, begins = dict.fromkeys(blocks, 0.0), dict.fromkeys(blocks, 0.0)
    for t in range(timesteps):
        before = dict(ends)
        for name, block in blocks.items():
            soon = [way.source for way in block.ways if not way.late]
            walked = max([before[name], *(begins[source] for source in soon)]) + block.walk[t]
            walked = max([walked, *(ends[source] for source in soon), *(before[way.source] for way in block.ways if way.late)])
            begins[name], ends[name] = walked, walked + block.sweep[t]
            for other, way in receivers[name]:
                ends[name] = max(ends[name], max(before[other.name], walked) + way.held[t])
    return ends


def _steady(block: "_Block") -> Block:
    """A block whose steps are alike."""
    ways = tuple(Way(way.source, way.late, way.walk[0], way.held[0]) for way in block.ways)
    return Block(ways, block.walk[0], block.sweep[0])


@dataclass(frozen=True)
class _Way:
    """What a block receives: from whom, over which queue, how many events and the cycles that they take, at every step."""

    source: str
    late: bool
    depth: int
    events: np.ndarray
    walk: np.ndarray

    @property
    def held(self) -> np.ndarray:
        """Cycles of the walk of events that the queue does not hold."""
        return self.walk * np.maximum(0.0, 1 - self.depth / np.maximum(self.events, 1e-9))


@dataclass(frozen=True)
class _Block:
    """The input, a layer, or a stage that takes cycles."""

    name: str
    ways: list[_Way]
    walk: np.ndarray
    sweep: np.ndarray


def _blocks(design: Design, every: Mapping[str, np.ndarray]) -> dict[str, _Block]:
    """All blocks, sources first."""
    return {stream.name: _block(design, stream, every) for stream in streams(design)}


def _block(design: Design, stream: Stream, every: Mapping[str, np.ndarray]) -> _Block:
    ways = []
    for arrival in stream.arrivals:
        link, layer = arrival.link, stream.layer
        events = _behind(design, link, every[link.source], len(link.stages) if layer else stream.place)
        came = events.sum(axis=1)
        walk = _walking(layer, link.port, events) if layer else cycles.CYCLES_PER_HELD * came
        ways.append(_Way(arrival.source, arrival.late, arrival.depth, came, walk))
    if not ways:
        sent = every[design.source].sum(axis=1)
        return _Block(stream.name, ways, np.zeros_like(sent), sent + 1)
    walk = np.sum([way.walk for way in ways], axis=0) + len(ways) - 1
    if stream.layer is not None:
        ends = np.array([sweep(stream.layer, float(step.mean())) for step in every[stream.name]])
    else:
        link = stream.arrivals[0].link
        words = behind(design.space(link.source), link.stages[: stream.place + 1]).bitmap_words
        ends = (cycles.end_of_pool if isinstance(stream.stage, Shrunk) else cycles.end_of_delay)(words, ways[0].events)
    return _Block(stream.name, ways, walk, ends)


def _behind(design: Design, link: Link, events: np.ndarray, stages: int) -> np.ndarray:
    """Events of every step at each address behind the first stages of a link."""
    space = design.space(link.source)
    for stage in link.stages[:stages]:
        if isinstance(stage, Shrunk):
            events = _windows(stage, space, events)
        space = after(space, stage)
    return events


def sweep(layer: Layer, rate: float) -> float:
    """Cycles of the end of a step."""
    waits = cycles.waits(layer.space.elements, layer.units, rate)
    return cycles.cycles_per_sweep(layer.beats * layer.reads, layer.datapath.depth, layer.passes, waits)


def _elements(design: Design, name: str, rates: Rates, steps: int) -> np.ndarray:
    """The rate of every element in every step, (steps, elements)."""
    return np.broadcast_to(np.asarray(rates[name], float), (steps, design.space(name).elements))


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
