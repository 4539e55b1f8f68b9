"""What the optimiser adds to a training step."""

from costmodel.graphs.equations.arithmetic import Arithmetic, count
from costmodel.graphs.equations.optimizer import OPTIMIZERS, g, m, u, w
from costmodel.graphs.lowering.lowering import Lowering, Task


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
