"""Sinabs 3.1.3: time in steps, exact; v ← α v + (1 − α) x with α = exp(−1/τ), and an IAF's v ← v + x.

Its file says neither of ``norm_input`` (here the default of LIF, an input scaled by 1 − α; that of ExpLeak is not to), nor of
several spikes a step, ``min_v_mem`` and ``tau_syn``.
"""

import numpy as np

from costmodel.graphs.reading.writers.dialect import Dialect
from costmodel.graphs.reading.writers.neuron import Neuron, single

_LOST = "whether LIF's input is scaled (norm_input; it is taken to be), several spikes a step (one is taken), min_v_mem, tau_syn"
DIALECT = Dialect("sinabs", 1e-3, "exact", "subtract", tau="steps", batched=True, lost=_LOST)


def _alpha(neuron: Neuron) -> np.ndarray:
    """exp(−1/τ), as a float32."""
    return single(np.exp(-1 / neuron.value("tau")))


def _iaf(neuron: Neuron) -> None:
    """IAF: v ← v + r x."""
    neuron.put("r", neuron.value("r") / neuron.dt)


def _lif(neuron: Neuron) -> None:
    """LIF, its input normalised: v ← α v + (1 − α) r x."""
    alpha = _alpha(neuron)
    neuron.leave(alpha, neuron.value("r") * single(1 - alpha))


def _exp_leak(neuron: Neuron) -> None:
    """ExpLeak, its input not normalised: v ← α v + r x."""
    neuron.leave(_alpha(neuron), neuron.value("r"))


NEURONS = {"if": _iaf, "lif": _lif, "li": _exp_leak}
