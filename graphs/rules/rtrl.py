"""Real-time recurrent learning: forward-mode gradients."""

import math

import networkx as nx

from costmodel.graphs.equations.adjoint import adjoint_arithmetic
from costmodel.graphs.equations.discretise import substeps
from costmodel.graphs.lowering.backward import elementwise
from costmodel.graphs.lowering.lowering import Lowering, Task
from costmodel.graphs.lowering.update import optimizer_tasks
from costmodel.graphs.nodes.population import Population


def lower(lowering: Lowering) -> list[Task]:
    """M ← J M + ∂x/∂w at every step: the influence M of every parameter on every state that it reaches is carried forward.

    A parameter reaches the states of its own neurons (all of the layer where it is recurrent; one for each place where a shared
    weight is used) and all states of the layers behind. On the way to the next layer the influence on one neuron costs that
    neuron's fan-out; further on, all neurons are reached and it costs every connection. Nothing is unrolled; memory is
    parameters × states. (Williams & Zipser, Neural Computation 1, 1989.)
    """
    network = lowering.network
    training = network.settings.training
    surrogate = training.surrogate if training else "fast-sigmoid"
    feeds: dict[str, list[str]] = {}
    for name, _ in network.synapse_nodes():
        feeds.setdefault(lowering.layer_of[name], []).append(name)

    extra: list[Task] = []
    for layer, node in network.nodes.items():
        if isinstance(node, Population) and layer in lowering.learning:
            repeats = substeps(node.neuron, network.dt)
            counts = adjoint_arithmetic(node.neuron, surrogate, node.reset_name(), lowering.zero(node), repeats)
            extra.append(elementwise(lowering, layer, "local jacobian", counts, len(node.neuron.states)))
    for layer, names in feeds.items():
        behind = [other for other in feeds if other != layer and other in nx.descendants(network.graph, layer)]
        recurrent = any(lowering.layer_of[p] == layer for n in names for p in network.graph.pred[n])
        states, per_neuron = _states(lowering, layer)
        for name in names:
            if name not in lowering.parameters:
                continue
            g = lowering.geometry(name)
            parameters = g.weights + g.biases
            own = parameters * states if recurrent else (g.connections + g.outputs * (g.biases > 0)) * per_neuron
            macs, kept = own * (states if recurrent else per_neuron), own
            for other in behind:
                others = _states(lowering, other)[0]
                following = [n for n in feeds[other] if any(lowering.layer_of[p] == layer for p in network.graph.pred[n])]
                if following and not recurrent:
                    macs += sum(g.connections * lowering.fan_out(n) for n in following)
                else:
                    macs += parameters * sum(lowering.geometry(n).connections for n in feeds[other])
                macs, kept = macs + parameters * others, kept + parameters * others
            extra.append(_product(f"{name}.influence", name, parameters, macs))
            extra.append(_product(f"{name}.gradient", name, parameters, kept, label="error times influence"))
            memory = {"elements": 0, "kept": kept}
            extra.append(Task(f"{name}.stored", name, "stored influence", "memory", "forward", memory, precision=32))
    for task in extra:
        task.waits_for = [task.node]
    return [*lowering.forward(), *extra, *optimizer_tasks(lowering, [task.name for task in extra])]


def _states(lowering: Lowering, layer: str) -> tuple[int, int]:
    """State variables of a layer, and of one of its neurons; a layer without neurons has its outputs."""
    node = lowering.network.nodes[layer]
    per_neuron = max(1, len(node.neuron.states)) if isinstance(node, Population) else 1
    return math.prod(lowering.network.shapes[layer][1]) * per_neuron, per_neuron


def _product(name: str, node: str, parameters: int, macs: float, label: str = "influence") -> Task:
    """A matrix product of that many multiply-accumulates whose result has ``parameters`` columns."""
    rows = max(1.0, macs / parameters)
    sizes = {
        "inputs": rows, "outputs": parameters, "connections": macs, "weights": macs / rows, "biases": 0, "most_inputs": rows,
        "rows": rows, "columns": parameters, "positions": 1, "groups": 1, "reduces": 0,
    }  # fmt: skip
    return Task(name, node, label, "synapses", "backward", sizes, precision=32)
