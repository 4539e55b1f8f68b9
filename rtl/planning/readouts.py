"""The readout of a network file as hardware."""

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.rtl.layer import Layer
from costmodel.rtl.readout import Kind, Readout

KINDS: dict[str, Kind] = {"count": "sum", "mean": "sum", "max": "max", "last": "last", "first-spike": "first"}
"""Type in a network file → what hardware does; a mean is largest where a sum is."""


def readout_of(network: Network, output: Layer) -> Readout:
    """What reads the class from the output layer.

    Raises:
        InputError: hardware has no such readout, the output's elements lie in space, or first spikes are read of values.
    """
    kind = network.readout.type
    if kind not in KINDS:
        what = f"the readout '{kind}' has no hardware"
        raise InputError(what, mend=f"leave out --readout, or take {', '.join(KINDS)}", where=network.where)
    if output.space.rows * output.space.columns != 1:
        what = f"node '{output.name}' has classes in rows and columns, which a readout on the chip does not read"
        raise InputError(what, mend="end in a linear node and its population, or leave out --readout", where=network.where)
    if kind == "first-spike" and output.value_bits:
        what = f"the readout 'first-spike' reads spikes, node '{output.name}' sends values"
        raise InputError(what, mend='take "readout": "max", or a population that spikes', where=network.where)
    return Readout(KINDS[kind], output.space.channels, output.value_bits, network.timesteps)
