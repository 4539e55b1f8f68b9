"""Backpropagation through time."""

import math

from costmodel.graphs.equations.adjoint import adjoint_arithmetic
from costmodel.graphs.equations.discretise import substeps
from costmodel.graphs.lowering.backward import activations, backward, elementwise, stored
from costmodel.graphs.lowering.lowering import Lowering, Task
from costmodel.graphs.lowering.update import optimizer_tasks
from costmodel.graphs.nodes.population import Population


def lower(lowering: Lowering) -> list[Task]:
    """Forward over all steps keeping every state, then the exact adjoint of every step, last step first.

    Every population keeps its states and its output at each step, other nodes their inputs: memory grows with T.
    (Neftci, Mostafa & Zenke, IEEE Signal Process. Mag. 36, 2019.)
    """
    training = lowering.network.settings.training
    surrogate = training.surrogate if training else "fast-sigmoid"

    def population(name: str, node: Population) -> list[Task]:
        repeats = substeps(node.neuron, lowering.network.dt)
        counts = adjoint_arithmetic(node.neuron, surrogate, node.reset_name(), lowering.zero(node), repeats)
        return [elementwise(lowering, name, "adjoint", counts, len(node.neuron.states), repeats)]

    keep = [
        stored(name, "stored state", _elements(lowering, name, node))
        for name, node in lowering.network.nodes.items()
        if isinstance(node, Population) and name in lowering.learning
    ]
    back = backward(lowering, population)
    return [*lowering.forward(), *keep, *activations(lowering), *back, *optimizer_tasks(lowering, [task.name for task in back])]


def _elements(lowering: Lowering, name: str, node: Population) -> int:
    """States at every substep, and the output of the step, of every neuron."""
    neurons = math.prod(lowering.network.shapes[name][1])
    return neurons * (len(node.neuron.states) * substeps(node.neuron, lowering.network.dt) + 1)
