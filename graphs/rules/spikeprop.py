"""SpikeProp on first-spike times: exact closed forms, no time steps."""

import math

import sympy

from graphs.arithmetic import Arithmetic, count
from graphs.errors import InputError
from graphs.lowering import Lowering, Task
from graphs.nodes.boundary import Input
from graphs.nodes.population import Population
from graphs.optimizer import optimizer_tasks

t, w, tau, c = sympy.symbols("t w tau c", positive=True)
a1, b = sympy.symbols("a_1 b", real=True)

SPIKE_TIME = tau * (b / a1 - sympy.LambertW(-c / a1 * sympy.exp(b / a1)))
"""First-spike time for τ_mem = τ_syn = τ: T = τ [b/a₁ − W(−c/a₁ · e^{b/a₁})] (Göltz et al., Nat. Mach. Intell. 3, 2021, eq. 5)."""


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
    e = sympy.exp(t / tau)
    per_input = count([e, t / tau * e], {t})
    e_1, e_2 = sympy.symbols("e_1 e_2", real=True)
    per_pair = count([a1 + w * e_1, b + w * e_2, SPIKE_TIME], {a1, b, w, e_1, e_2}) + Arithmetic(compare=2)
    grad_w = sympy.diff(SPIKE_TIME, a1) * e_1 + sympy.diff(SPIKE_TIME, b) * e_2
    error, y, total = sympy.symbols("error y total", real=True)
    shared = count([error * sympy.diff(SPIKE_TIME, a1), error * sympy.diff(SPIKE_TIME, b)], {error, a1, b})
    per_pair_back = count([total + (y * e_1 + error * e_2), total + w * (y + error) * e_1], {total, y, error, e_1, e_2, w})
    if not grad_w.has(sympy.LambertW):
        raise ValueError("the closed form of the spike time has lost its Lambert W")

    tasks: list[Task] = [task for task in lowering.forward() if isinstance(network.nodes[task.node], Input)]
    back: list[Task] = []
    for name, _ in network.synapse_nodes():
        g = lowering.geometry(name)
        sort = Arithmetic(compare=max(1, math.ceil(math.log2(max(2, g.inputs)))))
        tasks.append(_once(f"{name}.sort", name, "sort and exponentials", "forward", g.inputs, per_input + sort))
        tasks.append(_once(f"{name}.spike-times", name, "spike times", "forward", g.connections, per_pair))
        back.append(_once(f"{name}.spike-gradient", name, "spike-time gradient", "backward", g.outputs, shared))
        back.append(_once(f"{name}.pair-gradient", name, "weight and time gradients", "backward", g.connections, per_pair_back))
        kept = {"written": 32 * g.outputs, "read": 32 * g.outputs, "kept": 32 * g.outputs}
        back.append(Task(f"{name}.stored", name, "stored spike times", "memory", "forward", kept, per_step=False))
    return [*tasks, *back, *optimizer_tasks(lowering, [task.name for task in back])]


def _once(name: str, node: str, operator: str, phase: str, elements: float, counts: Arithmetic) -> Task:
    """An element-wise task done once per sample: there are no time steps."""
    sizes = {"neurons": elements, "states": 2, "substeps": 1, "graded": 1, **counts._asdict()}
    return Task(name, node, operator, "neurons", phase, sizes, per_step=False, precision=32, waits_for=[node])
