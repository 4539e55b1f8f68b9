"""SpikingJelly 2.0.0: neurons in steps of 0.1 ms, by Euler's rule, that start at ``v_reset``."""

from costmodel.graphs.reading.writers.dialect import Dialect
from costmodel.graphs.reading.writers.neuron import Neuron
from costmodel.graphs.reading.writers.snntorch import synaptic

DIALECT = Dialect("spikingjelly", 1e-4, "euler", "value")


def _if(neuron: Neuron) -> None:
    """IFNode: v ← v + R I dt."""
    neuron.from_start("v_reset")


def _lif(neuron: Neuron) -> None:
    """LIFNode: v ← v + (R I − (v − v_reset)) dt/τ."""
    neuron.euler()
    neuron.from_start("v_reset")


def _cubalif(neuron: Neuron) -> None:
    """CUBALIFNode: i ← α i + I, v ← β v + i with the new i; its threshold itself spikes."""
    synaptic(neuron)
    neuron.fires_at()


NEURONS = {"if": _if, "lif": _lif, "cubalif": _cubalif}
