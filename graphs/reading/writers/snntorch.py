"""snnTorch 1.0.0: neurons in steps of 0.1 ms, by Euler's rule; of three resets it writes one."""

from costmodel.graphs.reading.writers.dialect import Dialect
from costmodel.graphs.reading.writers.neuron import Neuron

DIALECT = Dialect("snntorch", 1e-4, "euler", "zero", delayed=True)


def leaky(neuron: Neuron) -> None:
    """Leaky: v ← β v + I."""
    neuron.in_steps("leaky-undelayed" if _at_once(neuron) else "leaky", {"beta": neuron.decay("tau")}, neuron.gain("r", "tau"))


def synaptic(neuron: Neuron) -> None:
    """Synaptic: i ← α i + I, v ← β v + i with the new i."""
    both = neuron.gain("r", "tau_mem") * neuron.gain("w_in", "tau_syn")
    kind = "synaptic-raised" if _at_once(neuron) else "synaptic"
    neuron.in_steps(kind, {"alpha": neuron.decay("tau_syn"), "beta": neuron.decay("tau_mem")}, both)


def _at_once(neuron: Neuron) -> bool:
    """Whether a spike takes its threshold off within its step, as with reset_delay=False."""
    return neuron.by.reset == "subtract-at-once"


NEURONS = {"lif": leaky, "cubalif": synaptic}
