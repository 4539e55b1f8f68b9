"""Closed forms of the OTA-C leaky integrate-and-fire neuron, whose circuit is `devices.circuits.ota_lif`.

    c dv/dt = i_input − i_leak tanh(κ v / 2 U_T) − g v,    g = (i_input + i_leak) / v_early,    a spike where v ≥ v_threshold

The subthreshold transconductor is Mead's (Analog VLSI and Neural Systems, 1989); voltages are above its reference. For small v it
leaks with τ = c / G, G = κ i_leak / (2 U_T), for large v with a constant current. Its finite gain is g; its finite bandwidth a
capacitance c_mirror at G, which delays its current by c_mirror / G.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from costmodel.devices.circuits import firing
from costmodel.devices.circuits.pair import THERMAL_VOLTAGE, lead_charge, tanh
from costmodel.graphs.equations.algebra import Value, choose, exp, log, sqrt


def transconductance(i_bias: Value, kappa: Value) -> Value:
    """G = κ i_bias / (2 U_T), S: of a subthreshold differential pair at balance."""
    return kappa * i_bias / (2 * THERMAL_VOLTAGE)


def time_constant(c: Value, i_leak: Value, kappa: Value) -> Value:
    """τ = c / G, s."""
    return c / transconductance(i_leak, kappa)


def leak(v: Value, i_leak: Value, g: Value, kappa: Value) -> Value:
    """i_leak tanh(κ v / 2 U_T) + g v, A."""
    return i_leak * tanh(kappa * v / (2 * THERMAL_VOLTAGE)) + g * v


def primitive(u: Value, r: Value) -> Value:
    """∫_0^u du' / (r − tanh u') = (r u + ln(cosh u − sinh(u) / r)) / (r² − 1), for r above tanh u.

    (Differentiate: r + (sinh u − cosh(u) / r) / (cosh u − sinh(u) / r) = (r² − 1) / (r − tanh u).) r = 1 is a removable
    singularity, which is stepped over.
    """
    r = choose((r - 1) ** 2 < 1e-10, 1 + 1e-5, r)
    return (r * u + u + log(((r - 1) + (r + 1) * exp(-2 * u)) / (2 * r))) / (r**2 - 1)


def charging_time(v_start: Value, v_end: Value, c: Value, i_input: Value, i_leak: Value, g: Value, kappa: Value) -> Value:
    """From v_start to v_end, s: ∫ c dv / (i_input − i_leak tanh(κ v / 2 U_T)), with the tanh exactly.

    Without finite gain it is c 2U_T / (κ i) (P(u_end) − P(u_start)), u = κ v / 2 U_T, P the `primitive` at r = i_input / i.
    With it, i = i_leak + g v_end / tanh u_end has the same leak at both ends, and what the curves differ between them,
    ∫ c (1 / (i_input − i_leak tanh u − g v) − 1 / (i_input − i tanh u)) dv, is smooth and goes by Gauss-Legendre quadrature.
    """
    scale = kappa / (2 * THERMAL_VOLTAGE)
    i = effective_bias(v_end, i_leak, g, kappa)
    r = i_input / i
    time = c / (scale * i) * (primitive(scale * v_end, r) - primitive(scale * v_start, r))
    for point, weight in zip(*np.polynomial.legendre.leggauss(8), strict=True):
        v = v_start + (v_end - v_start) * (1 + float(point)) / 2
        bent, straight = leak(v, i_leak, g, kappa), leak(v, i, 0, kappa)
        share = (bent - straight) / ((i_input - bent) * (i_input - straight))
        time = time + c * (v_end - v_start) * float(weight) / 2 * share
    return time


def effective_bias(v: Value, i_leak: Value, g: Value, kappa: Value) -> Value:
    """i_leak + g v / tanh(κ v / 2 U_T), A: the bias of an ideal transconductor that leaks the same at v."""
    return i_leak + g * v / tanh(kappa * v / (2 * THERMAL_VOLTAGE))


def mirror_advance(v_end: Value, c_mirror: Value, i_input: Value, i_leak: Value, g: Value, kappa: Value) -> Value:
    """By how much the leak's finite bandwidth shortens the charging from 0, s: τ_p (i_leak / i) ln(1 / (1 − f / i_input)).

    The leak lags by τ_p = c_mirror / G: (c − τ_p i_leak tanh') dv/dt = i_input − f(v) to first order, and the integral of
    i_leak tanh' / (i_input − f) is that logarithm, f the leak at v_end, i the `effective_bias` there.
    """
    share = leak(v_end, i_leak, g, kappa) / i_input
    tau_p = c_mirror / transconductance(i_leak, kappa)
    return -tau_p * i_leak / effective_bias(v_end, i_leak, g, kappa) * log(1 - share)


@dataclass(frozen=True)
class Cell:
    """The neuron's values, numbers or symbols, in SI: see `OTALIF`. What follows from them are its closed forms."""

    i_input: Value
    i_leak: Value
    v_early: Value
    c_membrane: Value
    c_mirror: Value
    v_threshold: Value
    v_low: Value
    v_dd: Value
    i_bias: Value
    c_comparator: Value
    r_reset: Value
    kappa: Value

    @property
    def g(self) -> Value:
        """Output conductance of both transconductors, S."""
        return (self.i_input + self.i_leak) / self.v_early

    @property
    def tau_c(self) -> Value:
        """The comparator's pole, s."""
        return firing.comparator_pole(self.c_comparator, self.v_dd, self.i_bias)

    def slope(self, v: Value) -> Value:
        """dv/dt at a voltage, V/s."""
        return (self.i_input - leak(v, self.i_leak, self.g, self.kappa)) / self.c_membrane

    @property
    def delay(self) -> Value:
        """From the crossing of the threshold to firing, s."""
        return firing.delay(self.tau_c, firing.steepness(self.slope(self.v_threshold), self.kappa))

    def time_to_threshold(self, v_start: Value = 0.0) -> Value:
        """From a voltage to firing, s: charging, less the mirror's advance, and the comparator's delay."""
        i_input, i_leak, g, kappa = self.i_input, self.i_leak, self.g, self.kappa
        crossing = charging_time(v_start, self.v_threshold, self.c_membrane, i_input, i_leak, g, kappa)
        advance = mirror_advance(self.v_threshold, self.c_mirror, i_input, i_leak, g, kappa)
        return crossing - advance + self.delay

    @property
    def reset(self) -> firing.Reset:
        """The reset after a spike; the closed switch holds v_low against i_input less what leaks there."""
        peak = self.v_threshold + self.slope(self.v_threshold) * self.delay
        rest = self.c_membrane * self.slope(self.v_low) * self.r_reset
        return firing.reset(peak, self.v_low, rest, self.r_reset * self.c_membrane, self.tau_c, self.kappa)

    @property
    def period(self) -> Value:
        """From one firing to the next, s."""
        back = self.reset
        return back.time + self.time_to_threshold(back.end)

    @property
    def energy_per_spike(self) -> Value:
        """v_dd (i_input + i_leak + i_bias) T and the comparator's load, J."""
        back, late, slope = self.reset, self.delay, self.slope(self.v_threshold)
        span = self.v_threshold - back.end
        lead = lead_charge(lambda distance: self.slope(self.v_threshold - distance), span, self.kappa)
        pair = lead + firing.late_charge(late, firing.steepness(slope, self.kappa)) + back.charge
        return self.v_dd * ((self.i_input + self.i_leak + self.i_bias) * self.period + self.i_bias * pair)

    @property
    def static_power(self) -> Value:
        """Of a neuron at rest without input, W: v_dd i_leak and the comparator."""
        return self.v_dd * self.i_leak + firing.static_power(self.v_dd, self.i_bias, self.v_threshold, self.kappa)

    def rate_spread(self, sigma_vt: Value, step: float = 1e-4) -> Value:
        """Relative deviation of the spike rate under mismatch: √Σ (∂ ln T / ∂ ln i)² κ σ_vt / U_T, over i_input and i_leak.

        A threshold voltage that is off by δ changes a subthreshold current by κ δ / U_T (Pelgrom et al., IEEE JSSC 24, 1989, for
        σ_vt). The derivatives are central differences of `period`.
        """
        total: Value = 0
        for name in ("i_input", "i_leak"):
            value = getattr(self, name)
            high, low = (dataclasses.replace(self, **{name: value * (1 + sign * step)}).period for sign in (1, -1))
            total = total + (log(high / low) / (2 * step)) ** 2
        return self.kappa * sigma_vt / THERMAL_VOLTAGE * sqrt(total)
