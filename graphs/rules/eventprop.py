"""EventProp: exact gradients from an adjoint that jumps at spikes."""

import math

from costmodel.graphs.equations.adjoint import eventprop_arithmetic
from costmodel.graphs.equations.discretise import linear
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.backward import backward, elementwise, stored
from costmodel.graphs.lowering.lowering import Lowering, Task
from costmodel.graphs.lowering.update import optimizer_tasks
from costmodel.graphs.nodes.population import Population

SPIKE_RECORD_BITS = 32 + 32 + 32
"""What a spike leaves behind: its time, its neuron, and v̇ before it."""


def lower(lowering: Lowering) -> list[Task]:
    """The adjoint follows the transposed linear dynamics backward and jumps at spikes; dw = −τ_syn Σ_spikes λ_I.

    Gradients pass a synapse only where a spike did, and only spikes are kept, so memory grows with spikes.
    (Wunderlich & Pehle, Sci. Rep. 11, 2021, Table 1.)

    Raises:
        InputError: a neuron's dynamics are not linear.
    """
    network = lowering.network

    def population(name: str, node: Population) -> list[Task]:
        if linear(node.neuron) is None:
            raise InputError(
                f"EventProp needs linear dynamics, and '{node.neuron.type}' of node '{name}' has others",
                mend="train with bptt",
                where=network.where,
            )
        flow, jump = eventprop_arithmetic(node.neuron, lowering.zero(node))
        tasks = [elementwise(lowering, name, "adjoint", flow, len(node.neuron.dynamics))]
        if node.neuron.spiking():
            n = math.prod(network.shapes[name][1])
            sizes = {"neurons": n, "states": 1, "substeps": 1, "graded": 1, **jump._asdict()}
            tasks.append(Task(f"{name}.jump", name, "adjoint jump", "neurons", "backward", sizes, output=name, precision=32))
        return tasks

    keep = []
    for name, node in network.nodes.items():
        if isinstance(node, Population) and node.neuron.spiking() and name in lowering.learning:
            n = math.prod(network.shapes[name][1])
            records = stored(name, "stored spikes", n, SPIKE_RECORD_BITS)
            records.output = name
            keep.append(records)
    back = backward(lowering, population, on_spikes=True)
    return [*lowering.forward(), *keep, *back, *optimizer_tasks(lowering, [task.name for task in back])]
