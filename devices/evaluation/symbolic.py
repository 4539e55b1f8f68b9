"""The equations of a device as sympy expressions: the same methods, called with symbols."""

import inspect
from functools import cache

import numpy as np
import sympy

from costmodel.devices.device import Device, Facts, Run
from costmodel.devices.part import Part
from costmodel.graphs.equations.algebra import Value
from costmodel.graphs.lowering.operators import KINDS, Operator


def symbol(name: str) -> sympy.Symbol:
    """A positive quantity of that name."""
    return sympy.Symbol(name, positive=True)


def symbolic_device(on: Part) -> Device:
    """The part's class with every parameter a symbol; optional ones that the part lacks stay None."""
    return on.device({name: None if value is None else symbol(name) for name, value in on.values.items()})


@cache
def work(kind: str) -> tuple[str, ...]:
    """Names of the work that an operator kind derives from its sizes."""
    return tuple(name for name, member in inspect.getmembers(KINDS[kind]) if isinstance(member, property))


def symbolic_operator(kind: str) -> Operator:
    """An operator whose sizes and derived work are all symbols of their own names."""
    names = work(kind)
    named = type(kind, (KINDS[kind],), dict.fromkeys(names))
    operator = named({name: symbol(name) for name in KINDS[kind].fields()})
    for name in names:
        setattr(operator, name, symbol(name))
    return operator


def definitions(kind: str, used: set[str]) -> dict[str, sympy.Expr]:
    """What the used pieces of derived work are in the operator's sizes."""
    plain = KINDS[kind]({name: symbol(name) for name in KINDS[kind].fields()})
    return {name: getattr(plain, name) for name in work(kind) if name in used}


def symbolic_run(
    tasks: list[str], layer: np.ndarray, executions: np.ndarray, transfer: np.ndarray, updates: np.ndarray | None = None
) -> Run:
    """A run in which each task's time and energy is a symbol, ``t[task]`` and ``E[task]``.

    Args:
        tasks: their names.
        layer: number of each one's layer.
        executions: (tasks,) executions per sample; as many as there are time steps becomes the symbol T.
        transfer: which are between host and device.
        updates: which update neurons; None: none of them.
    """
    steps = symbol("T")
    many = np.array([[steps if e else sympy.Integer(1)] for e in executions], dtype=object)
    time = np.array([[symbol(f"t[{name}]")] for name in tasks], dtype=object)
    energy = np.array([[symbol(f"E[{name}]")] for name in tasks], dtype=object)
    return Run(
        time=time,
        energy=energy,
        bounds={},
        executions=many,
        layer=layer,
        layers=int(layer.max()) + 1,
        transfer=transfer,
        updates=np.zeros(len(tasks), dtype=bool) if updates is None else updates,
        timesteps=steps,
        batch=symbol("batch"),
        depth=symbol("depth"),
        dt=symbol("dt"),
        neurons=symbol("neurons"),
    )


def symbolic_facts() -> Facts:
    """Facts of a network of one layer, all symbols."""
    plain = ("widest", "layer_names", "neuron_types", "rule")
    fields = {name: symbol(name) for name in Facts.__dataclass_fields__ if name not in plain}
    columns: dict[str, Value] = {
        name: np.array([[value]], dtype=object) if name.startswith("layer_") else value for name, value in fields.items()
    }
    return Facts(**columns, widest=None)


def scalar(value: Value) -> Value:
    """The one element of an array, or the value itself."""
    return value.ravel()[0] if isinstance(value, np.ndarray) else value
