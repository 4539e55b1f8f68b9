"""The plain numbers that a core's equations take, and how they are read from a `Layer`.

The equations take numbers; arrays of them, one entry a layer, or sympy symbols do as well, so that many layers are priced at
once without any of them being made.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from costmodel.graphs.equations.algebra import Value, maximum
from costmodel.graphs.nodes.window import Axis
from costmodel.rtl.cost.pipeline import pipeline
from costmodel.rtl.datapath import Datapath
from costmodel.rtl.layer import Layer, Port
from costmodel.rtl.reach import ConvReach


@dataclass(frozen=True)
class PortSizes:
    """A port of a core.

    Attributes:
        depth: weight words.
        bits: of a weight.
        value_bits: of an event's value; 0 where events are spikes.
        address_bits: of what arrives.
        words: accumulator words that its walk counts.
        conv: 1 for a convolution, 0 where an event reaches all.
        groups: accumulator words of a position.
        row_kernel, column_kernel: of a convolution.
        table_bits: Σ entries · bits over the tables of a convolution's walk (`table_sizes`).
        product: bits of the product of a channel of two bits or more by the odd part of a constant; 0 where that is 1.
    """

    depth: Value
    bits: Value
    value_bits: Value
    address_bits: Value
    words: Value
    conv: Value = 0
    groups: Value = 1
    row_kernel: Value = 1
    column_kernel: Value = 1
    table_bits: Value = 0
    product: Value = 0


@dataclass(frozen=True)
class CoreSizes:
    """A core. Widths are in bits.

    Attributes:
        ports: what events come by.
        lanes, units: P and R.
        channels, rows, columns: of the neurons.
        words: accumulator words.
        beats_per_position: updates of R neurons at each position.
        accumulator_bits: width of an accumulator.
        accumulates: 1 where the accumulators are the membranes.
        shift: bits that weights are shifted left before they are added.
        window_rows, window_columns: of the pooling window; 1 and 1 without.
        window_max, window_sum: 1 where it takes the largest, or the sum.
        state_bits, constant_bits: of a neuron, all together, in memory; bits that are alike in all words of a memory need
            none.
        value_bits: of what a neuron sends; 0 for spikes.
        address_bits: of an address that the neurons send.
        passes: sweeps of a step.
        depth: stages of the datapath.
        cleared: 1 where the datapath keeps something, which is cleared at the end of a sample.
        register_bits: of one datapath's pipeline, its outputs included.
        adders, adder_bits: of one datapath.
        comparators, comparator_bits: of one datapath; sums of which only the sign is read are among them.
        multiplexer_bits: of choices between two values; logic_bits: of all other logic, of one datapath.
        loose_bits: of all this, what no register follows, of one datapath.
        partial_bits: of the partial products of one datapath's multipliers: bits times bits, of a constant only those that
            are 1.
        unread_bits: of what enters a datapath, what it does not depend on.
        product_bits: of the registers, those behind and before multipliers, which a multiplier block can hold.
        shift_bits, shift_chains: of the registers, those in chains of three and more, and how many chains there are: Xilinx
            puts them into LUTs.
        multipliers: widths of the operands of each multiplier of one datapath.
        unsigned: for each multiplier, 1 where neither operand has a sign.
        tables: depth and width of each table of one datapath.
    """

    ports: tuple[PortSizes, ...]
    lanes: Value
    units: Value
    channels: Value
    rows: Value
    columns: Value
    words: Value
    beats_per_position: Value
    accumulator_bits: Value
    accumulates: Value
    shift: Value
    window_rows: Value
    window_columns: Value
    window_max: Value
    window_sum: Value
    state_bits: Value
    constant_bits: Value
    value_bits: Value
    address_bits: Value
    passes: Value
    depth: Value
    cleared: Value
    register_bits: Value
    shift_bits: Value
    shift_chains: Value
    product_bits: Value
    unread_bits: Value
    adders: Value
    adder_bits: Value
    comparators: Value
    comparator_bits: Value
    multiplexer_bits: Value
    logic_bits: Value
    loose_bits: Value
    partial_bits: Value
    multipliers: tuple[tuple[Value, Value], ...] = ()
    unsigned: tuple[Value, ...] = ()
    tables: tuple[tuple[Value, Value], ...] = ()

    @property
    def beats(self) -> Value:
        """Updates of R neurons in a pass."""
        return self.rows * self.columns * self.beats_per_position

    @property
    def folds(self) -> Value:
        """P ÷ R: lane groups of an accumulator word, updated one after another."""
        return self.lanes / self.units

    @property
    def addend_bits(self) -> Value:
        """Width of what is added to an accumulator."""
        widths = [port.bits + port.value_bits for port in self.ports]
        return widths[0] if len(widths) == 1 else maximum(*widths)


def core_sizes(layer: Layer) -> CoreSizes:
    """Of a layer's core."""
    return _sizes(layer, _logic(layer.datapath))


def widths_sizes(layers: Sequence[Layer]) -> CoreSizes:
    """Of one layer with several P and R: a core whose numbers are columns, one entry for each, where they differ.

    Args:
        layers: the same layer as `rtl.planning.parallel.widened` makes it.
    """
    logic = _logic(layers[0].datapath)
    each = [_sizes(layer, logic) for layer in layers]
    ports = tuple(PortSizes(**_columns([vars(one.ports[i]) for one in each])) for i in range(len(each[0].ports)))
    return CoreSizes(**{**_columns([vars(one) for one in each], {"ports", *logic}), **logic, "ports": ports})


def _columns(each: Sequence[Mapping[str, Any]], left_out: Collection[str] = ()) -> dict[str, Any]:
    """Numbers that are alike once, others as a column."""
    found = {}
    for name in each[0].keys() - set(left_out):
        values = [one[name] for one in each]
        found[name] = values[0] if all(value == values[0] for value in values) else np.array(values, float)
    return found


def _sizes(layer: Layer, logic: Mapping[str, Any]) -> CoreSizes:
    form, window = layer.datapath, layer.window
    return CoreSizes(
        ports=tuple(_port(port) for port in layer.ports),
        lanes=layer.lanes,
        units=layer.units,
        channels=layer.space.channels,
        rows=layer.space.rows,
        columns=layer.space.columns,
        words=layer.words,
        beats_per_position=layer.beats_per_position,
        accumulator_bits=layer.accumulator_bits,
        accumulates=int(layer.accumulates),
        shift=form.weight_shift,
        window_rows=window.rows if window else 1,
        window_columns=window.columns if window else 1,
        window_max=int(window is not None and window.kind == "max"),
        window_sum=int(window is not None and window.kind == "sum"),
        state_bits=sum(form.inputs[name].width for name in layer.states),
        constant_bits=_varying(layer) / layer.units,
        value_bits=layer.value_bits,
        address_bits=layer.space.address_bits,
        passes=layer.passes,
        **logic,
    )


def _logic(form: Datapath) -> dict[str, Any]:
    """What of a core's numbers is its datapath's, whatever P and R."""
    census, registers = form.census(), pipeline(form)
    return {
        "depth": form.depth,
        "cleared": int(bool(form.stored)),
        "register_bits": registers.bits,
        "shift_bits": registers.shifted,
        "shift_chains": registers.chains,
        "product_bits": registers.products,
        "unread_bits": registers.unread,
        "adders": len(registers.adders),
        "adder_bits": sum(registers.adders),
        "comparators": len(registers.comparators),
        "comparator_bits": sum(registers.comparators),
        "multiplexer_bits": registers.choices,
        "logic_bits": registers.gates,
        "loose_bits": registers.loose,
        "partial_bits": _partial_products(form),
        "multipliers": census.multipliers,
        "unsigned": _unsigned(form),
        "tables": census.tables,
    }


def _varying(layer: Layer) -> int:
    """Bits of a word of constants, all units', that are not the same in all words."""
    total = 0
    for name, constants in layer.datapath.constants.items():
        padded = np.zeros((layer.positions, layer.beats_per_position * layer.units), np.int64)
        padded[:, : layer.space.channels] = np.broadcast_to(constants, layer.space.elements).reshape(layer.positions, -1)
        words = padded.reshape(layer.beats, layer.units)
        places = np.arange(layer.datapath.inputs[name].width)[:, None, None]
        bits = words[None] >> places & 1
        total += int((bits != bits[:, :1]).any(axis=1).sum())
    return total


def _unsigned(form: Datapath) -> tuple[int, ...]:
    products = [form.nodes[place] for place in form.schedule.ready if form.nodes[place].op == "mul"]
    return tuple(int(not any(form.nodes[argument].signed for argument in node.args)) for node in products)


def _partial_products(form: Datapath) -> int:
    nodes, total = form.nodes, 0
    for place in form.schedule.ready:
        if nodes[place].op == "mul":
            operands = [nodes[argument] for argument in nodes[place].args]
            bits = [node.width for node in operands]
            ones = [abs(node.value).bit_count() if node.op == "const" else node.width for node in operands]
            total += min(ones[0] * bits[1], bits[0] * ones[1])
    return total


def _port(port: Port) -> PortSizes:
    reach = port.reach
    plain = (reach.depth, port.bits, port.value_bits, port.space.address_bits)
    if not isinstance(reach, ConvReach):
        return PortSizes(*plain, words=reach.groups, groups=reach.groups)
    stride = reach.rows.kernel * reach.columns.kernel * reach.groups
    return PortSizes(
        *plain,
        words=reach.rows.outputs * reach.columns.outputs * reach.groups,
        conv=1,
        groups=reach.groups,
        row_kernel=reach.rows.kernel,
        column_kernel=reach.columns.kernel,
        table_bits=_tables(reach, reach.rows, reach.columns.kernel * reach.groups, reach.columns.outputs * reach.groups)
        + _tables(reach, reach.columns, reach.groups, reach.groups),
        product=_product(reach.channels, stride, reach.depth),
    )


def _product(channels: int, factor: int, depth: int) -> int:
    zeros = (factor & -factor).bit_length() - 1
    bits = (channels - 1).bit_length() + (factor >> zeros).bit_length()
    return min(bits, (depth - 1).bit_length() - zeros) if channels > 2 and factor >> zeros > 1 else 0


def _tables(reach: ConvReach, axis: Axis, row_stride: int, word_stride: int) -> int:
    """Entries · bits of the tables along an axis: taps, and the first one's contributions to the two addresses."""
    counts, first, outputs = zip(*reach.taps(axis), strict=True)
    columns = (counts, [tap * row_stride for tap in first], [at * word_stride for at in outputs])
    return sum(len(entries) * max(entries).bit_length() for entries in columns if len(set(entries)) > 1)
