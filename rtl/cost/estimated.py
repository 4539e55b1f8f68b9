"""The sizes of a core before its neuron's data path is compiled: from a layer's neurons, weights and arithmetic."""

import dataclasses

from costmodel.graphs.equations.algebra import Value, ceiling, choose, log, maximum, minimum
from costmodel.rtl.cost import datapath
from costmodel.rtl.cost.memory import address_bits
from costmodel.rtl.cost.sizes import CoreSizes, PortSizes


@dataclasses.dataclass(frozen=True)
class LayerSizes:
    """A layer as a network file tells it; numbers, or columns with an entry for each layer.

    Attributes:
        neurons: of the layer.
        weights: stored weights.
        bits: of a weight.
        fan_in: most inputs of a neuron.
        states: state variables of a neuron.
        multiply, exponential, compare: operations of a substep.
        state_bits: of a state.
    """

    neurons: Value
    weights: Value
    bits: Value
    fan_in: Value
    states: Value
    multiply: Value
    exponential: Value
    compare: Value
    state_bits: Value


def estimated_sizes(layer: LayerSizes, lanes: Value, units: Value) -> CoreSizes:
    """A fully connected core of that many neurons, its one port of that many weights.

    Accumulators take the sum of a neuron's inputs, or a state's bits where these are more.

    Args:
        layer: the layer.
        lanes, units: P and R.
    """
    lanes = minimum(lanes, layer.neurons)
    units = minimum(units, lanes)
    words = ceiling(layer.neurons / lanes)
    sums = (
        layer.bits + ceiling(log(maximum(layer.fan_in, 1.0)) / 2 / 0.6931471805599453) + 1
    )  # signs differ: the root of the inputs
    accumulator = maximum(layer.state_bits, sums)
    membrane = choose(layer.states > 0, 1.0, 0.0)
    depth = maximum(ceiling(layer.weights / lanes), 1.0)
    stages = datapath.depth(layer.multiply, layer.exponential, layer.compare)
    kept = maximum(layer.states - 1.0, 0.0) * layer.state_bits
    adders = datapath.adder_bits(layer.multiply, layer.compare, accumulator)
    port = PortSizes(depth=depth, bits=layer.bits, value_bits=0, address_bits=address_bits(layer.fan_in), words=words, groups=words)
    return CoreSizes(
        ports=(port,),
        lanes=lanes,
        units=units,
        channels=layer.neurons,
        rows=1,
        columns=1,
        words=words,
        beats_per_position=ceiling(layer.neurons / units),
        accumulator_bits=accumulator,
        accumulates=membrane,
        shift=0,
        window_rows=1,
        window_columns=1,
        window_max=0,
        window_sum=0,
        state_bits=kept,
        constant_bits=0,
        value_bits=0,
        address_bits=address_bits(layer.neurons),
        passes=1,
        depth=stages,
        cleared=1,
        register_bits=datapath.register_bits(layer.multiply, layer.exponential, accumulator),
        shift_bits=0,
        shift_chains=0,
        product_bits=0,
        unread_bits=0,
        adders=adders / accumulator,
        adder_bits=adders,
        comparators=layer.compare,
        comparator_bits=layer.compare * accumulator,
        multiplexer_bits=layer.compare * accumulator / 2,
        logic_bits=2 * accumulator,
        loose_bits=0,
        partial_bits=datapath.multipliers(layer.exponential) * accumulator**2,
    )
