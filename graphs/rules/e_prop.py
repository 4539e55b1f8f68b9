"""e-prop: eligibility traces of each neuron's own states, times a learning signal."""

import math

import sympy

from costmodel.graphs.equations.adjoint import SURROGATES
from costmodel.graphs.equations.arithmetic import Arithmetic, count
from costmodel.graphs.equations.discretise import step
from costmodel.graphs.equations.neuron import I
from costmodel.graphs.lowering.backward import elementwise, transposed
from costmodel.graphs.lowering.lowering import Lowering, Task
from costmodel.graphs.lowering.update import optimizer_tasks
from costmodel.graphs.nodes.population import Population


def lower(lowering: Lowering) -> list[Task]:
    """Forward in time: every connection carries the influence ε of its weight on its neuron's states, filtered as the readout does.

    ε ← (∂x⁺/∂x) ε + (∂x⁺/∂I) z,  e = ψ (∂g/∂x) ε,  ē ← κ ē + e,  gradient ← gradient + L ē,

    with the learning signal L = Wᵀ error fed back at every step. Nothing is unrolled; memory is connections × (states + 2),
    whatever T. (Bellec et al., Nat. Commun. 11, 2020, eqs. 13, 14 and 21–28, for any neuron.)
    """
    network = lowering.network
    training = network.settings.training
    surrogate = SURROGATES[training.surrogate if training else "fast-sigmoid"]
    back: list[Task] = []
    for name, node in network.nodes.items():
        if isinstance(node, Population) and node.neuron.spiking() and name in lowering.learning:
            back.append(elementwise(lowering, name, "surrogate", count([surrogate], {sympy.Symbol("g", real=True)}), 0))
    for name, node in network.synapse_nodes():
        if node.trained:
            geometry = lowering.geometry(name)
            target = network.nodes[lowering.layer_of[name]]
            counts, states = _per_connection(lowering, target) if isinstance(target, Population) else (Arithmetic(), 1)
            kinds = counts._asdict()
            kinds["multiply"] += kinds.pop("divide")
            sizes = {"connections": geometry.connections, **kinds}
            back.append(Task(f"{name}.eligibility", name, "eligibility", "plasticity", "backward", sizes, precision=32))
            kept = {"elements": 0, "kept": geometry.connections * (states + 2) + math.prod(network.shapes[name][1])}
            back.append(Task(f"{name}.traces", name, "stored traces", "memory", "backward", kept, precision=32))
        if lowering.passes(name):
            back.append(transposed(lowering, name))
    for task in back:
        task.waits_for = [task.node]
    updates = optimizer_tasks(lowering, [task.name for task in back if task.operator == "eligibility"])
    return [*lowering.forward(), *back, *updates]


def _per_connection(lowering: Lowering, node: Population) -> tuple[Arithmetic, int]:
    """Operations of one connection at one step, and the neuron's states that flow."""
    update = step(node.neuron, node.reset_name(), lowering.zero(node))
    states = list(update.flow)
    trace = {x: sympy.Symbol(f"epsilon_{x}", real=True) for x in states}
    psi, z, signal, filtered, gradient = sympy.symbols("psi z L e_bar gradient", real=True)
    kappa = sympy.Symbol("kappa", real=True)
    expressions = [
        sum((trace[y] * sympy.diff(flow, y) for y in states), sympy.Integer(0)) + z * sympy.diff(flow, I)
        for flow in update.flow.values()
    ]
    sent = update.spike if update.spike is not None else update.output
    e = psi * sum((trace[x] * sympy.diff(sent, x) for x in states), sympy.Integer(0))
    expressions += [kappa * filtered + e, gradient + signal * filtered]
    varying = {*trace.values(), psi, z, signal, filtered, gradient, *update.varying}
    return count(expressions, varying), max(1, len(states))
