"""The equations of a device class as JavaScript functions: the cost of each operator kind, and how operators compose.

In them ``p`` holds the part's parameters, ``o`` an operator's sizes, ``n`` the network's (timesteps, batch, depth, dt, neurons),
and ``t``, ``e`` and ``c`` the times, energies and causes of all operators.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy

from costmodel.devices.device import Device, Run
from costmodel.devices.evaluation.evaluate import composed
from costmodel.graphs.equations.algebra import naming
from costmodel.graphs.lowering.operators import KINDS
from costmodel.graphs.lowering.table import Table
from costmodel.reporting.sliders.javascript import assignments, printed


@dataclass(frozen=True)
class Formula:
    """A JavaScript function, and the parameters and sizes that it reads."""

    code: str
    parameters: frozenset[str]
    sizes: frozenset[str]


@dataclass(frozen=True)
class KindFormulas:
    """Functions of an operator kind on a device class.

    Attributes:
        cost: ``(p, o, i, t, e)`` puts time (s) and dynamic energy (J) of one execution at index i.
        causes: ``(p, o, i, c)`` puts there what the time is spent on, by number in ``names``.
        names: what that is.
    """

    cost: Formula
    causes: Formula
    names: tuple[str, ...]


@dataclass(frozen=True)
class Composition:
    """How a device class composes the operators of a network.

    Attributes:
        cost: ``(p, n, t, e, out)`` puts latency (s), static and dynamic energy of a sample (J) into ``out``.
        spent: ``(p, n, t, c, out)`` puts there what the time of a sample is spent on, s, in the order of ``names``.
        names: what that is.
    """

    cost: Formula
    spent: Formula
    names: tuple[str, ...]


def symbol(name: str) -> sympy.Symbol:
    """A quantity by its JavaScript name."""
    return sympy.Symbol(name, positive=True)


def symbolic(of: type[Device], missing: Iterable[str]) -> Device:
    """A device whose parameters are symbols; the missing ones are None."""
    absent = set(missing)
    return of({name: None if name in absent else symbol(f"p.{name}") for name in of.params})


@cache
def kind_formulas(of: type[Device], missing: frozenset[str], kind: str) -> KindFormulas:
    """The functions of an operator kind on a device class whose ``missing`` parameters have no value."""
    operator = KINDS[kind]({name: symbol(f"o.{name}") for name in KINDS[kind].fields()})
    with naming() as names:
        cost = symbolic(of, missing).cost(operator)
    causes = tuple(cost.bounds)
    spent = assignments({f"c[{j}][i]": cost.bounds[cause] for j, cause in enumerate(causes)}, names)
    return KindFormulas(
        _formula("p, o, i, t, e", assignments({"t[i]": cost.time, "e[i]": cost.energy}, names), of, kind),
        _formula("p, o, i, c", spent, of, kind),
        causes,
    )


def composition(of: type[Device], missing: frozenset[str], table: Table, run: Run) -> Composition:
    """How the device class composes a network.

    Args:
        of, missing: as in `kind_formulas`.
        table: the network.
        run: the same network costed with numbers, for its layers.
    """
    tasks, steps = range(len(table.tasks)), symbol("n.timesteps")
    causes = {kind: kind_formulas(of, missing, kind).names for kind, rows in table.rows.items() if len(rows)}
    bounds = {name: np.full((len(table.tasks), 1), sympy.Integer(0), dtype=object) for name in run.bounds}
    for kind, names in causes.items():
        for name in names:
            bounds[name][table.rows[kind], 0] = [symbol(f"c[{names.index(name)}][{i}]") for i in table.rows[kind]]
    every = Run(
        time=np.array([[symbol(f"t[{i}]")] for i in tasks], dtype=object),
        energy=np.array([[symbol(f"e[{i}]")] for i in tasks], dtype=object),
        bounds=bounds,
        executions=np.array([[steps if per_step else sympy.Integer(1)] for per_step in table.per_step[:, 0]], dtype=object),
        layer=run.layer,
        layers=run.layers,
        transfer=run.transfer,
        updates=run.updates,
        timesteps=steps,
        batch=symbol("n.batch"),
        depth=symbol("n.depth"),
        dt=symbol("n.dt"),
        neurons=symbol("n.neurons"),
    )
    device = symbolic(of, missing)
    latency, _, static, dynamic = composed(device, every)
    costs, spent = (latency, static, dynamic), device.spent(every)
    return Composition(
        _formula("p, n, t, e, out", _put(costs), of),
        _formula("p, n, t, c, out", _put(spent.values()), of),
        tuple(spent),
    )


def _put(values: Iterable) -> str:
    """Statements that put values into ``out``. (Temporaries would make sympy evaluate a `Max` of all layers, which takes long.)"""
    return "\n".join(f"out[{k}] = {printed(sympy.sympify(np.ravel(value)[0]))};" for k, value in enumerate(values))


def _formula(arguments: str, body: str, of: type[Device], kind: str | None = None) -> Formula:
    read = {name for name in of.params if _reads(body, "p", name)}
    sizes = {name for name in (KINDS[kind].fields() if kind else ()) if _reads(body, "o", name)}
    return Formula(f"({arguments}) => {{\n{body}\n}}", frozenset(read), frozenset(sizes))


def _reads(code: str, holder: str, name: str) -> bool:
    """Whether code reads a property of that whole name."""
    return any(not (after[:1].isalnum() or after[:1] == "_") for after in code.split(f"{holder}.{name}")[1:])
