"""Norse 1.1.0: Euler's steps of 1 ms; it writes dt · τ where NIR wants τ, a thousandth at its 1 ms.

Its spikes are where v > θ, and its membranes start at ``v_leak``. What a spike sets the membrane to is not in the file.
"""

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.writers.dialect import Dialect
from costmodel.graphs.reading.writers.neuron import Neuron

DIALECT = Dialect("norse", 1e-3, "euler", "zero", tau="s · dt", batched=True, lost="what a spike sets the membrane to (0 is taken)")


def _seconds(neuron: Neuron, *names: str) -> None:
    """τ, from what is written for it."""
    for name in names:
        neuron.put(name, neuron.value(name) / neuron.dt)


def _fires(neuron: Neuron) -> None:
    """Spikes above the threshold.

    Raises:
        InputError: one takes the threshold off, which would then have to be two numbers.
    """
    if neuron.node["reset"] == "subtract":
        what = "norse's reset by subtraction is not in its files"
        raise InputError(what, mend="read the module itself, by cm.from_torch", where=neuron.where)
    neuron.fires_above()


def _iaf(neuron: Neuron) -> None:
    """IAFCell: v ← v + x, whatever its step."""
    neuron.put("r", neuron.value("r") / neuron.dt)
    _fires(neuron)


def _box(neuron: Neuron) -> None:
    """LIFBoxCell: v ← v + (v_leak − v + x) dt/τ."""
    _seconds(neuron, "tau")
    neuron.euler()
    neuron.from_start("v_leak")
    _fires(neuron)


def _li_box(neuron: Neuron) -> None:
    """LIBoxCell: the same, but it sends its membrane, which must then start where ours does."""
    neuron.only_at_rest()
    _seconds(neuron, "tau")
    neuron.euler()


def _lif(neuron: Neuron) -> None:
    """LIFCell: i ← i + x;  v ← v + (i − v) dt/τ_mem;  i ← i − i dt/τ_syn. As i ← α i + x it adds dt/τ_mem of the new i."""
    _seconds(neuron, "tau_syn", "tau_mem")
    left = {"alpha": neuron.decay("tau_syn"), "beta": neuron.decay("tau_mem")}
    if neuron.node["reset"] == "subtract":
        _fires(neuron)
    neuron.in_steps("synaptic", left, neuron.gain("r", "tau_mem") * np.asarray(neuron.value("w_in")))


NEURONS = {"if": _iaf, "lif": _box, "li": _li_box, "cubalif": _lif}
