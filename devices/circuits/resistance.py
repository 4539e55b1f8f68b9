"""How a memristor's resistance follows its state w, from r_on at 0 to r_off at 1 (Kvatinsky et al. 2015)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from costmodel.devices.circuits.sums import geometric_sum, harmonic_sum
from costmodel.graphs.equations.algebra import Value, log, maximum, minimum


@dataclass(frozen=True)
class Linear:
    """R = r_on + (r_off − r_on) w, ohm."""

    r_on: Value
    r_off: Value

    def at(self, w: Value) -> Value:
        """R(w), ohm."""
        return self.r_on + (self.r_off - self.r_on) * w

    def state(self, r: Value) -> Value:
        """The w at which the resistance is r."""
        return (r - self.r_on) / (self.r_off - self.r_on)

    def conductance_integral(self, w_start: Value, w_end: Value) -> Value:
        """∫ dw / R = ln(R_end / R_start) / (r_off − r_on), S."""
        return log(self.at(w_end) / self.at(w_start)) / (self.r_off - self.r_on)

    def conductance_sum(self, w_start: Value, step: Value, count: Value) -> Value:
        """Σ 1/R(w_start + k step), k = 1 … count, S: a harmonic series."""
        rise = (self.r_off - self.r_on) * step
        least = minimum(self.at(w_start + step), self.at(w_start + count * step))
        return harmonic_sum(least, maximum(rise, -rise), count)

    def spice(self, w: str) -> str:
        """R of the voltage w as SPICE's expression; for numbers."""
        return f"({self.r_on:.9g}+{self.r_off - self.r_on:.9g}*{w})"


@dataclass(frozen=True)
class Exponential:
    """R = r_on (r_off / r_on)^w, ohm."""

    r_on: Value
    r_off: Value

    def at(self, w: Value) -> Value:
        """R(w), ohm."""
        return self.r_on * (self.r_off / self.r_on) ** w

    def state(self, r: Value) -> Value:
        """The w at which the resistance is r."""
        return log(r / self.r_on) / log(self.r_off / self.r_on)

    def conductance_integral(self, w_start: Value, w_end: Value) -> Value:
        """∫ dw / R = (1/R_start − 1/R_end) / ln(r_off / r_on), S."""
        return (1 / self.at(w_start) - 1 / self.at(w_end)) / log(self.r_off / self.r_on)

    def conductance_sum(self, w_start: Value, step: Value, count: Value) -> Value:
        """Σ 1/R(w_start + k step), k = 1 … count, S: a geometric series."""
        return geometric_sum(1 / self.at(w_start + step), (self.r_on / self.r_off) ** step, count)

    def spice(self, w: str) -> str:
        """R of the voltage w as SPICE's expression; for numbers."""
        return f"({self.r_on:.9g}*exp({math.log(self.r_off / self.r_on):.9g}*{w}))"


Resistance = Linear | Exponential
