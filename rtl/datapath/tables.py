"""A function of one variable as a table of its values."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy

from costmodel.graphs.errors import InputError
from costmodel.rtl.datapath.nodes import Node, width_of


@dataclass(frozen=True, eq=False)
class Table:
    """Entries read at the highest bits of a variable, taken as they are (in two's complement: negative values come last).

    Each entry is the function at the middle of the values that share it.

    Attributes:
        name: its name in the datapath.
        function: what it holds, in words.
        entries: integers, a power of two of them.
        shift: lowest bits of the variable that it does not see.
        unit: real value of one least significant bit of an entry.
        error: the largest difference to the function, rounding included, over the variable's whole interval, in real units.
    """

    name: str
    function: str
    entries: np.ndarray
    shift: int
    unit: float
    error: float

    @property
    def depth(self) -> int:
        """Entries."""
        return len(self.entries)

    @property
    def width(self) -> int:
        """Bits of an entry."""
        return width_of(int(self.entries.min()), int(self.entries.max()))


def tabulate(name: str, expression: sympy.Expr, variable: sympy.Symbol, node: Node, unit: float, bits: int, width: int) -> Table:
    """The table of an expression in one variable.

    Args:
        name: name of the table.
        expression: the function, with numbers for all else.
        variable: its variable.
        node: the integer that holds the variable: its interval is covered.
        unit: real value of the variable's least significant bit.
        bits: at most 2^bits entries.
        width: bits of an entry.

    Raises:
        InputError: the function is not finite somewhere on the interval.
    """
    real = function(expression, variable)
    shift = max(0, node.width - bits)
    address = np.arange(2 ** (node.width - shift))
    if node.signed:
        address = np.where(address >= len(address) // 2, address - len(address), address)
    middle = (address << shift) + ((1 << shift) - 1) / 2
    exact = real(np.clip(middle, node.low, node.high) * unit)
    stride = max(1, (node.high - node.low) >> 16) | 1  # odd, so that all places within an entry occur
    points = np.append(np.arange(node.low, node.high, stride), node.high)
    wanted = real(points * unit)
    if not (np.all(np.isfinite(exact)) and np.all(np.isfinite(wanted))):
        raise InputError(
            f"{expression} is not finite for {variable} between {node.low * unit:g} and {node.high * unit:g}",
            mend="give narrower ranges of the states",
        )
    scale = entry_unit(exact, width)
    entries = np.round(exact / scale).astype(np.int64)
    error = np.abs(entries[(points >> shift) & (len(entries) - 1)] * scale - wanted).max()
    return Table(name, str(expression), entries, shift, scale, float(error))


def function(expression: sympy.Expr, variable: sympy.Symbol) -> Callable[[np.ndarray], np.ndarray]:
    """The expression as a function of an array; where it is 0 ÷ 0 it is the mean of what it is a little before and after."""
    compiled = sympy.lambdify([variable], expression, "numpy")

    def real(x: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            y = np.array(np.broadcast_to(compiled(x), x.shape), float)
            holes = np.isnan(y)
            if holes.any():
                beside = np.maximum(np.abs(x[holes]), np.abs(x).max()) * 1e-6
                y[holes] = (compiled(x[holes] - beside) + compiled(x[holes] + beside)) / 2
        return y

    return real


def entry_unit(values: np.ndarray, width: int) -> float:
    """The power of two in which the values fit ``width`` bits, signed where any is negative."""
    largest = float(np.abs(values).max())
    places = width - bool(np.any(values < 0))
    return 2.0 ** (np.frexp(largest / (1 - 2.0 ** -(places + 1)))[1] - places) if largest else 1.0
