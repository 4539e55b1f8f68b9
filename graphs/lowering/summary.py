"""A network in numbers: parameters, neurons, synapses, and the work of one sample."""

from dataclasses import dataclass

from costmodel.graphs.lowering.activity import Activity, is_spiking
from costmodel.graphs.lowering.table import Table
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.elementwise import BatchNorm
from costmodel.graphs.nodes.population import Population

DEFAULT_BITS = 32
"""Bits of a weight or a state where neither the file nor a device says: single precision, as frameworks train."""


@dataclass(frozen=True)
class Work:
    """Work of one sample over all its time steps, counted as NeuroBench does.

    Attributes:
        dense_synops: synaptic operations with every input active.
        effective_synops: those whose input and weight are not zero: ``macs`` and ``acs`` together. Of spike trains that meet
            it is the sum that counts.
        macs: effective ones on values; sums of spikes are values. (The harness says so batch by batch, where a sum is 2.)
        acs: effective ones on spikes.
        neuron_updates: updates of a neuron by one time step.
        spikes: spikes that neurons send.
        weight_bytes: bytes of weight that effective operations read.
        state_bytes: bytes of state that neuron updates read, and as many that they write.
    """

    dense_synops: float
    effective_synops: float
    macs: float
    acs: float
    neuron_updates: float
    spikes: float
    weight_bytes: float
    state_bytes: float


@dataclass(frozen=True)
class Summary:
    """Sizes of a network.

    Attributes:
        parameters: weights and biases.
        neurons: neurons of all populations.
        synapses: connections, each tap of a convolution inside its input one.
        footprint_bytes: parameters, normalisation constants and buffers as stored (NeuroBench's footprint).
        work: the work of one sample.
        delivered_synops: effective operations of an event-driven device, which takes in each spike of trains that meet by itself.
    """

    parameters: int
    neurons: int
    synapses: int
    footprint_bytes: float
    work: Work
    delivered_synops: float


def summarise(network: Network, activity: Activity | None = None, table: Table | None = None) -> Summary:
    """Sizes and work of a network under an activity (its own rates, unless given)."""
    activity = activity or Activity(network)
    table = table or Table(network)
    bits = network.settings.bits or DEFAULT_BITS
    columns = table.columns(table.added(activity), weight_bits=bits, state_bits=bits)
    synapses, neurons = columns.operators.get("synapses"), columns.operators.get("neurons")
    work = dict.fromkeys(Work.__annotations__, 0.0)
    parameters = sum(node.learned(network.shapes[name][0]) for name, node in network.nodes.items())
    parameters += sum(len(own["shift"].ravel()) for own in network.arrays.values() if "shift" in own)
    connections = count = 0
    delivered, stored = 0.0, 0
    if synapses is not None:
        for name, value in (
            ("dense_synops", synapses.connections),
            ("effective_synops", synapses.synops),
            ("macs", synapses.macs),
            ("acs", synapses.acs),
            ("weight_bytes", synapses.weight_bytes),
        ):
            work[name] = float((value * synapses.executions).sum())
        apart = table.signals(activity)["synapses"]
        delivered = float((synapses.inputs * apart["rate"] * apart["fan_out"] * synapses.executions).sum())
        stored = int((synapses.weights + synapses.biases)[table.own_rows("synapses")].sum())
        connections = int(synapses.connections.sum())
    if neurons is not None:
        nodes = [network.nodes[table.tasks[i].node] for i in table.rows["neurons"]]
        own = [j for j, node in enumerate(nodes) if isinstance(node, Population)]
        spiking = [j for j, node in enumerate(nodes) if isinstance(node, Population) and is_spiking(node)]
        count = int(neurons.neurons[own].sum())
        work["neuron_updates"] = float((neurons.neurons * neurons.executions)[own].sum())
        work["spikes"] = float((neurons.spikes * neurons.executions)[spiking].sum())
        work["state_bytes"] = float((neurons.state_bytes * neurons.executions)[own].sum())
    statistics = sum(2 * network.shapes[name][0][0] for name, node in network.nodes.items() if isinstance(node, BatchNorm))
    layers = sum(isinstance(node, BatchNorm) for node in network.nodes.values())
    # batch normalisation: scale, shift, mean and variance per channel, and a 64-bit counter of batches per layer
    footprint = (parameters + stored + statistics) * bits / 8 + 8 * layers
    return Summary(parameters + stored, count, connections, footprint, Work(**work), delivered)
