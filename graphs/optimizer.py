"""The optimiser: what a step does to each parameter, written as its equations."""

import sympy

from graphs.arithmetic import Arithmetic, count
from graphs.lowering import Lowering, Task

w, g, m, u = sympy.symbols("w g m u", real=True)
eta, eps, beta_1, beta_2, mu = sympy.symbols("eta epsilon beta_1 beta_2 mu", positive=True)

OPTIMIZERS: dict[str, dict[sympy.Symbol, sympy.Expr]] = {
    "sgd": {w: w - eta * g},
    "momentum": {m: mu * m + g, w: w - eta * (mu * m + g)},
    "adam": {
        m: beta_1 * m + (1 - beta_1) * g,
        u: beta_2 * u + (1 - beta_2) * g**2,
        w: w - eta * (beta_1 * m + (1 - beta_1) * g) / (sympy.sqrt(beta_2 * u + (1 - beta_2) * g**2) + eps),
    },
}
"""State → next value; w is the parameter, g its gradient. Adam: Kingma & Ba 2015, the bias correction folded into η."""


def optimizer_tasks(lowering: Lowering, waits_for: list[str]) -> list[Task]:
    """For every node with parameters the optimiser's update, once per batch, and the memory of the gradient and its moments."""
    training = lowering.network.settings.training
    equations = OPTIMIZERS[training.optimizer if training else "adam"]
    counts: Arithmetic = count(list(equations.values()), {w, g, m, u})
    tasks = []
    for name, parameters in lowering.parameters.items():
        sizes = {"neurons": parameters, "states": len(equations), "substeps": 1, "graded": 0, **counts._asdict()}
        gradient = [before for before in waits_for if before.startswith(f"{name}.")]
        update = Task(f"{name}.optimizer", name, "optimizer", "neurons", "update", sizes, per_step=False, per_sample=False)
        update.waits_for = gradient
        kept = {"elements": 0, "kept": parameters * len(equations)}  # the gradient, and every state but the weight itself
        moments = Task(f"{name}.moments", name, "gradient and moments", "memory", "update", kept, precision=32)
        moments.per_step = moments.per_sample = False
        tasks += [update, moments]
    return tasks
