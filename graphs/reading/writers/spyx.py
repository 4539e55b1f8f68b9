"""Spyx 1.0.0: time in steps, v ← β v + x, β written as r; each spike is sent in the step after that which reached the threshold.

Its file lets the input of a recurrent layer pass through the recurrent weights, which its modules do not.
"""

import numpy as np

from costmodel.graphs.reading.writers.dialect import Dialect
from costmodel.graphs.reading.writers.neuron import Fields, Neuron, Own, single

DIALECT = Dialect("spyx", 1e-3, "euler", "subtract", tau="steps")


def _beta(neuron: Neuron) -> np.ndarray:
    """What is written as r; out of 0 to 1 it is cut off there, as in every step of Spyx."""
    return neuron.value("r").clip(0, 1)


def _if(neuron: Neuron) -> None:
    """IF: v ← v + x; the threshold is taken off in the next step."""
    ones = np.ones_like(neuron.value("r"))
    neuron.in_steps("leaky", {"beta": ones}, ones)


def _lif(neuron: Neuron) -> None:
    """LIF: v ← β v + x; the threshold is taken off in the next step, after the leak."""
    beta = _beta(neuron)
    neuron.in_steps("leaky", {"beta": beta}, np.ones_like(beta))


def _cubalif(neuron: Neuron) -> None:
    """CuBaLIF: i ← α i + x;  v ← β v + i; the threshold is taken off in the next step, before the leak, which is at once."""
    beta, ratio = _beta(neuron), neuron.value("tau_mem") / neuron.value("tau_syn")
    alpha = single(1 - ratio * (1 - neuron.value("r"))).clip(0, 1)  # dt is τ_mem (1 − β)
    neuron.in_steps("synaptic-undelayed", {"alpha": alpha, "beta": beta}, np.ones_like(beta), drops=True)
    neuron.fires_above()


def _li(neuron: Neuron) -> None:
    """The membrane of a PSU_LIF: v ← β v + x, β by its τ in steps; a threshold follows."""
    left = single(1 - 1 / neuron.value("tau"))
    neuron.leave(left, np.ones_like(left))


def _threshold(neuron: Neuron) -> None:
    """The spikes of a PSU_LIF, above the threshold."""
    value = neuron.value("threshold").astype(np.float32)
    neuron.put("threshold", np.nextafter(value, np.float32(np.inf)).astype(float))


NEURONS = {"if": _if, "lif": _lif, "cubalif": _cubalif, "li": _li, "threshold": _threshold}


def arranged(document: Fields, own: dict[str, Own], dt: float) -> list[str]:
    """The document's nodes and edges as the modules have them, changed in place; in words.

    What neurons send goes on a step later, but for their own recurrent weights, which see a spike in the step that sends it.
    """
    del own
    moved = through_recurrent(document)
    edges = [(a, moved[b][1]) if b in moved and a != moved[b][1] else (a, b) for a, b in map(tuple, document["edges"])]
    neurons = [node["id"] for node in document["nodes"] if node["type"] in ("leaky", "synaptic-undelayed")]
    late = {name: f"{name}.late" for name in neurons}
    edges = [(a, b) if a not in late or (b, a) in edges else (late[a], b) for a, b in edges]
    nodes = []
    for node in document["nodes"]:
        nodes.append(node)
        if node["id"] in late:
            nodes.append({"id": late[node["id"]], "type": "delay", "kind": "axonal", "delay": dt})
    document["nodes"] = nodes
    document["edges"] = [list(edge) for edge in (*edges, *late.items())]
    told = [f"what enters goes to the neurons, not through the recurrent weights {', '.join(moved)}"] if moved else []
    return [*told, "spikes are sent a step after the threshold is reached: a delay behind each population holds them"]


def through_recurrent(document: Fields) -> dict[str, tuple[str, str]]:
    """Recurrent weights through which something enters from elsewhere → (what enters, the neurons that they come back to)."""
    kinds = {node["id"]: node["type"] for node in document["nodes"]}
    edges = {tuple(edge) for edge in document["edges"]}
    found = {}
    for source, target in sorted(edges):
        behind = next((b for a, b in sorted(edges) if a == target and (b, a) in edges), None)
        if kinds[target] == "linear" and behind is not None and source != behind:
            found[target] = (source, behind)
    return found
