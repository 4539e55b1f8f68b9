"""Memristors that are read: static conductances with lognormal variation.

A programmed resistance is lognormal, ln R ~ N(ln r_median, σ²), as HfOx and Ag-based cells are measured to be; then so is G = 1/R.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from costmodel.devices.circuits.circuit import AnalogCircuit, Analysis, parameter
from costmodel.graphs.equations.algebra import Value, exp, sqrt

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit

    from costmodel.devices.spice.job import Waves


def mean_conductance(r_median: Value, sigma: Value) -> Value:
    """E[G] = e^(σ²/2) / r_median, S: above 1 / r_median, for the distribution leans."""
    return exp(sigma**2 / 2) / r_median


def conductance_deviation(r_median: Value, sigma: Value) -> Value:
    """√Var[G] = E[G] √(e^(σ²) − 1), S."""
    return mean_conductance(r_median, sigma) * sqrt(exp(sigma**2) - 1)


@dataclass(frozen=True)
class MemristorCells(AnalogCircuit):
    """Cells at one line, each its own column.

    They are the midpoints of as many equally likely strata instead of random draws, so that the moments of a few hundred cells are
    those of the distribution.
    """

    name: ClassVar[str] = "memristor-cells"
    units: ClassVar[dict[str, str]] = {"mean_conductance": "S", "conductance_deviation": "S"}

    r_median: float = parameter(100e3, "ohm", "median resistance", 1e2, 1e9)
    sigma: float = parameter(0.2, "1", "deviation of ln R", 0.01, 0.6)
    v_read: float = parameter(0.2, "V", "voltage of the line", 0.01, 1.0)
    cells: int = parameter(256, "1", "cells that are read", 128, 512)

    def predicted(self) -> dict[str, float]:
        """Moments of the lognormal distribution."""
        return {
            "mean_conductance": float(mean_conductance(self.r_median, self.sigma)),
            "conductance_deviation": float(conductance_deviation(self.r_median, self.sigma)),
        }

    def netlist(self) -> Circuit:
        """One source, the cells, and an ammeter in each column."""
        from PySpice.Spice.Netlist import Circuit

        netlist = Circuit("memristor-cells")
        netlist.V("read", "line", 0, self.v_read)
        for i in range(self.cells):
            off = NormalDist().inv_cdf((i + 0.5) / self.cells)
            netlist.R(f"cell{i}", "line", f"column{i}", self.r_median * float(exp(self.sigma * off)))
            netlist.V(f"column{i}", f"column{i}", 0, 0)
        return netlist

    def analysis(self) -> Analysis:
        """The operating point."""
        return Analysis(0.0, 0.0, tuple(f"i(vcolumn{i})" for i in range(self.cells)))

    def simulated(self, waves: Waves) -> dict[str, float]:
        """Mean and deviation of the columns' currents over v_read."""
        g = np.array([waves[f"i(vcolumn{i})"][-1] for i in range(self.cells)]) / self.v_read
        return {"mean_conductance": float(g.mean()), "conductance_deviation": float(g.std())}
