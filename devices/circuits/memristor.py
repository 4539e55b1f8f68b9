"""A memristor that is written: VTEAM (Kvatinsky et al., IEEE Transactions on Circuits and Systems II 62(8), 2015).

    dw/dt = k_off (v / v_off − 1)^α_off  for v > v_off > 0,    k_on (v / v_on − 1)^α_on  for v < v_on < 0,    0 between them

The state w goes from 0 (r_on) to 1 (r_off), so k_off > 0 and k_on < 0 are in 1/s (the paper's k over its w_off − w_on); the
window is rectangular: it stops w at both ends. Resistance is linear in w, R = r_on + (r_off − r_on) w, or exponential,
R = r_on (r_off/r_on)^w.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from costmodel.devices.circuits.circuit import AnalogCircuit, Analysis, parameter
from costmodel.devices.circuits.resistance import Exponential, Linear, Resistance
from costmodel.graphs.equations.algebra import Value, ceiling
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit

    from costmodel.devices.spice.job import Waves

STATE = 1e-9
"""Capacitance whose voltage is w in the netlist, F: a scale only."""


def speed(v: Value, k: Value, v_threshold: Value, alpha: Value) -> Value:
    """dw/dt = k (v / v_threshold − 1)^α, 1/s, beyond the threshold of that sign."""
    return k * (v / v_threshold - 1) ** alpha


def switching_time(w_start: Value, w_end: Value, rate: Value) -> Value:
    """(w_end − w_start) / (dw/dt), s: under a constant voltage the state moves evenly."""
    return (w_end - w_start) / rate


def programming_energy(v: Value, w_start: Value, w_end: Value, rate: Value, law: Resistance) -> Value:
    """∫ v² / R dt = (v² / (dw/dt)) ∫ dw / R, J; ``law`` says how R follows w."""
    return v**2 / rate * law.conductance_integral(w_start, w_end)


def verify_pulses(w_start: Value, w_near: Value, rate: Value, t_pulse: Value) -> Value:
    """⌈(w_near − w_start) / (dw/dt t_pulse)⌉: until the state has passed the near edge of the tolerated band."""
    return ceiling((w_near - w_start) / (rate * t_pulse))


def verify_time(pulses: Value, t_pulse: Value, t_read: Value) -> Value:
    """pulses (t_pulse + t_read), s: each is followed by a read."""
    return pulses * (t_pulse + t_read)


def verify_energy(
    pulses: Value, w_start: Value, rate: Value, v: Value, t_pulse: Value, v_read: Value, t_read: Value, law: Resistance
) -> Value:
    """Energy of the pulses and of the reads after them, J.

    Pulses: `programming_energy` to w = w_start + pulses Δ, Δ = dw/dt t_pulse. Reads: v_read² t_read Σ 1/R(w_k), w_k = w_start +
    k Δ, k = 1 … pulses.
    """
    step = rate * t_pulse
    write = programming_energy(v, w_start, w_start + pulses * step, rate, law)
    return write + v_read**2 * t_read * law.conductance_sum(w_start, step, pulses)


@dataclass(frozen=True)
class Memristor(AnalogCircuit):
    """Two memristors: one under a constant v_write until it is at w_target, one that is written and verified.

    Energy is what the two sources give; a read's line and converter are not in it.
    """

    name: ClassVar[str] = "memristor"
    units: ClassVar[dict[str, str]] = {
        "programming_time": "s",
        "programming_energy": "J",
        "verify_pulses": "1",
        "verify_time": "s",
        "verify_energy": "J",
    }

    r_on: float = parameter(10e3, "ohm", "resistance at w = 0", 1e2, 1e6)
    r_off: float = parameter(200e3, "ohm", "resistance at w = 1", 1e3, 1e8)
    v_on: float = parameter(-0.7, "V", "threshold below which w falls", -1.5, -0.2)
    v_off: float = parameter(0.7, "V", "threshold above which w rises", 0.2, 1.5)
    k_on: float = parameter(-1e5, "1/s", "speed at twice v_on", -1e8, -1e2)
    k_off: float = parameter(1e5, "1/s", "speed at twice v_off", 1e2, 1e8)
    alpha_on: float = parameter(3.0, "1", "exponent below v_on", 1.0, 5.0)
    alpha_off: float = parameter(3.0, "1", "exponent above v_off", 1.0, 5.0)
    exponential: int = parameter(0, "1", "1: ln R is linear in w; 0: R is", 0, 1)
    v_write: float = parameter(1.2, "V", "voltage of a write", -4.0, 4.0)
    v_read: float = parameter(0.2, "V", "voltage of a read", 0.02, 0.5)
    w_start: float = parameter(0.1, "1", "state before", 0.0, 1.0)
    w_target: float = parameter(0.7, "1", "state wanted", 0.0, 1.0)
    tolerance: float = parameter(0.05, "1", "relative error of the conductance that is let pass", 0.01, 0.3)
    t_pulse: float = parameter(0.4e-6, "s", "width of a write pulse", 1e-9, 1e-3)
    t_read: float = parameter(0.2e-6, "s", "time of a read", 1e-9, 1e-3)

    def check(self) -> None:
        """Refuses writes below the threshold or the wrong way, reads beyond it, and pulses that step over the target."""
        if self.r_on >= self.r_off:
            raise InputError(f"r_on ({self.r_on:g} ohm) is not below r_off ({self.r_off:g} ohm)", mend="swap them", where=self.name)
        if self.v_read >= self.v_off:
            what = f"v_read is {self.v_read:g} V, beyond v_off ({self.v_off:g} V): a read would write"
            raise InputError(what, mend="lower v_read", where=self.name)
        threshold = self.v_off if self.v_write > 0 else self.v_on
        if self.v_write / threshold < 1.01:
            what = f"v_write is {self.v_write:g} V, short of the threshold ({threshold:g} V)"
            raise InputError(what, mend="raise its magnitude above that", where=self.name)
        if (self.w_target - self.w_start) * self.v_write <= 0:
            what = f"v_write is {self.v_write:g} V, and w is to go from {self.w_start:g} to {self.w_target:g}"
            raise InputError(what, mend="positive voltages raise w, negative ones lower it", where=self.name)
        if not 0 < self.pulses <= 100:
            what = f"t_pulse is {self.t_pulse:g} s: write and verify takes {self.pulses:g} pulses"
            raise InputError(what, mend="choose it, or the tolerance, for 1 to 100", where=self.name)
        reached = self.w_start + self.pulses * self.rate * self.t_pulse
        if not (0 <= reached <= 1 and abs(self.at(self.w_target) / self.at(reached) - 1) <= 0.95 * self.tolerance):
            what = f"t_pulse is {self.t_pulse:g} s: its steps pass over the tolerated band"
            raise InputError(what, mend="shorten the pulse or widen the tolerance", where=self.name)

    @property
    def law(self) -> Resistance:
        """How R follows w."""
        return (Exponential if self.exponential else Linear)(self.r_on, self.r_off)

    def at(self, w: float) -> float:
        """R(w), ohm."""
        return float(self.law.at(w))

    @property
    def rate(self) -> float:
        """dw/dt during a write, 1/s."""
        if self.v_write > 0:
            return speed(self.v_write, self.k_off, self.v_off, self.alpha_off)
        return speed(self.v_write, self.k_on, self.v_on, self.alpha_on)

    @property
    def pulses(self) -> float:
        """Of write and verify, to the band's near edge: where the conductance is off by the tolerance."""
        # w rises: conductance falls onto (1 + tolerance) times the target's, and the other way round.
        edge = self.at(self.w_target) / (1 + math.copysign(self.tolerance, self.v_write))
        near = float(self.law.state(edge))
        return float(verify_pulses(self.w_start, near, self.rate, self.t_pulse))

    def predicted(self) -> dict[str, float]:
        """By the closed forms above."""
        w, v, rate, n = self.w_start, self.v_write, self.rate, self.pulses
        return {
            "programming_time": float(switching_time(w, self.w_target, rate)),
            "programming_energy": float(programming_energy(v, w, self.w_target, rate, self.law)),
            "verify_pulses": n,
            "verify_time": float(verify_time(n, self.t_pulse, self.t_read)),
            "verify_energy": float(verify_energy(n, w, rate, v, self.t_pulse, self.v_read, self.t_read, self.law)),
        }

    def netlist(self) -> Circuit:
        """Two memristors as behavioural sources, a constant source, and a pulse train that rests at v_read."""
        from PySpice.Spice.Netlist import Circuit

        netlist = Circuit("memristor")
        edge = min(self.t_pulse, self.t_read) / 1000
        netlist.V("constant", "constant", 0, self.v_write)
        netlist.PulseVoltageSource(
            "train",
            "train",
            0,
            dc_offset=self.v_read,
            initial_value=self.v_read,
            pulsed_value=self.v_write,
            rise_time=edge,
            fall_time=edge,
            pulse_width=self.t_pulse - edge,
            period=self.t_pulse + self.t_read,
        )
        for node in ("constant", "train"):
            w = f"v(w{node})"
            r = self.law.spice(w)
            netlist.B(f"cell{node}", node, 0, i=f"v({node})/{r}")
            # 1e-9 instead of 0: the derivative of 0^α is not a number. The window closes over the last thousandth,
            # so that the solver sees no step.
            off = f"{self.k_off * STATE:.9g}*max(v({node})/{self.v_off:.9g}-1,1e-9)^{self.alpha_off:.9g}*min(max((1-{w})*1k,0),1)"
            on = f"{-self.k_on * STATE:.9g}*max(v({node})/({self.v_on:.9g})-1,1e-9)^{self.alpha_on:.9g}*min(max({w}*1k,0),1)"
            netlist.B(f"state{node}", 0, f"w{node}", i=f"{off}-{on}")
            netlist.C(f"state{node}", f"w{node}", 0, STATE, initial_condition=self.w_start)
            if node == "constant":  # its energy over the predicted, by the solver: w is straight, and would let it step over 1/R
                scale = STATE / self.predicted()["programming_energy"]
                netlist.B("energy", 0, "energy", i=f"{scale:.9g}*v({node})^2/{r}")
                netlist.C("energy", "energy", 0, STATE, initial_condition=0)
        return netlist

    def analysis(self) -> Analysis:
        """Until two pulses after the last that is foreseen."""
        cycle, alone = self.t_pulse + self.t_read, self.predicted()["programming_time"]
        end = max((self.pulses + 2) * cycle, 1.1 * alone)
        saved = ("v(constant)", "v(train)", "v(wconstant)", "v(wtrain)", "v(energy)", "i(vtrain)")
        # SPICE takes corners nearer than 5e-5 of its longest step for one: pulses far shorter than what is between them would grow.
        step = min(cycle / 10, alone / 50, 10 * self.t_pulse, 10 * self.t_read)
        return Analysis(max(step, end / 20_000), end, saved, initial=True)

    def simulated(self, waves: Waves) -> dict[str, float]:
        """The conductance in the middle of each read says when write and verify is done."""
        done = waves.crossing("v(wconstant)", self.w_target, rising=self.v_write > 0)
        cycle = self.t_pulse + self.t_read
        middles = np.arange(self.t_pulse + self.t_read / 2, waves.time[-1], cycle)
        shown = np.interp(middles, waves.time, -waves["i(vtrain)"]) / np.interp(middles, waves.time, waves["v(train)"])
        passed = np.flatnonzero(abs(shown * self.at(self.w_target) - 1) <= self.tolerance)
        n = float(passed[0] + 1) if len(passed) else math.nan
        return {
            "programming_time": done,
            "programming_energy": float(np.interp(done, waves.time, waves["v(energy)"])) * self.predicted()["programming_energy"],
            "verify_pulses": n,
            "verify_time": n * cycle,
            "verify_energy": waves.integral(-waves["i(vtrain)"] * waves["v(train)"], 0, n * cycle),
        }
