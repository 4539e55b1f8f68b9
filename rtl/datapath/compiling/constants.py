"""The numbers that a neuron's step needs, from its parameters: one for all neurons, or one for each."""

from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
import sympy
from numpy.typing import ArrayLike

from costmodel.graphs.equations.discretise import linear
from costmodel.graphs.equations.neuron import Neuron
from costmodel.graphs.errors import InputError, nearest

Number = float | np.ndarray
"""One number for all neurons, or an array with one for each."""


def same(values: ArrayLike) -> Number:
    """The one number where all are equal, else the array."""
    array = np.asarray(values, float)
    return float(array.flat[0]) if array.size and np.all(array == array.flat[0]) else array


class Constants:
    """Values of expressions without states or input.

    Args:
        neuron: the neuron.
        parameters: name → value, or an array with one per neuron; those left out take their default. SI.
        dt: length of a step (of a substep, where there are several), s.

    Raises:
        InputError: an unknown parameter, a missing one, one that is no finite number, or arrays of different lengths.
    """

    def __init__(self, neuron: type[Neuron], parameters: Mapping[str, ArrayLike], dt: float) -> None:
        if not (np.isfinite(dt) and dt > 0):
            raise InputError(f"dt is {dt}, a length of time above 0 s is needed")
        self.parameters = _checked(neuron, parameters)
        self.values: dict[str, Number] = {**self.parameters, "dt": float(dt)}
        if neuron.dynamics and neuron.integrator == "exact":
            self.values |= _propagator(neuron, self.values, float(dt))

    def of(self, expression: sympy.Basic) -> Number:
        """The value of an expression.

        Raises:
            InputError: it is not finite with these parameters.
        """
        if isinstance(expression, sympy.Number):
            return float(expression)
        names, function = _function(expression)
        with np.errstate(all="ignore"):
            value = same(function(*(self.values[name] for name in names)))
        if not np.all(np.isfinite(value)):
            raise InputError(f"{expression} is not finite with these parameters and dt = {self.values['dt']:g} s")
        return value


@lru_cache(maxsize=1024)
def _function(expression: sympy.Basic) -> tuple[list[str], Callable]:
    """The names that an expression reads, and it as a function of them."""
    names = sorted(str(symbol) for symbol in expression.free_symbols)
    return names, sympy.lambdify([sympy.Symbol(name, real=True) for name in names], _real(expression), "numpy")


def _real(expression: sympy.Basic) -> sympy.Basic:
    return expression.xreplace({symbol: sympy.Symbol(str(symbol), real=True) for symbol in expression.free_symbols})


def _checked(neuron: type[Neuron], parameters: Mapping[str, ArrayLike]) -> dict[str, Number]:
    where = f"neuron '{neuron.type}'"
    for name in parameters:
        if name not in neuron.params:
            raise InputError(f"no parameter '{name}'", mend=nearest(name, neuron.params), where=where)
    values, length = {}, 0
    for name, info in neuron.params.items():
        given = parameters.get(name, info.default)
        if given is None:
            raise InputError(f"parameter '{name}' is missing", mend=f"give it, in {info.unit}", where=where)
        array = np.asarray(given, float)
        if array.ndim > 1 or array.size == 0 or not np.all(np.isfinite(array)):
            raise InputError(f"parameter '{name}' is neither a finite number nor a list of them, one per neuron", where=where)
        if array.ndim == 1 and array.size > 1:
            if length not in (0, array.size):
                raise InputError(f"parameter '{name}' has {array.size} values, another has {length}", where=where)
            length = array.size
        values[name] = same(array)
    return values


def _propagator(neuron: type[Neuron], values: Mapping[str, Number], dt: float) -> dict[str, Number]:
    """P, Q and O of x ← P x + Q I + O by the exponential of [[A, b, c], [0, 0, 0], [0, 0, 0]] dt."""
    states, n = [str(state) for state in neuron.dynamics], len(neuron.dynamics)
    names = sorted(values)
    entries = _matrix(neuron, tuple(names))(*(values[k] for k in names))
    shape = np.broadcast_shapes(*(np.shape(entry) for entry in entries))
    matrix = np.stack([np.broadcast_to(np.asarray(entry, float), shape) for entry in entries], -1).reshape(*shape, n + 2, n + 2)
    result = exponential(matrix * dt)
    found = {f"P_{r}_{s}": result[..., i, j] for i, r in enumerate(states) for j, s in enumerate(states)}
    found |= {f"Q_{r}": result[..., i, n] for i, r in enumerate(states)}
    found |= {f"O_{r}": result[..., i, n + 1] for i, r in enumerate(states)}
    return {name: same(value) for name, value in found.items()}


@lru_cache(maxsize=256)
def _matrix(neuron: type[Neuron], names: tuple[str, ...]) -> Callable:
    """The entries of [[A, b, c], [0, 0, 0], [0, 0, 0]], row by row, as a function of parameters."""
    system = linear(neuron)
    if system is None:
        raise InputError("is not linear: name an integrator other than 'exact'", where=f"neuron '{neuron.type}'")
    n = len(neuron.dynamics)
    whole = sympy.zeros(n + 2)
    whole[:n, :n], whole[:n, n], whole[:n, n + 1] = system
    return sympy.lambdify([sympy.Symbol(name, real=True) for name in names], list(whole), "numpy")


def exponential(matrix: np.ndarray) -> np.ndarray:
    """exp of square matrices (…, n, n), by Taylor's series of the matrix halved until it is small, squared again as often."""
    norm = float(np.abs(matrix).sum(-1).max(initial=0.0))
    halvings = max(0, int(np.ceil(np.log2(norm))) + 2) if norm > 0 else 0
    small = matrix / 2.0**halvings
    result = term = np.broadcast_to(np.eye(matrix.shape[-1]), matrix.shape)
    for order in range(1, 16):
        term = term @ small / order
        result = result + term
    for _ in range(halvings):
        result = result @ result
    return result
