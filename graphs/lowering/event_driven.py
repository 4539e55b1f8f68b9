"""Networks that run event by event, for hardware that follows spikes and not a clock.

Under SpikeProp every spike is found in closed form: a layer's neurons gather their inputs in order of time, each until it spikes
itself. Under EventProp neurons flow from event to event, and a spike is where one crosses its threshold. One operator stands for
each layer, and one for its gradient.
"""

import math
from collections.abc import Sequence
from functools import cached_property

import networkx as nx
import numpy as np
import sympy

from costmodel.graphs.equations.algebra import Value
from costmodel.graphs.equations.between_spikes import grid_step, why_not
from costmodel.graphs.equations.discretise import linear
from costmodel.graphs.equations.first_spike import closed_form
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.lowering import Lowering, Task
from costmodel.graphs.nodes.linear import Linear, Sparse
from costmodel.graphs.nodes.population import Population

STANDS_FOR = {
    "spikeprop": {"spike times": "layer", "weight and time gradients": "gradient"},
    "eventprop": {"adjoint": "gradient"},
}
"""Rule of a network that runs event by event → operator → what it stands for; a population stands for its layer."""

Columns = dict[str, list[Value]]
"""Size → its values."""


class EventDriven:
    """How a network runs event by event, if it does.

    Args:
        lowering: the network, lowered.
        rule: the learning rule of a training step; None for inference, under the rule that the network names.
        tasks: the operators.
    """

    def __init__(self, lowering: Lowering, rule: str | None, tasks: Sequence[Task]) -> None:
        self.lowering, self.network = lowering, lowering.network
        training = self.network.settings.training
        self.rule = rule or (training.rule if training else "")
        self.layers = [lowering.layer_of[task.node] for task in tasks]
        self.runs = self._runs()
        self.standing = self._standing(tasks) if self.runs else [False for _ in tasks]

    def _runs(self) -> bool:
        """Whether the rule is one of these, and finds the spikes of all populations."""
        if self.rule not in STANDS_FOR:
            return False
        populations = [node for node in self.network.nodes.values() if isinstance(node, Population)]
        if self.rule == "eventprop":
            dense = all(isinstance(node, Linear | Sparse) and not node.bias for _, node in self.network.synapse_nodes())
            return dense and not any(why_not(node.neuron, node.reset_name()) for node in populations)
        try:
            for node in populations:
                if node.neuron.single_spike:
                    closed_form(node.parameters(), node.id, self.network.where)
        except InputError:
            return False
        return True

    def _standing(self, tasks: Sequence[Task]) -> list[bool]:
        """Whether a task stands for a layer, or for a layer's gradient."""
        found, seen = [], set()
        for task, layer in zip(tasks, self.layers, strict=True):
            node = self.network.nodes[layer]
            part = "layer" if task.name == layer else STANDS_FOR[self.rule].get(task.operator)
            spikes = isinstance(node, Population) and (node.neuron.single_spike or self.rule == "eventprop")
            found.append(part is not None and spikes and (layer, part) not in seen)
            seen.add((layer, part))
        return found

    def sizes(self) -> Columns:
        """Of every task: exponentials that a closed form takes for a spike and for an input, and orders in which inputs come; or
        entries of a neuron's state, and grid steps in a time step."""
        names = ("solving", "entering", "orders", "flowing", "grid")
        found: Columns = {name: [] for name in names}
        for stands, layer in zip(self.standing, self.layers, strict=True):
            node, here = self.network.nodes[layer], dict.fromkeys(names, 0.0)
            if stands and isinstance(node, Population):
                if self.rule == "spikeprop":
                    form = closed_form(node.parameters(), node.id, self.network.where)
                    here["solving"], here["entering"] = form.exponentials, form.entering
                    delayed = any(name in self.network.delayed for name in self._weighted[layer])
                    here["orders"] = float(math.prod(self.network.shapes[layer][1])) if delayed else 1.0
                else:
                    here["flowing"], here["grid"] = self._flow(node)
            for name, value in here.items():
                found[name].append(value)
        return found

    def _flow(self, node: Population) -> tuple[float, float]:
        """States of a neuron and a constant behind them, and the grid steps of a time step."""
        system = linear(node.neuron)
        if system is None:
            raise ValueError(why_not(node.neuron, node.reset_name()))
        known = {sympy.Symbol(name, real=True): value for name, value in node.parameters().items()}
        a = np.array(system[0].subs(known), dtype=float)
        return float(len(a) + 1), self.network.dt / grid_step(a)

    def signals(self, rows: Sequence[int], activity: Activity) -> Columns:
        """Of some tasks: the share of its inputs that a neuron of the layer gathers; and, for a sample, how many events a neuron
        follows, how many arrive at the layer from others, and how many it sends."""
        found: Columns = {"gathered": [], "followed": [], "arriving": [], "sent": []}
        for row in rows:
            here: dict[str, Value] = dict.fromkeys(found, 0.0)
            if self.standing[row]:
                here = self._heard(self.layers[row], activity)
            for name, value in here.items():
                found[name].append(value)
        return found

    def _heard(self, layer: str, activity: Activity) -> dict[str, Value]:
        """What a layer hears and sends, by name, as in `signals`.

        Neurons that spike once hear what the activity gives as rate of their weighted nodes, spikes per connection and step until
        they spike; where it gives none, those that spike are taken to do so when half of their inputs have come. Other neurons
        hear all that comes.
        """
        node, steps = self.network.nodes[layer], self.network.timesteps
        once = isinstance(node, Population) and node.neuron.single_spike
        heard, followed, arriving, connections = 0.0, 0.0, 0.0, 0.0
        for name in self._weighted[layer]:
            geometry, comes = self.lowering.geometry(name), activity.received(name).events * steps
            until = comes
            if once:
                given = activity.given.get(name)
                until = comes * (1 - activity.sent[layer].rate * steps / 2) if given is None else given * steps
            heard, connections = heard + geometry.connections * until, connections + geometry.connections
            followed = followed + geometry.connections / geometry.outputs * until
            if not nx.has_path(self.network.graph, layer, name):
                arriving = arriving + geometry.inputs * comes
        sent = activity.sent[layer].rate * steps * math.prod(self.network.shapes[layer][1])
        return {"gathered": heard / max(connections, 1.0), "followed": followed, "arriving": arriving, "sent": sent}

    @cached_property
    def _weighted(self) -> dict[str, list[str]]:
        """Layer → its weighted nodes."""
        found: dict[str, list[str]] = {layer: [] for layer in self.layers}
        for name, _ in self.network.synapse_nodes():
            found.setdefault(self.lowering.layer_of[name], []).append(name)
        return found
