"""What is made for a network, as its operators see it: sizes of the hardware, and the blocks that take their time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from costmodel.devices.fitting.planned import Planned, planned
from costmodel.graphs.equations.algebra import Value, maximum, minimum
from costmodel.graphs.lowering.table import MadeSizes, Table
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.delay import Delay
from costmodel.graphs.nodes.flatten import Flatten
from costmodel.graphs.nodes.pool import Pool
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.synapses import SynapseNode
from costmodel.rtl.cost import FpgaCost, datapath
from costmodel.rtl.cycles import core as cycles
from costmodel.rtl.cycles.steady import Block, Way, pace, steady
from costmodel.rtl.cycles.streams import Arrival, Stream, streams
from costmodel.rtl.design import Shrunk, behind
from costmodel.rtl.layer import Layer
from costmodel.rtl.reach import Reach
from costmodel.rtl.space import Space


@dataclass(frozen=True, eq=False)
class Made:
    """Hardware that was planned for a network.

    Attributes:
        planned: the hardware.
        rows: name of a task → its place among all tasks of the lowered network.
        held: name of a stage that holds spikes, as `streams` has it → name of its task.
        answers: places of the tasks by which answers leave.
        network: what was planned.
        bits, widest: bits of all weights that were asked for, and the most that somebody gave one; None: nobody did.
    """

    planned: Planned
    rows: Mapping[str, int]
    held: Mapping[str, str]
    answers: tuple[int, ...]
    network: Network
    bits: int | None
    widest: int | None

    @classmethod
    def of(cls, planned: Planned, table: Table, bits: int | None) -> "Made":
        """That of a lowered network, planned with so many bits of all weights, if they were asked for."""
        rows, held = {task.name: i for i, task in enumerate(table.tasks)}, {}
        for stream in streams(planned.design):
            if stream.stage is not None:
                link = stream.arrivals[0].link
                port = planned.design.layers[link.target].ports[link.port]
                held[stream.name] = _node_of(table.network, port.name, stream)
        answers = tuple(i for i, task in enumerate(table.tasks) if task.operator == "answer")
        return cls(planned, rows, held, answers, table.network, bits, bits or table.lowering.widest)

    def latency(self, times: np.ndarray, lanes: Value, units: Value, f_clk: Value, steps: Value) -> Value:
        """Time of so many steps, by `rtl.cycles.steady`.

        Args:
            times: of every task in a step, (tasks, points).
            lanes, units: P and R of all layers, as asked.
            f_clk: clock.
            steps: of all samples.
        """
        return steady(self._blocks(times, lanes, units, f_clk), self.planned.design.output, steps)

    def pace(self, times: np.ndarray, lanes: Value, units: Value, f_clk: Value) -> Value:
        """Time of a step with work kept coming; arguments as `latency` has them."""
        return pace(self._blocks(times, lanes, units, f_clk))

    def resources(
        self, widest: float | None, weight_bits: float, state_bits: float, family: str, lanes: float, units: float
    ) -> FpgaCost | None:
        """What the network takes as hardware; None where with such widths it has none.

        Args:
            widest: most bits that somebody gave a weight; None where nobody did.
            weight_bits, state_bits: the part's own.
            family: of FPGAs.
            lanes, units: P and R of all layers, as asked.
        """
        bits = weight_bits if widest is None else self.bits if widest == self.widest else widest
        found = planned(self.network, None if bits is None else int(bits), int(state_bits))
        return None if found is None else found.resources(family, int(lanes), int(units))

    def _blocks(self, times: np.ndarray, lanes: Value, units: Value, f_clk: Value) -> dict[str, Block]:
        return {stream.name: self._block(stream, times, lanes, units, f_clk) for stream in streams(self.planned.design)}

    def _block(self, stream: Stream, times: np.ndarray, lanes: Value, units: Value, f_clk: Value) -> Block:
        layer, design = stream.layer, self.planned.design
        if layer is None and stream.stage is None:
            return Block((), 0 * times[self.rows[stream.name]], times[self.rows[stream.name]])
        if layer is None:
            return self._stage(stream, times[self.rows[self.held[stream.name]]], f_clk)
        ways = tuple(self._way(arrival, layer, times, lanes, f_clk) for arrival in stream.arrivals)
        walk = sum(times[self.rows[name]] for name in dict.fromkeys(port.name for port in layer.ports))
        sweep = times[self.rows[stream.name]] if self._has_neurons(layer) else self._sums(layer, lanes, units) / f_clk
        if stream.name == design.output:
            sweep = sweep + sum(times[i] for i in self.answers)
        return Block(ways, walk + (len(ways) - 1) / f_clk, sweep)

    def _way(self, arrival: Arrival, layer: Layer, times: np.ndarray, lanes: Value, f_clk: Value) -> Way:
        port = layer.ports[arrival.link.port]
        alike = sum(other.name == port.name for other in layer.ports)  # signals that meet at synapses come by a port each
        walk = times[self.rows[port.name]] / alike
        positions = layer.summed.rows * layer.summed.columns
        each = cycles.cycles_per_event(layer.space.channels, lanes, _taps(port.reach), positions)
        return Way(arrival.source, arrival.late, walk, maximum(0.0, walk - arrival.depth * each / f_clk))

    def _stage(self, stream: Stream, time: Value, f_clk: Value) -> Block:
        """A stage that holds spikes. Its time is that of the walk and of the end of a step, in which a delay sends what it held."""
        arrival, words = stream.arrivals[0], _words(self.planned, stream)
        end = (cycles.end_of_pool if isinstance(stream.stage, Shrunk) else cycles.end_of_delay)(words, 0.0) / f_clk
        each = cycles.CYCLES_PER_HELD
        walk = time - end if isinstance(stream.stage, Shrunk) else (time - end) * (each / (each + 1))
        way = Way(arrival.source, arrival.late, walk, maximum(0.0, walk - arrival.depth * each / f_clk))
        return Block((way,), walk, time - walk)

    def _has_neurons(self, layer: Layer) -> bool:
        """Or whether it is a weighted sum that is an answer itself, which no operator updates."""
        return all(port.name != layer.name for port in layer.ports)

    def _sums(self, layer: Layer, lanes: Value, units: Value) -> Value:
        """Cycles of the sweep of weighted sums that are answers."""
        lanes = minimum(lanes, layer.space.channels)
        units = cycles.dividing(lanes, units)
        beats = cycles.beats(layer.space.elements, layer.positions, lanes, units) * layer.reads
        waits = cycles.waits(layer.space.elements, units, self.planned.rates[layer.name])
        return cycles.cycles_per_sweep(beats, layer.datapath.depth, layer.passes, waits)


@lru_cache(maxsize=256)
def _taps(reach: Reach) -> float:
    """Positions that an event reaches, the mean over what may send."""
    return float(reach.accesses(np.arange(reach.inputs)).mean()) / reach.groups


def made_sizes(planned: Planned, table: Table) -> MadeSizes:
    """Sizes of planned hardware, of every operator that it has a part for.

    Args:
        planned: the hardware of the network.
        table: the network, lowered.
    """
    layers, network = planned.design.layers, table.network
    updated = [layers.get(table.tasks[i].name) for i in table.rows["neurons"]]
    held = [_bitmap(network, table.tasks[i].node) for i in table.rows["pooling"]]
    kept = [_space(network, table.tasks[i].node).bitmap_words for i in table.rows["memory"]]
    neurons = {
        "positions": [layer.positions if layer else 1 for layer in updated],
        "reads": [layer.reads if layer else 0 for layer in updated],  # scales and normalisations are in the weights
        "stages": [layer.datapath.depth if layer else 0 for layer in updated],
    }
    return MadeSizes(
        {
            "neurons": {name: _column(values) for name, values in neurons.items()},
            "pooling": {"words": _column(held)},
            "memory": {"words": _column(kept)},
        },
        table,
    )


def counted_sizes(table: Table) -> MadeSizes:
    """The same of a network that no hardware can be planned for: as if it lay in no space, stages by its arithmetic.

    Args:
        table: the network, lowered.
    """
    sizes = {kind: table.fixed.get(kind, {}) for kind in ("neurons", "pooling", "memory")}
    found: dict[str, dict[str, np.ndarray]] = {}
    if neurons := sizes["neurons"]:
        counts = [neurons[name] / neurons["substeps"] for name in ("multiply", "exponential", "compare")]
        one = np.ones_like(neurons["neurons"])
        found["neurons"] = {"positions": one, "reads": one, "stages": datapath.depth(*counts)}
    if pooling := sizes["pooling"]:
        found["pooling"] = {"words": np.ceil(pooling["outputs"] / 16)}
    if memory := sizes["memory"]:
        found["memory"] = {"words": np.ceil(memory["elements"] / 16)}
    return MadeSizes(found, table)


def _column(values: list[int]) -> np.ndarray:
    return np.array(values, float).reshape(-1, 1)


def _space(network: Network, node: str) -> Space:
    return Space.of(network.shapes[node][1])


def _bitmap(network: Network, pool: str) -> int:
    """Words in which a pool notes who has sent; 0 for sums, which pass all on, and for what is read as a window of accumulators."""
    name, node = pool, network.nodes[pool]
    while not isinstance(network.nodes[name], Input | Population | SynapseNode):
        name = next(iter(network.graph.pred[name]))
    first = isinstance(node, Pool) and node.binary and not isinstance(network.nodes[name], SynapseNode)
    return _space(network, pool).bitmap_words if first else 0


def _words(planned: Planned, stream: Stream) -> int:
    """Words of the bitmap of a stage."""
    link = stream.arrivals[0].link
    return behind(planned.design.space(link.source), link.stages[: stream.place + 1]).bitmap_words


def _node_of(network: Network, synapses: str, stream: Stream) -> str:
    """The node that a stage on the way to some synapses is made from."""
    link = stream.arrivals[0].link
    for end in network.graph.pred[synapses]:
        nodes, name = [], end
        while not isinstance(network.nodes[name], Input | Population):
            if isinstance(network.nodes[name], Pool | Flatten | Delay):
                nodes.insert(0, name)
            name = next(iter(network.graph.pred[name]))
        if name == link.source and len(nodes) == len(link.stages):
            return nodes[stream.place]
    raise KeyError(stream.name)
