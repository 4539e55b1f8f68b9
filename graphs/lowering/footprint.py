"""The most memory that a training step of backpropagation through time takes, when all time steps are kept as tensors.

Tensors are of 32 bits. Until the step ends there are the inputs, the weights and the optimiser's moments, and what every
population sent, for its activity is counted. A population keeps what it received and its states before each step until its
adjoint is through. The peak is the largest of three kinds of moments: in the adjoint of a population (errors in and out, in
a loop those of the whole loop as well), in the gradient of weighted connections (the errors of both their ends), and in the
optimiser's step (all gradients, and two tensors of the largest weights).
"""

from collections.abc import Mapping

from costmodel.graphs.equations.algebra import Value, maximum
from costmodel.graphs.lowering.table import Table

BYTES = 4


def training_peak(table: Table, batch: Value, timesteps: Value | None = None) -> Value:
    """Bytes.

    Args:
        table: of a network under a rule that goes back through time.
        batch: samples together.
        timesteps: time steps that replace the network's.
    """
    network, steps = table.network, table.network.timesteps if timesteps is None else timesteps
    forward = {task.node: task for task in table.tasks if task.phase == "forward" and task.name == task.node}
    looped = {task.node: bool(inside) for task, inside in zip(table.tasks, table.place["looped"][:, 0], strict=True)}
    samples = BYTES * batch
    sent = {name: steps * samples * _elements(network.shapes[name][1]) for name in network.nodes}
    states = {name: samples * forward[name].sizes["neurons"] * forward[name].sizes["states"] for name in _populations(forward)}
    stored = {name: BYTES * parameters for name, parameters in table.lowering.parameters.items()}
    moments = sum(BYTES * task.sizes["kept"] for task in table.tasks if task.operator == "gradient and moments") - sum(
        stored.values()
    )
    always = sum(stored.values()) + moments + sum(sent[name] for name in (*network.inputs, *states))
    always += sum(sent[name] for name, task in forward.items() if task.kind == "pooling")
    held = {name: sent[name] + steps * of_step for name, of_step in states.items()}

    kept, gradients, peak = sum(held.values()), 0.0, 0.0
    for name in reversed(list(states)):
        errors = sent[name] * (3 if looped[name] else 2) + 2 * states[name]
        peak = maximum(peak, always + kept + gradients + errors)
        kept -= held[name]
        for before in network.graph.pred[name]:
            if before in stored:
                gradients += stored[before]
                source = next(iter(network.graph.pred[before]))
                back = 0.0 if source in network.inputs else sent[source]
                peak = maximum(peak, always + kept + gradients + sent[name] + back)
    adapts = 2.0 if moments > 0 else 0.0
    largest = max((BYTES * forward[name].sizes["weights"] for name in stored if "weights" in forward[name].sizes), default=0.0)
    return maximum(peak, always + sum(stored.values()) + adapts * largest)


def _populations(forward: Mapping) -> list[str]:
    """The nodes that hold states, in order."""
    return [name for name, task in forward.items() if task.kind == "neurons" and "states" in task.sizes]


def _elements(shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return count
