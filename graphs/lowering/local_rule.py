"""Local learning rules: traces and a weight change, written as equations, lowered to `Plasticity`."""

from collections.abc import Mapping
from dataclasses import dataclass

import sympy

from costmodel.graphs.equations.arithmetic import Arithmetic, count
from costmodel.graphs.lowering.activity import is_spiking
from costmodel.graphs.lowering.lowering import Lowering, Task

WEIGHT = sympy.Symbol("w", real=True)
"""The weight itself, in every rule's equations."""

TRACE_BITS = 16


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
        if not node.trained:
            continue
        g, layer = lowering.geometry(name), lowering.layer_of[name]
        for label, elements, equations in (("input traces", g.inputs, rule.pre), ("neuron traces", g.outputs, rule.post)):
            sizes = {
                "neurons": elements,
                "states": len(equations),
                "substeps": 1,
                "graded": 0,
                **rule.arithmetic(equations)._asdict(),
            }
            tasks.append(_task(name, label, "neurons", sizes, precision=TRACE_BITS))
        changes = [("change at input", rule.at_pre), ("change at neuron", rule.at_post), ("change each step", rule.each_step)]
        for label, equations in changes:
            if equations and (equations is not rule.at_post or is_spiking(lowering.network.nodes[layer])):
                task = _task(name, label, "plasticity", _sizes(g.connections, rule.arithmetic(equations)))
                task.bits = lowering.bits(node)
                task.signal = name if equations is rule.at_pre else None
                task.output = layer if equations is rule.at_post else None
                tasks.append(task)
        kept = g.inputs * len(rule.pre) + g.outputs * len(rule.post) + g.connections * len(set(rule.each_step) - {WEIGHT})
        tasks.append(_task(name, "stored traces", "memory", {"elements": 0, "kept": kept}, precision=TRACE_BITS))
    return tasks


def _task(name: str, label: str, kind: str, sizes: Mapping[str, float], precision: int | None = None) -> Task:
    where = f"{name}.{label.replace(' ', '-')}"
    return Task(where, name, label, kind, "update", sizes, precision=precision, waits_for=[name])


def _sizes(connections: int, counts: Arithmetic) -> dict[str, float]:
    """Sizes of a weight change; a division counts as a multiplication."""
    kinds = counts._asdict()
    kinds["multiply"] += kinds.pop("divide")
    return {"connections": connections, **kinds}
