"""snnTorch 1.0.0: neurons in steps of 0.1 ms, by Euler's rule; of three resets it writes one."""

from costmodel.graphs.reading.writers.dialect import Dialect
from costmodel.graphs.reading.writers.neuron import Neuron

DIALECT = Dialect("snntorch", 1e-4, "euler", "zero")


def leaky(neuron: Neuron) -> None:
    """Leaky: v ← β v + I."""
    neuron.in_steps("leaky", {"beta": neuron.decay("tau")}, neuron.gain("r", "tau"))


def synaptic(neuron: Neuron) -> None:
    """Synaptic: i ← α i + I, v ← β v + i with the new i."""
    both = neuron.gain("r", "tau_mem") * neuron.gain("w_in", "tau_syn")
    neuron.in_steps("synaptic", {"alpha": neuron.decay("tau_syn"), "beta": neuron.decay("tau_mem")}, both)


NEURONS = {"lif": leaky, "cubalif": synaptic}
