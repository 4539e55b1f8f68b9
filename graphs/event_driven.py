"""Networks of first spikes that run event by event, for hardware that follows spikes and not a clock.

Under SpikeProp every spike is found in closed form: a layer's neurons gather their inputs in order of time, each until it spikes
itself. One operator stands for each layer, and one for its gradient.
"""

from collections.abc import Sequence

from graphs.activity import Activity
from graphs.algebra import Value
from graphs.errors import InputError
from graphs.first_spike import closed_form
from graphs.lowering import Lowering, Task
from graphs.nodes.population import Population

RULE = "spikeprop"
STANDS_FOR = {"spike times": "layer", "weight and time gradients": "gradient"}
"""Operator of a training step → what it stands for; in inference the population stands for its layer."""


def runs(lowering: Lowering, rule: str | None) -> bool:
    """Whether a network runs event by event: under that rule, or for inference under its own, if its neurons have closed forms."""
    network, training = lowering.network, lowering.network.settings.training
    if (rule or (training.rule if training else None)) != RULE:
        return False
    try:
        for node in network.nodes.values():
            if isinstance(node, Population) and node.neuron.single_spike:
                closed_form(node, network.where)
    except InputError:
        return False
    return True


def solving(lowering: Lowering, tasks: Sequence[Task]) -> list[float]:
    """Exponentials that solving for one spike takes, at the tasks that stand for a layer or its gradient; 0 at the others."""
    found, seen = [], set()
    for task in tasks:
        node = lowering.network.nodes[lowering.layer_of[task.node]]
        stands_for = "layer" if task.name == node.id else STANDS_FOR.get(task.operator)
        here = isinstance(node, Population) and node.neuron.single_spike and stands_for and (node.id, stands_for) not in seen
        seen.add((node.id, stands_for))
        found.append(closed_form(node, lowering.network.where).exponentials if isinstance(node, Population) and here else 0.0)
    return found


def gathered(lowering: Lowering, activity: Activity, layer: str) -> Value:
    """Share of a layer's inputs that a neuron gathers until it spikes, mean over its neurons and connections.

    Where the activity gives a rate of the layer's weighted nodes it is that, spikes gathered per connection and step; else
    neurons that spike are taken to do so when half of their inputs have come, and the others gather all that come.
    """
    network, steps = lowering.network, lowering.network.timesteps
    total, connections = 0.0, 0.0
    for name, _ in network.synapse_nodes():
        if lowering.layer_of[name] == layer:
            own = lowering.geometry(name).connections
            half = activity.received(name).rate * (1 - activity.sent[layer].rate * steps / 2)
            total, connections = total + own * steps * activity.given.get(name, half), connections + own
    return total / max(connections, 1.0)
