"""Local learning rules: traces and a weight change, written as equations, lowered to `Plasticity`."""

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from graphs.arithmetic import Arithmetic, count
from graphs.lowering import Lowering, Task


@dataclass(frozen=True)
class LocalRule:
    """A rule whose weight change depends only on what is at the synapse.

    Attributes:
        pre: trace → next value at a step, for each input.
        post: trace → next value at a step, for each neuron.
        at_pre: synaptic variable → new value when the input spikes.
        at_post: synaptic variable → new value when the neuron spikes.
        each_step: synaptic variable → new value at every step, for each connection.
        varying: symbols that change.
    """

    pre: Mapping[sympy.Symbol, sympy.Expr]
    post: Mapping[sympy.Symbol, sympy.Expr]
    at_pre: Mapping[sympy.Symbol, sympy.Expr]
    at_post: Mapping[sympy.Symbol, sympy.Expr]
    each_step: Mapping[sympy.Symbol, sympy.Expr]
    varying: frozenset[sympy.Symbol]

    def arithmetic(self, equations: Mapping[sympy.Symbol, sympy.Expr]) -> Arithmetic:
        """Operations of one set of its equations."""
        return count(list(equations.values()), set(self.varying))


def lower_local(lowering: Lowering, rule: LocalRule) -> list[Task]:
    """Forward, and with it for every weighted node: traces at each step, changes at input spikes and at neuron spikes."""
    tasks = lowering.forward()
    for name, node in lowering.network.synapse_nodes():
        g = lowering.geometry(name)
        traces = rule.arithmetic(rule.pre) + rule.arithmetic(rule.post)
        sizes = {"neurons": g.inputs + g.outputs, "states": 1, "substeps": 1, "graded": 0, **traces._asdict()}
        tasks.append(Task(f"{name}.traces", name, "traces", "neurons", "update", sizes, precision=16, waits_for=[name]))
        changes = [("change at input", rule.at_pre), ("change at neuron", rule.at_post), ("change each step", rule.each_step)]
        for label, equations in changes:
            if equations:
                task = _plasticity(name, label, g.connections, rule.arithmetic(equations), lowering.bits(node))
                task.signal = name if equations is rule.at_pre else None
                task.output = lowering.layer_of[name] if equations is rule.at_post else None
                tasks.append(task)
        kept = 16 * (g.inputs * len(rule.pre) + g.outputs * len(rule.post) + g.connections * len(rule.each_step))
        tasks.append(Task(f"{name}.stored", name, "stored traces", "memory", "update", {"written": 0, "read": 0, "kept": kept}))
    return tasks


def _plasticity(name: str, label: str, connections: int, counts: Arithmetic, bits: int | None) -> Task:
    """Weight changes of one node; a division counts as a multiplication."""
    kinds = counts._asdict()
    kinds["multiply"] += kinds.pop("divide")
    sizes = {"connections": connections, **kinds}
    return Task(f"{name}.{label.replace(' ', '-')}", name, label, "plasticity", "update", sizes, bits=bits, waits_for=[name])
