"""Real-time recurrent learning: forward-mode gradients."""

import math

from graphs.adjoint import adjoint_arithmetic
from graphs.backward import elementwise
from graphs.discretise import substeps
from graphs.lowering import Lowering, Task
from graphs.nodes.population import Population
from graphs.optimizer import optimizer_tasks


def lower(lowering: Lowering) -> list[Task]:
    """M ← J M + ∂x/∂w at every step: the influence M of every parameter on every state behind it is carried forward.

    Parameters of a layer reach their own neurons' states (all of them where the layer is recurrent) and all states of later
    layers. Nothing is unrolled; memory is parameters × states. (Williams & Zipser, Neural Computation 1, 1989.)
    """
    network = lowering.network
    training = network.settings.training
    surrogate = training.surrogate if training else "fast-sigmoid"
    found = ((name, network.nodes[name]) for name in network.shapes)
    populations = {name: node for name, node in found if isinstance(node, Population)}
    layers = list(populations)
    feeds: dict[str, list[str]] = {layer: [] for layer in layers}
    for name, _ in network.synapse_nodes():
        feeds.setdefault(lowering.layer_of[name], []).append(name)
    states = {layer: _states(lowering, layer) for layer in layers}
    recurrent = {layer: any(lowering.layer_of[p] == layer for n in feeds[layer] for p in network.graph.pred[n]) for layer in layers}

    tasks = lowering.forward()
    extra: list[Task] = []
    for layer, node in populations.items():
        counts = adjoint_arithmetic(
            node.neuron, surrogate, node.reset_name(), lowering.zero(node), substeps(node.neuron, network.dt)
        )
        extra.append(elementwise(lowering, layer, "local jacobian", counts, len(node.neuron.states)))
    for index, layer in enumerate(layers):
        per_neuron = max(1, len(populations[layer].neuron.states))
        for name in feeds[layer]:
            g = lowering.geometry(name)
            parameters = g.weights + g.biases
            own = parameters * (states[layer] if recurrent[layer] else per_neuron)
            macs = parameters * states[layer] ** 2 if recurrent[layer] else own * per_neuron
            kept = own
            for later in layers[index + 1 :]:
                kept += parameters * states[later]
                macs += parameters * (states[later] + sum(lowering.geometry(n).connections for n in feeds[later]))
            extra.append(_product(f"{name}.influence", name, parameters, macs))
            extra.append(_product(f"{name}.gradient", name, parameters, kept, label="error times influence"))
            sizes = {"written": 32 * kept, "read": 32 * kept, "kept": 32 * kept}
            extra.append(Task(f"{name}.stored", name, "stored influence", "memory", "forward", sizes))
    for task in extra:
        task.waits_for = [task.node]
    return [*tasks, *extra, *optimizer_tasks(lowering, [task.name for task in extra])]


def _states(lowering: Lowering, layer: str) -> int:
    """State variables of a whole layer."""
    node = lowering.network.nodes[layer]
    n = math.prod(lowering.network.shapes[layer][1])
    return n * max(1, len(node.neuron.states)) if isinstance(node, Population) else n


def _product(name: str, node: str, parameters: int, macs: float, label: str = "influence") -> Task:
    """A matrix product of that many multiply-accumulates whose result has ``parameters`` columns."""
    rows = max(1.0, macs / parameters)
    sizes = {
        "inputs": rows, "outputs": parameters, "connections": macs, "weights": macs / rows, "biases": 0,
        "rows": rows, "columns": parameters, "positions": 1, "groups": 1, "reduces": 0,
    }  # fmt: skip
    return Task(name, node, label, "synapses", "backward", sizes, precision=32)
