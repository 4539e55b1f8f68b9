"""Rockpool 3.1.0: exact decays, and r = exp(−dt/τ) τ/dt, from which the step that it does not write follows.

What its file does not say: ``bias``, recurrent weights (``has_rec``), several spikes a step.
"""

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.writers.dialect import Dialect
from costmodel.graphs.reading.writers.neuron import Fields, Neuron, Own, single

_LOST = "bias, recurrent weights, several spikes a step (one is taken)"
DIALECT = Dialect("rockpool", None, "exact", "subtract", batched=True, lost=_LOST)
_SAME = 1e-4
"""Steps of two neurons that differ by less are the same, rounded in single precision."""


def step(document: Fields, own: dict[str, Own], where: str) -> float | None:
    """The writer's dt, s: with y = dt/τ and r = exp(−y)/y, y is Lambert's W of 1/r. None where no neuron tells.

    Raises:
        InputError: two neurons tell two.
    """
    found: list[float] = []
    for node in document["nodes"]:
        tau = {"lif": "tau", "li": "tau", "cubalif": "tau_mem"}.get(node["type"])
        if tau is not None:
            arrays = own.get(node["id"], {})
            r, constant = (np.asarray(arrays.get(name, node[name]), dtype=np.float64) for name in ("r", tau))
            if (r <= 0).any():
                return None
            found += np.ravel(constant * _lambert(1 / r)).tolist()
    if found and max(found) - min(found) > _SAME * max(found):
        what = f"its neurons step by {min(found):g} to {max(found):g} s, where Rockpool has one step"
        raise InputError(what, mend="name the file's own writer, or give --dt", where=where)
    return float(f"{np.median(found):.4g}") if found else None


def _lambert(x: np.ndarray) -> np.ndarray:
    """W(x): the y > 0 of y exp(y) = x, by Newton's rule from above."""
    y = np.log1p(x)
    for _ in range(50):
        y = y - (y - x * np.exp(-y)) / (1 + y)
    return y


def _left(neuron: Neuron, name: str) -> np.ndarray:
    """exp(−dt/τ), as a float32."""
    return single(np.exp(-neuron.dt / neuron.value(name)))


def _lif(neuron: Neuron) -> None:
    """LIFTorch: i ← β (i + x);  v ← α v + i. As i ← β i + x it adds β of the new i."""
    beta = _left(neuron, "tau_syn")
    neuron.in_steps("synaptic-undelayed", {"alpha": beta, "beta": _left(neuron, "tau_mem")}, beta, drops=True)


def _neuron(neuron: Neuron) -> None:
    """LIFNeuronTorch: v ← α v + x."""
    neuron.leave(alpha := _left(neuron, "tau"), np.ones_like(alpha))


def _exp_syn(neuron: Neuron) -> None:
    """ExpSynTorch: i ← β (i + x)."""
    neuron.leave(beta := _left(neuron, "tau"), beta)


NEURONS = {"lif": _neuron, "li": _exp_syn, "cubalif": _lif}
