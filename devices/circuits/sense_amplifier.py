"""A transimpedance amplifier at a crossbar's column: it holds the line near 0 and gives −r_feedback times its current.

The op-amp has one pole, A(s) = a / (1 + s a / ω_u), ω_u = 2π gbw. Kirchhoff's law at the line, with
g = 1/r_column + 1/r_feedback, gives

    v_out (a2 s² + a1 s + a0) = −i,    a0 = 1/r_feedback + g / a,    a1 = c_feedback + (c_line + c_feedback) / a + g / ω_u,
    a2 = (c_line + c_feedback) / ω_u
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from costmodel.devices.circuits.circuit import AnalogCircuit, Analysis, parameter
from costmodel.graphs.equations.algebra import Value, exp, log, sqrt
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit

    from costmodel.devices.spice.job import Waves


def gain_error(gain: Value, r_column: Value, r_feedback: Value) -> Value:
    """ε / (1 + ε), ε = (1 + r_feedback / r_column) / a: by how much the output falls short of −i r_feedback."""
    short = (1 + r_feedback / r_column) / gain
    return short / (1 + short)


def coefficients(
    gain: Value, gbw: Value, r_column: Value, r_feedback: Value, c_line: Value, c_feedback: Value
) -> tuple[Value, Value, Value]:
    """(a0, a1, a2) of the module's equation: S, F, F s."""
    g, unity = 1 / r_column + 1 / r_feedback, 2 * math.pi * gbw
    both = c_line + c_feedback
    return 1 / r_feedback + g / gain, c_feedback + both / gain + g / unity, both / unity


def settling_time(a0: Value, a1: Value, a2: Value, tolerance: Value) -> Value:
    """Until the output is within a relative tolerance of where it settles, s, for real poles p1 < p2.

    The error (p2 e^(−p1 t) − p1 e^(−p2 t)) / (p2 − p1) is the slow pole's at the end; the fast one's share is put in by iteration.
    """
    root = sqrt(a1**2 - 4 * a0 * a2)
    p1, p2 = 2 * a0 / (a1 + root), (a1 + root) / (2 * a2)
    time = log(p2 / ((p2 - p1) * tolerance)) / p1
    for _ in range(3):
        time = log(p2 / ((p2 - p1) * tolerance + p1 * exp(-p2 * time))) / p1
    return time


def static_power(v_dd: Value, i_supply: Value) -> Value:
    """v_dd i_supply, W: the amplifier's bias."""
    return v_dd * i_supply


@dataclass(frozen=True)
class SenseAmplifier(AnalogCircuit):
    """The amplifier under a step of the read voltage. Static power counts its bias, not what the column takes."""

    name: ClassVar[str] = "sense-amplifier"
    units: ClassVar[dict[str, str]] = {"gain_error": "1", "settling_time": "s", "static_power": "W"}

    r_column: float = parameter(10e3, "ohm", "resistance of the column's cells in parallel", 1e2, 1e7)
    r_feedback: float = parameter(10e3, "ohm", "feedback resistance", 1e2, 1e7)
    c_line: float = parameter(200e-15, "F", "capacitance of the column", 1e-15, 1e-11)
    c_feedback: float = parameter(200e-15, "F", "feedback capacitance", 1e-16, 1e-11)
    gain: float = parameter(1000.0, "1", "open-loop gain", 10.0, 1e5)
    gbw: float = parameter(1e9, "Hz", "gain-bandwidth product", 1e5, 1e10)
    v_read: float = parameter(0.2, "V", "read voltage", 0.01, 1.0)
    v_dd: float = parameter(1.2, "V", "supply", 0.8, 3.3)
    i_supply: float = parameter(50e-6, "A", "bias current", 1e-9, 1e-2)
    tolerance: float = parameter(0.01, "1", "relative error of a settled output", 1e-3, 0.1)

    def check(self) -> None:
        """Refuses amplifiers that ring, and outputs beyond the supply."""
        a0, a1, a2 = self.coefficients
        if a1**2 < 4.4 * a0 * a2:
            what = f"c_feedback is {self.c_feedback:g} F: the amplifier would ring"
            raise InputError(what, mend="raise c_feedback or gbw", where=self.name)
        if self.v_read * self.r_feedback / self.r_column > self.v_dd:
            what = f"r_feedback is {self.r_feedback:g} ohm: the output would go beyond the supply ({self.v_dd:g} V)"
            raise InputError(what, mend="lower r_feedback or v_read", where=self.name)

    @property
    def coefficients(self) -> tuple[float, float, float]:
        """(a0, a1, a2)."""
        return coefficients(self.gain, self.gbw, self.r_column, self.r_feedback, self.c_line, self.c_feedback)

    def predicted(self) -> dict[str, float]:
        """By the closed forms above."""
        return {
            "gain_error": float(gain_error(self.gain, self.r_column, self.r_feedback)),
            "settling_time": float(settling_time(*self.coefficients, self.tolerance)),
            "static_power": float(static_power(self.v_dd, self.i_supply)),
        }

    def netlist(self) -> Circuit:
        """Column as a resistance and a capacitance, the op-amp as its pole and an ideal output."""
        from PySpice.Spice.Netlist import Circuit

        netlist = Circuit("sense-amplifier")
        netlist.V("read", "row", 0, self.v_read)
        netlist.V("dd", "supply", 0, self.v_dd)
        netlist.I("bias", "supply", 0, self.i_supply)
        netlist.R("column", "row", "line", self.r_column)
        netlist.C("line", "line", 0, self.c_line)
        netlist.R("feedback", "line", "out", self.r_feedback)
        netlist.C("feedback", "line", "out", self.c_feedback)
        netlist.B("gain", 0, "pole", i=f"{-self.gain:.9g}*v(line)/1k")
        netlist.R("pole", "pole", 0, 1e3)
        netlist.C("pole", "pole", 0, self.gain / (2 * math.pi * self.gbw) / 1e3)
        netlist.VCVS("out", "out", 0, "pole", 0, voltage_gain=1)
        return netlist

    def analysis(self) -> Analysis:
        """From 0 V until the error is far below the tolerance."""
        time = self.predicted()["settling_time"]
        end = time * max(4.0, 1 + 14 / math.log(1 / self.tolerance))
        return Analysis(time / 200, end, ("v(out)", "i(vdd)"), initial=True, relative=1e-6)

    def simulated(self, waves: Waves) -> dict[str, float]:
        """Settling is the last time that the output is off by the tolerance."""
        out = waves["v(out)"]
        settled = float(out[-1])
        off = np.abs(out / settled - 1) - self.tolerance
        last = int(np.flatnonzero(off > 0)[-1])
        share = off[last] / (off[last] - off[last + 1])
        return {
            "gain_error": 1 + settled * self.r_column / (self.v_read * self.r_feedback),
            "settling_time": float(waves.time[last] + share * (waves.time[last + 1] - waves.time[last])),
            "static_power": -float(waves["i(vdd)"][-1]) * self.v_dd,
        }
