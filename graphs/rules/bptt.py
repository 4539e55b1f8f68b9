"""Backpropagation through time."""

from graphs.adjoint import adjoint_arithmetic
from graphs.backward import backward, elementwise, stored
from graphs.discretise import substeps
from graphs.lowering import Lowering, Task
from graphs.nodes.population import Population
from graphs.optimizer import optimizer_tasks


def lower(lowering: Lowering) -> list[Task]:
    """Forward over all steps keeping every state, then the exact adjoint of every step, last step first.

    Every population keeps its states and its output at each step: memory grows with T.
    (Neftci, Mostafa & Zenke, IEEE Signal Process. Mag. 36, 2019.)
    """
    training = lowering.network.settings.training
    surrogate = training.surrogate if training else "fast-sigmoid"

    def population(name: str, node: Population) -> list[Task]:
        repeats = substeps(node.neuron, lowering.network.dt)
        counts = adjoint_arithmetic(node.neuron, surrogate, node.reset_name(), lowering.zero(node), repeats)
        return [elementwise(lowering, name, "adjoint", counts, len(node.neuron.states), repeats)]

    forward = lowering.forward()
    keep = [
        stored(lowering, n, 32 * (len(p.neuron.states) + 1)) for n, p in lowering.network.nodes.items() if isinstance(p, Population)
    ]
    back = backward(lowering, population)
    return [*forward, *keep, *back, *optimizer_tasks(lowering, [task.name for task in back])]
