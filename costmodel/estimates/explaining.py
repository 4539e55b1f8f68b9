"""Explanations: the equation behind a cost with names, with numbers, and with the sources of the numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy
from sympy.printing.str import StrPrinter

from costmodel.devices.device import Device
from costmodel.devices.evaluation.symbolic import (
    definitions,
    scalar,
    symbol,
    symbolic_device,
    symbolic_facts,
    symbolic_operator,
    symbolic_run,
)
from costmodel.devices.part import Constant, Part, part
from costmodel.estimates.estimated import Estimate
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.estimates.widths import Width, widths
from costmodel.graphs.equations.algebra import naming
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.settings.units import pretty

GREEK = ("alpha", "beta", "gamma", "theta", "kappa", "tau")
"""Names that are set as Greek letters."""

METRICS: dict[str, str] = {"latency": "s", "energy": "J", "area": "m**2", "price": "USD"}


@dataclass(frozen=True)
class Equation:
    """One equation.

    Attributes:
        name: what it gives.
        expression: in names.
        numbers: the same with numbers put in, as text.
        value: its value, in ``unit``.
    """

    name: str
    expression: sympy.Expr
    numbers: str
    value: float
    unit: str


@dataclass(frozen=True)
class Explanation:
    """Why a cost is what it is.

    Attributes:
        estimate: the estimate explained.
        metric, value, unit: what is explained.
        whole: how operators compose into it.
        operators: the equation of every operator.
        work: derived work → operator kind → what it is in that kind's sizes.
        named: parts of the operators' equations with a name of their own → operator kind → what they are.
        sizes: size → its meaning.
        constants: parameters of the part in these equations.
        units: their units.
        widths: the inputs that make the interval of a latency or an energy, in the order in which they are worth narrowing.
    """

    estimate: Estimate
    metric: str
    value: float
    unit: str
    whole: tuple[Equation, ...]
    operators: tuple[Equation, ...]
    work: dict[str, dict[str, sympy.Expr]]
    named: dict[str, dict[str, sympy.Expr]]
    sizes: dict[str, str]
    constants: dict[str, Constant]
    units: dict[str, str]
    widths: tuple[Width, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As in ``explain --json``."""

        def equation(e: Equation) -> dict[str, Any]:
            return {
                "name": e.name,
                "equation": str(e.expression),
                "latex": latex(e.expression),
                "numbers": e.numbers,
                "value": e.value,
                "unit": e.unit,
            }

        return {
            "schema": 1,
            "device": self.estimate.device,
            "metric": self.metric,
            "value": self.value,
            "unit": self.unit,
            "whole": [equation(e) for e in self.whole],
            "operators": [equation(e) for e in self.operators],
            "work": {name: {kind: str(e) for kind, e in kinds.items()} for name, kinds in self.work.items()},
            "named": {name: {kind: str(e) for kind, e in kinds.items()} for name, kinds in self.named.items()},
            "sizes": self.sizes,
            "parameters": {
                name: {
                    "value": c.value,
                    "low": c.low,
                    "high": c.high,
                    "unit": self.units[name],
                    "kind": c.kind,
                    "source": c.source,
                    "note": c.note,
                }
                for name, c in self.constants.items()
            },
            "widths": [width.to_dict() for width in self.widths],
        }


def latex(expression: sympy.Expr) -> str:
    """An expression in LaTeX."""
    names = {s: latex_name(str(s)) for s in expression.free_symbols}
    return sympy.latex(expression, symbol_names=names, mul_symbol=r"\,")


def explain(network: Network | Workload, device: str | Part, metric: str = "latency") -> Explanation:
    """The equation of a cost of a network on a part.

    Args:
        network: the network, or the network as it is to be run.
        device: a part's name, a part file, or a part.
        metric: "latency", "energy", "area" or "price".

    Raises:
        InputError: the metric is unknown, the part does not fit the network, or has no such figure.
    """
    if metric not in METRICS:
        raise InputError(f"there is no metric '{metric}'", mend=f"use {', '.join(METRICS)}", where="--metric")
    workload = network if isinstance(network, Workload) else Workload(network)
    estimator = Estimator(workload, device if isinstance(device, Part) else part(device))
    operators_there = len(workload.table.tasks)
    if operators_there > 200:
        what = f"the network has {operators_there:,} operators, too many to write out"
        raise InputError(what, mend="explain a smaller network of the same layers; estimate costs this one")
    on, estimate = estimator.part, estimator.estimate()
    if not estimate.feasible:
        first = estimate.violations[0]
        what = f"the network does not fit {on.name}: {first.limit}: needs {first.needs}, has {first.has}"
        raise InputError(what, mend=f"try {', '.join(first.levers)}" if first.levers else "use another part")
    if metric in ("area", "price"):
        whole, operators, work, parts, sizes = _figure(estimator, estimate, metric), (), {}, {}, {}
    else:
        whole, operators, work, parts, sizes = _composed(estimator, estimate, metric)
    expressions = [*(e.expression for e in (*whole, *operators)), *(e for kinds in parts.values() for e in kinds.values())]
    names = {str(s) for e in expressions for s in e.free_symbols}
    constants = {name: constant for name, constant in on.constants.items() if name in names}
    units = {name: on.device.params[name].unit for name in constants}
    found = widths(estimator, metric) if metric in ("latency", "energy") else ()
    unit = METRICS[metric]
    return Explanation(estimate, metric, whole[0].value, unit, whole, operators, work, parts, sizes, constants, units, found)


def _figure(estimator: Estimator, estimate: Estimate, metric: str) -> tuple[Equation, ...]:
    """Area, or money: equations over the whole network."""
    on, device = estimator.part, symbolic_device(estimator.part)
    if metric == "area":
        value, expression = estimate.area, device.area(symbolic_facts())
        known = _facts_numbers(estimator)
    else:
        value, expression = estimate.price, device.cost_of_sample(symbol("period"), symbol("energy"))
        known = {"period": 1 / (estimate.throughput or 1), "energy": estimate.energy.value if estimate.energy else 0.0}
    if value is None or expression is None:
        missing = "die_area" if metric == "area" else "price"
        note = on.constants[missing].note if missing in on.constants else "not known"
        raise InputError(f"'{on.name}' has no {metric}: {note}", mend=f"give it: --set {missing}=…")
    expression = sympy.sympify(scalar(expression))
    numbers = _with_numbers(expression, {**known, **_numbers(on)})
    return (Equation(metric, expression, numbers, value, METRICS[metric]),)


def _facts_numbers(estimator: Estimator) -> dict[str, float]:
    """Facts as numbers, layers summed."""
    facts = estimator.facts
    return {
        name: float(np.sum(getattr(facts, name)))
        for name in facts.__dataclass_fields__
        if isinstance(getattr(facts, name), np.ndarray | float)
    }


_Named = dict[str, dict[str, sympy.Expr]]

_RUN = {
    "T": "time steps",
    "batch": "samples together",
    "depth": "time steps from input to answer: populations on the longest path",
    "dt": "length of a step, s",
}


def _without_ones(device: Device, on: Part) -> Device:
    """The device without factors of exactly 1, that no published run has told anything of."""
    ones = [name for name in ("k_time", "k_energy") if on.constants[name].low == on.constants[name].high == 1]
    return device.changed(dict.fromkeys(ones, sympy.Integer(1)))


def _composed(
    estimator: Estimator, estimate: Estimate, metric: str
) -> tuple[tuple[Equation, ...], tuple[Equation, ...], _Named, _Named, dict[str, str]]:
    """Latency or energy: how operators compose, each operator's equation, its work and named parts, what its sizes mean."""
    on, workload = estimator.part, estimator.workload
    device, table, columns = _without_ones(symbolic_device(on), on), workload.table, estimator.columns()
    figures = estimator.figures()
    names_of, done = [task.name for task in table.tasks], figures.run
    run = symbolic_run(names_of, columns.layer, table.per_step[:, 0], done.transfer, done.updates)
    known = _numbers(on) | {
        "T": float(workload.network.timesteps), "batch": float(workload.batch), "depth": float(np.ravel(done.depth)[0]),
        "dt": workload.network.dt, "neurons": float(figures.run.neurons),
    }  # fmt: skip
    for task, time, energy in zip(table.tasks, figures.run.time[:, 0], figures.run.energy[:, 0], strict=True):
        known |= {f"t[{task.name}]": float(time), f"E[{task.name}]": float(energy)}

    def equation(name: str, expression: Any, value: float, unit: str) -> Equation:
        expression = sympy.sympify(scalar(expression))
        return Equation(name, expression, _with_numbers(expression, known), value, unit)

    if metric == "latency":
        whole = (equation("latency", device.k_time * device.latency(run), figures.latency.ravel()[0], "s"),)
    else:
        period = device.k_time * device.period(run)
        object.__setattr__(device, "period", lambda _: symbol("period"))
        known["period"] = float(np.ravel(figures.period)[0])
        static, dynamic = float(np.ravel(figures.static)[0]), float(np.ravel(figures.dynamic)[0])
        whole = (
            equation("energy", symbol("static") + symbol("dynamic"), static + dynamic, "J"),
            equation("static", device.static_energy(run), static, "J"),
            equation("dynamic", device.k_energy * device.dynamic_energy(run), dynamic, "J"),
            equation("period", period, known["period"], "s"),
        )
        whole = (Equation("energy", whole[0].expression, f"{static:.4g} + {dynamic:.4g}", static + dynamic, "J"), *whole[1:])
    equations, work, named, meanings = [], {}, {}, {}
    for kind, operator in columns.operators.items():
        with naming() as names:
            cost = device.cost(symbolic_operator(kind))
        expression = sympy.sympify(cost.time if metric == "latency" else cost.energy)
        parts = _reached(expression, names)
        for name, part_ in parts.items():
            named.setdefault(name, {})[kind] = part_
        used = {str(s) for e in (expression, *parts.values()) for s in e.free_symbols} - set(parts)
        for name, definition in definitions(kind, used).items():
            work.setdefault(name, {})[kind] = definition
        for name in sorted(
            {*used, *(str(s) for e in definitions(kind, used).values() for s in e.free_symbols)} & set(operator.fields())
        ):
            meanings.setdefault(name, []).append(operator.fields()[name])
        sizes = [s for s in used if hasattr(type(operator), s) or s in operator.fields()]
        for j, i in enumerate(table.rows[kind]):
            values = {s: float(np.broadcast_to(getattr(operator, s), (len(table.rows[kind]), 1))[j, 0]) for s in sizes}
            for name, part_ in parts.items():
                values[name] = float(part_.subs({s: {**known, **values}[str(s)] for s in part_.free_symbols}))
            prefix, unit = ("t", "s") if metric == "latency" else ("E", "J")
            name = table.tasks[i].name
            text = _with_numbers(expression, {**known, **values})
            equations.append(Equation(f"{prefix}[{name}]", expression, text, known[f"{prefix}[{name}]"], unit))
    order = {task.name: i for i, task in enumerate(table.tasks)}
    equations.sort(key=lambda e: order[e.name[2:-1]])
    in_whole = {str(s) for e in whole for s in e.expression.free_symbols}
    sizes = {name: meaning for name, meaning in _RUN.items() if name in in_whole}
    sizes |= {name: " / ".join(dict.fromkeys(found)) for name, found in sorted(meanings.items())}
    return whole, tuple(equations), work, named, sizes


def _reached(expression: sympy.Expr, names: dict[str, Any]) -> dict[str, sympy.Expr]:
    """The named parts that an expression needs, those first that others need."""
    needed, waiting = set(), [expression]
    while waiting:
        for found in {str(s) for s in waiting.pop().free_symbols} & set(names) - needed:
            needed.add(found)
            waiting.append(sympy.sympify(names[found]))
    return {name: sympy.sympify(value) for name, value in names.items() if name in needed}


def _numbers(on: Part) -> dict[str, float]:
    return {name: value for name, value in on.values.items() if value is not None}


class _NumberPrinter(StrPrinter):
    """Prints an expression with numbers in place of its symbols, its form unchanged."""

    def __init__(self, values: dict[str, float]) -> None:
        super().__init__({"order": "none"})
        self.values = values

    def _print_Symbol(self, expr: sympy.Symbol) -> str:  # noqa: N802
        value = self.values.get(str(expr))
        return str(expr) if value is None else f"{value:.4g}"


def _with_numbers(expression: sympy.Expr, values: dict[str, float]) -> str:
    """The expression as text with numbers put in."""
    return _NumberPrinter(values).doprint(expression)


def latex_name(name: str) -> str:
    """A symbol's name in LaTeX: one letter italic, a word upright, what follows the first underscore an index."""
    head, index = name[:-1].split("[", 1) if "[" in name else name.partition("_")[::2]
    if head in GREEK:
        head = rf"\{head}"
    head = head if len(head) == 1 or head.startswith("\\") else rf"\mathrm{{{head}}}"
    return head + (rf"_{{\mathrm{{{_plain(index)}}}}}" if index else "")


def _plain(text: str) -> str:
    return text.replace("_", r"\ ").replace("#", r"\#").replace("%", r"\%")


def _why_wide(e: Explanation) -> list[str]:
    """What makes the interval, what would narrow it, one input a line; those of less than a hundredth are left out."""
    told = [width for width in e.widths if width.share >= 0.01]
    return (
        ["", "Why the interval is as wide as it is", *(f"  {w.name} {100 * w.share:.0f} %: {w.narrow}" for w in told)]
        if told
        else []
    )


def text(explanation: Explanation) -> str:
    """The explanation for people: equations with names, with numbers, then the sources."""
    e = explanation
    interval = {"latency": e.estimate.latency, "energy": e.estimate.energy}.get(e.metric)
    between = f" (90 %: {pretty(interval.low, e.unit)} … {pretty(interval.high, e.unit)})" if interval else ""
    lines = [f"{e.metric} on {e.estimate.device}: {pretty(e.value, e.unit, 4)}{between}", "", "In names"]
    lines += [f"  {q.name} = {q.expression}" for q in e.whole]
    seen: dict[str, list[str]] = {}
    for q in e.operators:
        seen.setdefault(str(q.expression), []).append(q.name)
    lines += [f"  {', '.join(names)} = {expression}" for expression, names in seen.items()]
    for name, kinds in e.work.items():
        told = dict.fromkeys(str(expression) for expression in kinds.values())
        each = [f"{one} ({', '.join(kind for kind in kinds if str(kinds[kind]) == one)})" for one in told]
        lines.append(f"  where {name} = {' or '.join(each if len(each) > 1 else told)}")
    for name, kinds in e.named.items():
        lines += [f"  where {name} = {told}" for told in dict.fromkeys(str(expression) for expression in kinds.values())]
    lines += [f"  {name}: {meaning}" for name, meaning in e.sizes.items()]
    lines += ["", "In numbers (SI)"]
    lines += [f"  {q.name} = {q.numbers} = {pretty(q.value, q.unit, 4)}" for q in (*e.whole, *e.operators)]
    lines += _why_wide(e)
    lines += ["", "Sources"]
    for name, c in e.constants.items():
        unit = "" if e.units[name] == "1" else e.units[name]
        about = "exact" if c.low == c.high else f"{pretty(c.low, unit)} … {pretty(c.high, unit)}"
        lines.append(f"  {name} = {pretty(c.value, unit, 4)} ({about}), {c.kind}: {c.source}" + (f" [{c.note}]" if c.note else ""))
    return "\n".join(lines)
