"""From a network file to a `Design`."""

from collections.abc import Mapping
from itertools import takewhile

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.boundary import Input
from costmodel.graphs.nodes.conv import Convolution
from costmodel.graphs.nodes.linear import Linear, Sparse
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.nodes.window import Axis, axes
from costmodel.rtl.datapath import Datapath, compile_neuron
from costmodel.rtl.design import Delayed, Design, Flattened, Link, Shrunk, behind
from costmodel.rtl.layer import Layer, Port
from costmodel.rtl.planning.currents import currents, ranges_of
from costmodel.rtl.planning.options import Options
from costmodel.rtl.planning.paths import Path, layers, only_before, paths
from costmodel.rtl.planning.quantise import rounded, shared_unit
from costmodel.rtl.planning.readouts import readout_of
from costmodel.rtl.planning.sum import Sum
from costmodel.rtl.reach import ConvReach, DenseReach, Reach
from costmodel.rtl.space import Space

Ranges = Mapping[str, Mapping[str, tuple[float, float]]]
"""Layer → state → its lowest and highest value."""

DEFAULT_BITS = 8
"""Bits of a weight where neither the file nor a person says."""


def plan(network: Network, family: str, options: Options | None = None, ranges: Ranges | None = None) -> Design:
    """A network as hardware.

    Args:
        network: with weights in all its weighted nodes.
        family: of FPGAs, "ice40", "ecp5" or "xilinx".
        options: choices.
        ranges: of states, as measured; others are found by running neurons on random input at the file's rates.

    Raises:
        InputError: weights are missing; a node has no hardware; more than one input or output.
    """
    return _Planner(network, family, options or Options(), ranges or {}).design()


class _Planner:
    def __init__(self, network: Network, family: str, options: Options, ranges: Ranges) -> None:
        self.network, self.family, self.options, self.ranges = network, family, options, ranges
        self._check()
        self.names = layers(network)
        self.scales: dict[str, float] = {}
        self.layers: dict[str, Layer] = {}
        self.largest: dict[str, int] = {}
        self.value_bits: dict[str, int] = {}

    def _check(self) -> None:
        network = self.network
        for what, found in (("input", network.inputs), ("output", network.outputs)):
            if len(found) != 1:
                raise InputError(f"{len(found)} {what}s: {', '.join(found)}", mend=f"hardware has one {what}", where=network.where)
        missing = [name for name, _ in network.synapse_nodes() if "weight" not in network.arrays.get(name, {})]
        if missing:
            what = f"no weights of {', '.join(missing)}: hardware holds trained weights"
            mend = f'train with \'costmodel run {network.name} --out DIR\', or give each node "weights": "FILE.npz"'
            raise InputError(what, mend=mend, where=network.where)

    def design(self) -> Design:
        """The whole."""
        network, options = self.network, self.options
        source = network.inputs[0]
        node = network.nodes[source]
        values = not (isinstance(node, Input) and node.spiking) or (isinstance(node, Input) and node.encoder.type == "delta")
        self.value_bits[source] = options.input_bits + 1 if values else 0
        self.largest[source] = 2**options.input_bits - 1 if values else 1
        self.scales[source] = 1.0 / self.largest[source]
        links: list[Link] = []
        for name in self._ordered():
            ways = paths(network, name)
            self.layers[name] = self._layer(name, ways)
            links += [Link(way.source, name, i, way.stages, self._queue(way, ways[:i])) for i, way in enumerate(ways)]
        output = network.output
        while output not in self.layers:
            output = only_before(network, output)
        return Design(
            name=network.name,
            family=self.family,
            source=source,
            entries=Space.of(network.shapes[source][1]),
            value_bits=self.value_bits[source],
            value_scale=self.scales[source],
            layers={name: self.layers[name] for name in self.names},
            links=tuple(links),
            output=output,
            timesteps=network.timesteps,
            dt=network.dt,
            readout=readout_of(network, self.layers[output]) if options.readout else None,
        )

    def _ordered(self) -> list[str]:
        """Layers such that what sends values comes before what receives them; spikes may come from anywhere."""
        for name in self.names:
            node = self.network.nodes[name]
            if isinstance(node, Population) and node.neuron.spiking() and not node.neuron.graded():
                self.value_bits[name], self.largest[name], self.scales[name] = 0, 1, 1.0
        waiting, done = list(self.names), []
        while waiting:
            ready = [n for n in waiting if all(w.source in self.scales or w.source in done for w in paths(self.network, n))]
            if not ready:
                what = f"the values that {', '.join(waiting)} send come back to them"
                raise InputError(what, mend="let loops go through spikes", where=self.network.where)
            done.append(ready[0])
            waiting.remove(ready[0])
        return done

    def _queue(self, way: Path, before: list[Path]) -> int:
        """What a loop sends in a step must have room, as nobody takes it before the step has ended; so must what another port,
        served ``before``, hears too."""
        least = self.options.queue_of(self._sending(way))
        if not way.late and all(way.source != other.source for other in before):
            return least
        return max(least, self._arriving(way).elements * way.multiplicity + 1)

    def _layer(self, name: str, ways: list[Path]) -> Layer:
        space = Space.of(self.network.shapes[name][1])
        for way in ways:
            self._check_values(way)
        weights = [self._weights(way) for way in ways]
        one, bits = shared_unit(weights, [self._bits(way.synapses) for way in ways])
        whole = [rounded(real, one, width) for real, width in zip(weights, bits, strict=True)]
        lanes = self.options.lanes_of(name, space.channels)
        reaches = [self._reach(way, integers, lanes) for way, integers in zip(ways, whole, strict=True)]
        bounds = self._bounds(ways, whole)
        bias = self._bias(ways, one, space)
        datapath = self._datapath(name, ways, weights, one, bounds, bias, space)
        self.scales.setdefault(name, datapath.scales.get("value", 1.0))
        made = Layer(
            name=name,
            space=space,
            ports=tuple(
                Port(way.synapses, reach, self._arriving(way), width, self.value_bits[way.source], way.late)
                for way, reach, width in zip(ways, reaches, bits, strict=True)
            ),
            lanes=lanes,
            units=self.options.units_of(name, lanes),
            datapath=datapath,
            summed=Space.of(self.network.shapes[ways[0].synapses][1]),
            window=ways[0].window,
        )
        self.value_bits[name] = made.value_bits
        if made.value_bits:
            port = datapath.outputs["value"]
            self.largest[name] = max(abs(port.low), abs(port.high))
        return made

    def _check_values(self, way: Path) -> None:
        """Delays and maxima keep a bit for each spike."""
        if not self.value_bits[way.source]:
            return
        for stage in way.stages:
            if isinstance(stage, Delayed) or (isinstance(stage, Shrunk) and stage.largest):
                what = f"sends values, which hardware does not {'delay' if isinstance(stage, Delayed) else 'take the maximum of'}"
                raise self._unfit(way.source, what, "let it send spikes")

    def _bits(self, synapses: str) -> int:
        node = self.network.nodes[synapses]
        found = self.options.weight_bits or node.bits or self.network.settings.bits or DEFAULT_BITS
        if not 2 <= found <= 16:
            where = f"{self.network.where}: node '{synapses}'"
            raise InputError(f"{found} bits of a weight will not do", mend="hardware takes 2 to 16: --bits 8", where=where)
        return found

    def _weights(self, way: Path) -> np.ndarray:
        """Real weights as the population sees them for one least significant bit of what arrives, inputs in hardware order."""
        node = self.network.nodes[way.synapses]
        own = np.asarray(self.network.arrays[way.synapses]["weight"], float)
        scale = np.broadcast_to(way.scale, (len(own),)).reshape(-1, *[1] * (own.ndim - 1))
        real = own * scale * (way.gain * self.scales[way.source])
        if isinstance(node, Linear | Sparse):
            if len(self.network.shapes[way.synapses][0]) != 1:
                raise self._unfit(way.synapses, "takes more than a vector", "put a flatten before it")
            return real
        if not isinstance(node, Convolution):
            raise self._unfit(way.synapses, f"a {node.type} node has no hardware", "use linear, sparse, conv1d or conv2d")
        if node.groups != 1:
            group = np.zeros((len(own), node.groups * own.shape[1], *own.shape[2:]))
            per = len(own) // node.groups
            for i in range(node.groups):
                group[i * per : (i + 1) * per, i * own.shape[1] : (i + 1) * own.shape[1]] = real[i * per : (i + 1) * per]
            real = group
        return real if real.ndim == 4 else real[:, :, None, :]

    def _reach(self, way: Path, integers: np.ndarray, lanes: int) -> Reach:
        if integers.ndim == 2:
            columns = np.empty_like(integers)
            columns[:, self._flat_numbers(way)] = integers
            return DenseReach(columns, lanes)
        return ConvReach(integers, *self._axes(way.synapses), lanes)

    def _flat_numbers(self, way: Path) -> np.ndarray:
        """For each input of a linear node, in the file's order, its number in hardware."""
        as_in_space = takewhile(lambda stage: not isinstance(stage, Flattened), way.stages)
        return behind(self._sending(way), as_in_space).numbers()

    def _axes(self, synapses: str) -> tuple[Axis, Axis]:
        node, shape = self.network.nodes[synapses], self.network.shapes[synapses][0]
        if not isinstance(node, Convolution):
            raise TypeError(f"'{synapses}' is no convolution")
        found = axes(shape, node.dimensions, node.kernel, node.stride, node.padding, node.dilation)
        return (found[0], found[1]) if len(found) == 2 else (Axis(1, 1, 1, 1, 0, 0), found[0])

    def _sending(self, way: Path) -> Space:
        return Space.of(self.network.shapes[way.source][1])

    def _arriving(self, way: Path) -> Space:
        return behind(self._sending(way), way.stages)

    def _bounds(self, ways: list[Path], whole: list[np.ndarray]) -> tuple[int, int]:
        """Least and greatest sum of a step that a neuron can get."""
        low, high = 0, 0
        for way, weights in zip(ways, whole, strict=True):
            largest, signed = self.largest[way.source], self.value_bits[way.source] > 0
            most = (
                largest
                * way.multiplicity
                * (way.window.rows * way.window.columns if way.window and way.window.kind == "sum" else 1)
            )
            flat = weights.reshape(len(weights), -1)
            below, above = np.minimum(flat, 0).sum(axis=1), np.maximum(flat, 0).sum(axis=1)
            if signed:
                below, above = below - above, above - below
            low, high = low + int(below.min()) * most, high + int(above.max()) * most
        return low, high

    def _bias(self, ways: list[Path], one: float, space: Space) -> np.ndarray | None:
        """What every neuron gets once a step, in hardware order; None where that is nothing."""
        total = np.zeros(space.channels)
        for way in {way.synapses: way for way in ways}.values():
            own = self.network.arrays[way.synapses].get("bias", np.zeros(1))
            total = total + way.scale * way.biases * own + way.shift
        whole = np.rint(total / one).astype(np.int64)
        return np.tile(whole, space.rows * space.columns) if whole.any() else None

    def _datapath(self, name, ways, weights, one, bounds, bias, space) -> Datapath:
        node, network = self.network.nodes[name], self.network
        neuron = node.neuron if isinstance(node, Population) else Sum
        known = {**(node.parameters() if isinstance(node, Population) else {}), **network.arrays.get(name, {})}
        known = {key: value for key, value in known.items() if key in neuron.params}
        numbers = space.numbers()
        for key, value in known.items():
            if np.ndim(value):
                ordered = np.empty(space.elements)
                ordered[numbers] = np.asarray(value, float).reshape(-1)
                known[key] = ordered
        reset = node.reset_name() if isinstance(node, Population) else None
        measured = self.ranges.get(name)
        if measured is None and neuron.states:
            measured = ranges_of(neuron, reset, known, network.dt, currents(network, ways, weights, bias, one, self.largest))
        return compile_neuron(
            neuron,
            known,
            network.dt,
            input_scale=one,
            bounds=bounds,
            reset=reset,
            bias=bias,
            ranges=measured,
            precision=self.options.precision,
            form="input" if any(way.window for way in ways) else None,
        )

    def _unfit(self, name: str, what: str, mend: str) -> InputError:
        return InputError(what, mend=mend, where=f"{self.network.where}: node '{name}'")
