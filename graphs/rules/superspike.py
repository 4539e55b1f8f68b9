"""SuperSpike: three factors, on line."""

import sympy

from costmodel.graphs.equations.adjoint import SURROGATES
from costmodel.graphs.equations.arithmetic import count
from costmodel.graphs.lowering.backward import elementwise, transposed
from costmodel.graphs.lowering.lowering import Lowering, Task
from costmodel.graphs.lowering.update import optimizer_tasks
from costmodel.graphs.nodes.population import Population


def lower(lowering: Lowering) -> list[Task]:
    """∂w_ij/∂t = r ∫ e_i(s) α ∗ (σ'(U_i) (ε ∗ S_j)) ds: every connection carries an eligibility trace, nothing is unrolled.

    Per input the filter ε, per neuron σ'(U), per connection the product and its filter α (a rise and a decay), then error times
    trace. Errors reach hidden layers by weights fed back at every step. Memory is connections × 2 traces and a gradient,
    whatever T. (Zenke & Ganguli, "SuperSpike", Neural Computation 30, 2018, eqs. 2.5 and 4.)
    """
    training = lowering.network.settings.training
    surrogate = SURROGATES[training.surrogate if training else "superspike"]
    g, x, y, s, pre, post, error, gradient = sympy.symbols("g x y s pre post error gradient", real=True)
    rise, decay = sympy.symbols("rise decay", real=True)
    filtered = {x: rise * x + s, y: decay * y + x}
    trace = {x: rise * x + post * pre, y: decay * y + x, gradient: gradient + error * y}
    per_input = count(list(filtered.values()), {x, y, s})
    per_neuron = count([surrogate], {g})
    per_connection = count(list(trace.values()), {x, y, post, pre, error, gradient})

    tasks = lowering.forward()
    back: list[Task] = []
    for name, node in lowering.network.nodes.items():
        if isinstance(node, Population) and name in lowering.learning:
            back.append(elementwise(lowering, name, "surrogate", per_neuron, 0))
    for name, node in lowering.network.synapse_nodes():
        if node.trained:
            geometry = lowering.geometry(name)
            counts = per_connection._asdict()
            counts["add"] += counts.pop("divide")
            sizes = {"connections": geometry.connections, **counts}
            back.append(Task(f"{name}.eligibility", name, "eligibility", "plasticity", "backward", sizes, precision=32))
            filters = {"neurons": geometry.inputs, "states": 2, "substeps": 1, "graded": 1, **per_input._asdict()}
            back.append(Task(f"{name}.input-trace", name, "input trace", "neurons", "backward", filters, precision=32))
            kept = {"elements": 0, "kept": 3 * geometry.connections + 2 * geometry.inputs}
            back.append(Task(f"{name}.traces", name, "stored traces", "memory", "backward", kept, precision=32))
        if lowering.passes(name):
            back.append(transposed(lowering, name))
    for task in back:
        task.waits_for = [task.node]
    return [*tasks, *back, *optimizer_tasks(lowering, [task.name for task in back if task.operator == "eligibility"])]
