"""The firing stage that the analog neurons share: a comparator that latches, and a switch that resets the membrane.

The comparator is a subthreshold differential pair (Mead, Analog VLSI and Neural Systems, 1989) that drives a load resistor:

    c dv_out/dt = i_bias (1 + tanh(κ (v − v_ref) / 2 U_T)) − v_out / r,    r = v_dd / 2 i_bias

so that it rests at 0, ends at v_dd, and has one pole, τ_c = c v_dd / (2 i_bias). At mid-rail it fires: v_ref falls from the
threshold to the level at which the reset ends, and the switch closes. In x = 2 v_out / v_dd − 1 it reads
τ_c dx/dt = tanh(·) − x.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from costmodel.devices.circuits.pair import GATHERED, THERMAL_VOLTAGE, tail_charge, tanh
from costmodel.graphs.equations.algebra import Value, exp, log, minimum
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit

LATCH = 0.01
"""The latch closes at mid-rail, opens this share of half the supply below it, and takes this share of τ_c."""


@dataclass(frozen=True)
class Reset:
    """What the closed forms say of one reset.

    Attributes:
        time: from firing until the comparator lets go, s.
        fall: of it, until the membrane is at v_low, s.
        end: membrane voltage at which the next integration starts, V.
        charge: ∫ (1 + tanh) dt over the reset, s: times i_bias it is the charge that the comparator draws for its load.
        membrane: ∫ v dt over the reset, V s.
    """

    time: Value
    fall: Value
    end: Value
    charge: Value
    membrane: Value


def comparator_pole(c_load: Value, v_dd: Value, i_bias: Value) -> Value:
    """τ_c = c v_dd / (2 i_bias), s."""
    return c_load * v_dd / (2 * i_bias)


def steepness(slope: Value, kappa: Value) -> Value:
    """a = κ |dv/dt| / (2 U_T), 1/s: how fast the argument of the tanh moves."""
    return kappa * slope / (2 * THERMAL_VOLTAGE)


def delay(tau_c: Value, a: Value, start: Value = 1, reach: Value = 1) -> Value:
    """Time from the crossing of the reference until the comparator is at mid-rail, s.

    τ_c dx/dt = tanh(a t) − x crosses 0 at τ_c f(a τ_c). Both limits are exact: f → 1 for a slow ramp (a filter lags by its
    time constant), f → ln(1 + start/reach) for a fast one (a step from −start to reach); between them

        f = ln(b + (e − b) / (1 + (12 (e − 2) / π²) (a τ_c)²)),    b = 1 + start/reach

    whose coefficient is that of the next term of the fast limit (∫ s (tanh s − 1) ds = −π²/24). For b = 2 it is within 3.5 % of
    the integral everywhere.
    """
    b = 1 + start / reach
    return tau_c * log(b + (math.e - b) / (1 + 12 * (math.e - 2) / math.pi**2 * (a * tau_c) ** 2))


def static_power(v_dd: Value, i_bias: Value, v_threshold: Value, kappa: Value, u_t: Value = THERMAL_VOLTAGE) -> Value:
    """v_dd i_bias (2 − tanh(κ v_threshold / 2 U_T)), W: the tail, and what the pair still passes at rest (0 V)."""
    return v_dd * i_bias * (2 - tanh(kappa * v_threshold / (2 * u_t)))


def late_charge(time: Value, a: Value) -> Value:
    """∫ (1 + tanh a t) dt from the crossing until ``time`` after it: t + ln(cosh a t) / a, s."""
    return 2 * time + log((1 + exp(-2 * a * time)) / 2) / a


def release(guess: Value, fall: Value, over: Value, tau_r: Value, tau_c: Value, kappa: Value) -> Value:
    """Time from the membrane's crossing of v_low until the comparator lets go, s, from a guess (`delay`) by two Newton rounds.

    x(t) = ∫ tanh(κ (v − v_low) / 2 U_T) e^(−(t − s)/τ_c) ds / τ_c over the reset is exact, by the quadrature of `pair`; before the
    crossing over 8 τ_c at most. From the guess, 20 % off at worst, two rounds are right to 2e-4 of the reset.

    Args:
        guess: of it, s.
        fall: from firing to the crossing, s.
        over: v_low − v_rest, V.
        tau_r: of the reset, s.
        tau_c: the comparator's pole, s.
        kappa: of the comparator's pair.
    """
    scale, span = kappa * over / (2 * THERMAL_VOLTAGE), minimum(fall, 8 * tau_c)
    missed = sum(w * (1 - tanh(scale * (exp(span * p / tau_r) - 1))) * exp(-span * p / tau_c) for p, w in GATHERED)
    start, time = 1 - exp(-fall / tau_c) - span / tau_c * missed, guess
    for _ in range(2):
        pulled = sum(w * tanh(scale * (1 - exp(-time * p / tau_r))) * exp(-time * (1 - p) / tau_c) for p, w in GATHERED)
        x = exp(-time / tau_c) * start - time / tau_c * pulled
        time = time + x * tau_c / (tanh(scale * (1 - exp(-time / tau_r))) + x)
    return time


def reset(v_peak: Value, v_low: Value, v_rest: Value, tau_r: Value, tau_c: Value, kappa: Value) -> Reset:
    """The reset from v_peak: v = v_rest + (v_peak − v_rest) e^(−t/τ_r), until the comparator has seen it below v_low.

    Args:
        v_peak: membrane voltage at firing, V.
        v_low: where the reset is to end, V.
        v_rest: where the input current would hold the closed switch, V.
        tau_r: r_reset c_membrane, s.
        tau_c: the comparator's pole, s.
        kappa: of the comparator's pair.
    """
    fall = tau_r * log((v_peak - v_rest) / (v_low - v_rest))
    slope = (v_low - v_rest) / tau_r
    a = steepness(slope, kappa)
    start = 1 - exp(-fall / tau_c)
    reach = tanh(kappa * (v_low - v_rest) / (2 * THERMAL_VOLTAGE))
    over = v_low - v_rest
    late = release(delay(tau_c, a, start, reach), fall, over, tau_r, tau_c, kappa)
    end = v_rest + (v_low - v_rest) * exp(-late / tau_r)
    charge = 2 * fall - tail_charge(lambda ahead: over * (exp(ahead / tau_r) - 1), fall, kappa)
    charge = charge + tail_charge(lambda since: over * (1 - exp(-since / tau_r)), late, kappa)
    time = fall + late
    return Reset(time, fall, end, charge, v_rest * time + tau_r * (v_peak - end))


@cache
def stage_class() -> type:
    """The netlist of the stage, a PySpice sub-circuit with the nodes membrane, out, supply (made when PySpice is wanted)."""
    from PySpice.Spice.Netlist import SubCircuit

    class FiringStage(SubCircuit):
        """Comparator with its tail current, its load and the reset switch, as behavioural sources."""

        NODES = ("membrane", "out", "supply")

        def __init__(self, stage: Stage) -> None:
            super().__init__("firing", *self.NODES)
            # Half a latch does nothing: else a membrane could rest where the half-closed switch takes just its input.
            closed = "max(2*v(latch)-1,0)"
            reference = f"({stage.v_threshold:.9g}-{stage.v_threshold - stage.v_low:.9g}*{closed})"
            pair = f"tanh({stage.kappa / (2 * THERMAL_VOLTAGE):.9g}*(v(membrane)-{reference}))"
            self.B("pull", "supply", "out", i=f"{stage.i_bias:.9g}*(1+{pair})")
            self.B("tail", "supply", 0, i=f"{stage.i_bias:.9g}")
            self.R("load", "out", 0, stage.v_dd / (2 * stage.i_bias))
            self.C("load", "out", 0, stage.c_load)
            self.B("reset", "membrane", 0, i=f"v(membrane)*{closed}/{stage.r_reset:.9g}")
            # Two inverters that hold each other: closed (1 V) from mid-rail upwards, open from LATCH below it.
            held = f"(2*v(out)/{stage.v_dd:.9g}-1+{2 * LATCH}*v(latch))"
            self.B("latch", 0, "latch", i=f"min(max({held}/{LATCH},0),1)/1k")
            self.R("latch", "latch", 0, 1e3)
            self.C("latch", "latch", 0, LATCH * comparator_pole(stage.c_load, stage.v_dd, stage.i_bias) / 1e3)

    return FiringStage


@dataclass(frozen=True)
class Stage:
    """What a firing stage is made of, in SI: see the module."""

    v_dd: float
    v_threshold: float
    v_low: float
    i_bias: float
    c_load: float
    r_reset: float
    kappa: float

    @property
    def tau_c(self) -> float:
        """The comparator's pole, s."""
        return comparator_pole(self.c_load, self.v_dd, self.i_bias)

    def check(self, name: str, held: float, fastest: float) -> None:
        """Refuses a stage that does not latch, let go, or follow its membrane.

        Args:
            name: of the circuit.
            held: where the input holds the closed switch, V.
            fastest: time constant of the membrane, s.

        Raises:
            InputError: v_low is within 0.15 V of v_threshold, the switch is held above half of v_low, or the comparator's pole is
                above a tenth of the membrane's.
        """
        if self.v_low > self.v_threshold - 0.15:
            what = f"v_low is {self.v_low:g} V, too near v_threshold ({self.v_threshold:g} V) for the comparator to latch"
            raise InputError(what, mend="leave 0.15 V or more between them", where=name)
        if held > 0.5 * self.v_low:
            what = f"r_reset is {self.r_reset:g} ohm: the input holds the switch at {held:.4g} V, v_low is {self.v_low:g} V"
            raise InputError(what, mend="lower r_reset until that is below half of v_low", where=name)
        if self.tau_c > 0.1 * fastest:
            what = f"i_bias is {self.i_bias:g} A: the comparator's pole, {self.tau_c:.3g} s, is above a tenth of the membrane's"
            raise InputError(what, mend="raise i_bias or c_membrane", where=name)

    def check_supply(self, name: str) -> None:
        """Refuses a threshold that the supply does not reach.

        Raises:
            InputError: it is within 0.2 V of v_dd.
        """
        if self.v_threshold > self.v_dd - 0.2:
            what = f"v_threshold is {self.v_threshold:g} V, above what a supply of {self.v_dd:g} V reaches"
            raise InputError(what, mend="keep it 0.2 V below v_dd", where=name)

    def add(self, netlist: Circuit, membrane: str, out: str, supply: str) -> None:
        """Puts the stage into a netlist."""
        netlist.raw_spice += ".options trtol=1\n"  # the latch ends phases at once: their ends are only as exact as its steps
        netlist.subcircuit(stage_class()(self))
        netlist.X("firing", "firing", membrane, out, supply)


def check_reset(name: str, fall: float, tau_c: float) -> None:
    """Refuses a reset that is over before the comparator's output has risen: its spikes would not be seen.

    Raises:
        InputError: the fall takes less than τ_c, so that the output gets to less than 0.8 v_dd.
    """
    if fall < tau_c:
        what = f"the reset takes {fall:.3g} s, and the comparator's pole is {tau_c:.3g} s: its output would not rise"
        raise InputError(what, mend="raise i_bias or r_reset", where=name)


def check_input(name: str, i_input: float, leaks: float, v_threshold: float) -> None:
    """Refuses an input that hardly gets a membrane to its threshold.

    Raises:
        InputError: it is less than 1.1 times what leaks there, A.
    """
    if i_input < 1.1 * leaks:
        what = f"i_input is {i_input:g} A, and {leaks:.4g} A leak at v_threshold ({v_threshold:g} V)"
        raise InputError(what, mend="give 10 % more than that, or lower the threshold", where=name)
