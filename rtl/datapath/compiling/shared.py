"""What all expressions of a neuron share."""

import math

import numpy as np
import sympy

from costmodel.rtl.datapath.compiling.constants import Constants, Number
from costmodel.rtl.datapath.compiling.sums import Fixed, differs
from costmodel.rtl.datapath.nodes import Builder
from costmodel.rtl.datapath.precision import Precision
from costmodel.rtl.datapath.tables import Table, tabulate


class Shared:
    """The nodes of a neuron, its constants, its tables, and its constants that differ between neurons."""

    def __init__(self, builder: Builder, constants: Constants, precision: Precision) -> None:
        self.builder, self.constants, self.precision = builder, constants, precision
        self.tables: dict[tuple, Table] = {}
        self.fields: dict[str, np.ndarray] = {}

    def field(self, numbers: np.ndarray, unit: float, down: bool = False) -> int:
        """The node of numbers that differ between neurons, in whole units, the nearest or those below."""
        exact = np.asarray(numbers, float) / unit
        whole = np.where(down, np.floor(exact + 1e-9), np.round(exact)).astype(np.int64)
        for name, known in self.fields.items():
            if np.array_equal(known, whole):
                return self.builder.input(name, int(whole.min()), int(whole.max()))
        return self.named_field(f"k{len(self.fields.keys() - {'bias'})}", whole)

    def named_field(self, name: str, whole: np.ndarray) -> int:
        """The node of integers that differ between neurons."""
        self.fields[name] = whole
        return self.builder.input(name, int(whole.min()), int(whole.max()))

    def number(self, number: Number) -> Fixed:
        """A number by itself, with ``constant_bits`` significant bits (``state_bits`` where it differs between neurons)."""
        largest, bits = float(np.abs(number).max()), self.precision.constant_bits
        bits = max(bits, self.precision.state_bits) if differs(number) else bits
        whole = not np.any(np.asarray(number) % 1) and largest < 2**bits
        unit = 1.0 if whole else 2.0 ** (math.frexp(largest)[1] - bits)
        if differs(number):
            return Fixed(self.field(np.asarray(number), unit), unit)
        return Fixed(self.builder.const(round(float(number) / unit)), unit)

    def table(self, function: sympy.Expr, variable: sympy.Symbol, value: Fixed) -> Fixed:
        """The value of a function of one variable, which is ``value``, from a table."""
        key = (function, value.node, value.unit)
        if key not in self.tables:
            bits, width = self.precision.table_bits, self.precision.state_bits
            node = self.builder[value.node]
            self.tables[key] = tabulate(f"table{len(self.tables)}", function, variable, node, value.unit, bits, width)
        table = self.tables[key]
        low, high = int(table.entries.min()), int(table.entries.max())
        return Fixed(self.builder.table(table.name, value.node, table.shift, low, high), table.unit)
