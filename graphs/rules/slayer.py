"""SLAYER: spike layer error reassignment in time."""

import math

import sympy

from costmodel.graphs.equations.adjoint import SURROGATES
from costmodel.graphs.equations.arithmetic import Arithmetic, count
from costmodel.graphs.equations.discretise import linear, step
from costmodel.graphs.equations.neuron import I
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.backward import activations, backward, elementwise, stored
from costmodel.graphs.lowering.lowering import Lowering, Task
from costmodel.graphs.lowering.update import optimizer_tasks
from costmodel.graphs.nodes.population import Population


def lower(lowering: Lowering) -> list[Task]:
    """Errors run back through the response kernel: e = ε ⊙ δ (a correlation in time), δ = ρ(u) · (Wᵀ e).

    The kernel is that of the neuron's linear dynamics, run backward as a recursion; the reset is not differentiated. The
    membrane is kept at every step for ρ, so memory grows with T.
    (Shrestha & Orchard, "SLAYER", NeurIPS 2018, eqs. 12–15.)

    Raises:
        InputError: a neuron's dynamics are not linear, so it has no response kernel.
    """
    training = lowering.network.settings.training
    surrogate = training.surrogate if training else "fast-sigmoid"

    def population(name: str, node: Population) -> list[Task]:
        neuron = node.neuron
        if linear(neuron) is None and neuron.dynamics:
            raise InputError(
                f"SLAYER needs a response kernel, and '{neuron.type}' of node '{name}' is not linear",
                mend="train with bptt",
                where=lowering.network.where,
            )
        update = step(neuron, node.reset_name(), lowering.zero(node))
        e = {x: sympy.Symbol(f"e_{x}", real=True) for x in update.flow}
        error = sympy.Symbol("delta", real=True)
        spiking = set() if update.spike is None else update.spike.free_symbols
        kernel = [
            sum((e[k] * sympy.diff(update.flow[k], x) for k in e), sympy.Integer(0)) + (error if x in spiking else 0) for x in e
        ]
        kernel.append(sum((e[k] * sympy.diff(update.flow[k], I) for k in e), sympy.Integer(0)))
        counts: Arithmetic = count(kernel, {*e.values(), error})
        if update.spike is not None:
            g = sympy.Symbol("g", real=True)
            counts += count([error * SURROGATES[surrogate].subs(g, update.spike)], {error, *update.varying})
        return [elementwise(lowering, name, "error kernel", counts, len(neuron.states))]

    network = lowering.network
    keep = [
        stored(name, "stored membrane", 2 * math.prod(network.shapes[name][1]))
        for name, node in network.nodes.items()
        if isinstance(node, Population) and name in lowering.learning
    ]
    back = backward(lowering, population)
    return [*lowering.forward(), *keep, *activations(lowering), *back, *optimizer_tasks(lowering, [task.name for task in back])]
