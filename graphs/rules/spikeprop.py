"""SpikeProp on first-spike times: exact closed forms, no time steps."""

import math

import sympy

from costmodel.graphs.equations.arithmetic import Arithmetic, count
from costmodel.graphs.equations.first_spike import EQUAL, a1, b, closed_form, t
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.lowering import Lowering, Task
from costmodel.graphs.lowering.update import optimizer_tasks
from costmodel.graphs.nodes.population import Population

w = sympy.Symbol("w", positive=True)


def lower(lowering: Lowering) -> list[Task]:
    """Inputs sorted by time; running sums a₁ = Σ w e^{t/τ} and b = Σ w (t/τ) e^{t/τ}; a spike time for each causal set.

    That is N_pre · N_post terms, each found once by the running sums (trying every set from scratch would be N_pre² N_post).
    The gradients ∂T/∂w and ∂T/∂t are closed forms over the same terms. Kept: one time per neuron.
    (Bohté, Kok & La Poutré 2002; Göltz et al. 2021.)

    Raises:
        InputError: a spiking population is not of first-spike neurons.
    """
    network = lowering.network
    for name, node in network.nodes.items():
        if isinstance(node, Population) and node.neuron.spiking() and not node.neuron.single_spike:
            raise InputError(
                f"SpikeProp needs neurons that spike once, and node '{name}' is '{node.type}'",
                mend="make it ttfs, or train with bptt or eventprop",
                where=network.where,
            )
    forms = [
        closed_form(node.parameters(), node.id, network.where)
        for node in network.nodes.values()
        if isinstance(node, Population) and node.neuron.single_spike
    ]
    form = max(forms, key=lambda form: form.ratio, default=EQUAL)
    per_input = count([form.first, form.second], {t})
    e_1, e_2 = sympy.symbols("e_1 e_2", real=True)
    per_pair = count([a1 + w * e_1, b + w * e_2, form.spike_time], {a1, b, w, e_1, e_2}) + Arithmetic(compare=2)
    error, y, total = sympy.symbols("error y total", real=True)
    shared = count([error * sympy.diff(form.spike_time, a1), error * sympy.diff(form.spike_time, b)], {error, a1, b})
    per_pair_back = count([total + (y * e_1 + error * e_2), total + w * (y + error) * e_1], {total, y, error, e_1, e_2, w})

    tasks = [task for task in lowering.forward() if task.kind == "transfer"]
    for task in tasks:
        task.per_step = False  # spike times cross once
    back: list[Task] = []
    for name, _ in network.synapse_nodes():
        g = lowering.geometry(name)
        sort = Arithmetic(compare=max(1, math.ceil(math.log2(max(2, g.inputs)))))
        tasks.append(_once(f"{name}.sort", name, "sort and exponentials", "forward", g.inputs, per_input + sort))
        tasks.append(_once(f"{name}.spike-times", name, "spike times", "forward", g.connections, per_pair))
        if name in lowering.parameters or lowering.passes(name):
            back.append(_once(f"{name}.spike-gradient", name, "spike-time gradient", "backward", g.outputs, shared))
            back.append(_once(f"{name}.pair-gradient", name, "weight and time gradients", "backward", g.connections, per_pair_back))
        tasks.append(Task(f"{name}.stored", name, "stored spike times", "memory", "forward", {"elements": 0, "kept": g.outputs}))
        tasks[-1].per_step, tasks[-1].precision = False, 32
    return [*tasks, *back, *optimizer_tasks(lowering, [task.name for task in back])]


def _once(name: str, node: str, operator: str, phase: str, elements: float, counts: Arithmetic) -> Task:
    """An element-wise task done once per sample: there are no time steps."""
    sizes = {"neurons": elements, "states": 2, "substeps": 1, "graded": 1, **counts._asdict()}
    return Task(name, node, operator, "neurons", phase, sizes, per_step=False, precision=32, waits_for=[node])
