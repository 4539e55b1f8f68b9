"""Operations by kind: what a batch takes, in inference or in one training step."""

from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.summary import DEFAULT_BITS
from costmodel.graphs.lowering.table import Table
from costmodel.graphs.network import Network

KINDS: tuple[str, ...] = ("mac", "ac", "add", "multiply", "divide", "exponential", "compare")
"""Multiply-accumulates and accumulates of synapses, then scalar operations: selects count as compares, roots as exponentials."""


def operations(network: Network, rule: str | None = None, batch: int = 1, activity: Activity | None = None) -> dict[str, float]:
    """Operations of a batch by kind, over all its time steps.

    Args:
        network: the network.
        rule: None for inference; a learning rule for forward, backward and update.
        batch: samples of the batch.
        activity: how active the network is; None: its own rates.

    Raises:
        InputError: the rule does not apply to the network.
    """
    table = Table(network, rule)
    signals = table.added(activity or Activity(network))
    bits = network.settings.bits or DEFAULT_BITS
    columns = table.columns(signals, weight_bits=bits, state_bits=bits, batch=float(batch))
    found = dict.fromkeys(KINDS, 0.0)
    for kind, operator in columns.operators.items():
        times = operator.executions * operator.batch
        if kind == "synapses":
            found["mac"] += float((operator.macs * times).sum())
            found["ac"] += float((operator.acs * times).sum())
            found["add"] += float((operator.outputs * (operator.biases > 0) * times).sum())
        elif kind in ("neurons", "plasticity"):
            each = (operator.neurons if kind == "neurons" else operator.changes) * times
            for name in KINDS[2:]:
                if name in operator.fields():
                    found[name] += float((getattr(operator, name) * each).sum())
    return found
