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
    for name, _ in lowering.network.synapse_nodes():
        g = lowering.geometry(name)
        layer = lowering.layer_of[name]
        bits = lowering.bits(lowering.network.nodes[name])

        def plasticity(label: str, changes: float, traces: float, counts: Arithmetic, **rate: str) -> Task:
            kinds = counts._asdict()
            kinds["multiply"] += kinds.pop("divide")
            sizes = {"connections": g.connections, "changes": changes, "traces": traces, **kinds}  # noqa: B023
            where = f"{name}.{label.replace(' ', '-')}"  # noqa: B023
            return Task(where, name, label, "plasticity", "update", sizes, bits=bits, waits_for=[name], **rate)  # noqa: B023

        traces = rule.arithmetic(rule.pre).times(1) + rule.arithmetic(rule.post)
        n_traces = g.inputs * len(rule.pre) + g.outputs * len(rule.post)
        sizes = {"neurons": g.inputs + g.outputs, "states": 1, "substeps": 1, "graded": 0, **traces._asdict()}
        tasks.append(Task(f"{name}.traces", name, "traces", "neurons", "update", sizes, bits=16, waits_for=[name]))
        tasks.append(plasticity("change at input", g.connections, n_traces, rule.arithmetic(rule.at_pre), signal=name))
        tasks.append(plasticity("change at neuron", g.connections, 0, rule.arithmetic(rule.at_post), output=layer))
        if rule.each_step:
            tasks.append(plasticity("change each step", g.connections, 0, rule.arithmetic(rule.each_step)))
        kept = 16 * n_traces + 16 * g.connections * len(rule.each_step)
        tasks.append(Task(f"{name}.stored", name, "stored traces", "memory", "update", {"written": 0, "read": 0, "kept": kept}))
    return tasks
