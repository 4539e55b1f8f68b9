"""An explicit refractory time: a capacitor that a spike charges, and a current source that discharges it, hold the membrane reset.

    c_ref dv_r/dt = −i_ref from v_dd on, the reset switch closed until v_r is at v_ref:    t_ref = c_ref (v_dd − v_ref) / i_ref

(Indiveri et al., Frontiers in Neuroscience 5:73, 2011, for the circuit.) The membrane leaks through a transconductor of wide linear
range, taken as its chord at the threshold (`adaptive_lif_equations.chord`); comparator and reset are those of `firing`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from costmodel.devices.circuits import firing
from costmodel.devices.circuits.adaptive_lif_equations import check_straight, chord
from costmodel.devices.circuits.circuit import AnalogCircuit, Analysis, parameter
from costmodel.devices.circuits.integrate_and_fire import crossing_time
from costmodel.devices.circuits.pair import lead_charge
from costmodel.devices.circuits.spikes import firings, spike_train
from costmodel.graphs.equations.algebra import Value, exp, maximum
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit

    from costmodel.devices.spice.job import Waves

LETS_GO = 0.01
"""Share of the supply above v_ref within which the switch opens."""


def hold_time(c_ref: Value, v_dd: Value, v_ref: Value, i_ref: Value) -> Value:
    """t_ref = c_ref (v_dd − v_ref) / i_ref, s."""
    return c_ref * (v_dd - v_ref) / i_ref


def saturating_rate(refractory: Value, integration: Value) -> Value:
    """1 / (t + T), 1/s: of a neuron that integrates for T after a refractory time t; 1/t for strong inputs."""
    return 1 / (refractory + integration)


def held_voltage(start: Value, rest: Value, time: Value, tau_r: Value) -> Value:
    """v_rest + (v − v_rest) e^(−t/τ_r), V: where the closed switch has brought the membrane from v."""
    return rest + (start - rest) * exp(-time / tau_r)


def charge_drawn(c_ref: Value, v_dd: Value, v_ref: Value, i_ref: Value, integration: Value, reset: Value) -> Value:
    """c_ref (v_dd − v_left) + i_ref t_reset, C: to charge c_ref again, which has meanwhile gone on to v_left or to 0."""
    left = maximum(v_ref - i_ref * integration / c_ref, 0 * v_ref)
    return c_ref * (v_dd - left) + i_ref * reset


@dataclass(frozen=True)
class Refractory(AnalogCircuit):
    """The neuron under a constant input current.

    Energy counts the one supply: input, the tails of leak and comparator, the comparator's load, the refractory capacitor.
    """

    name: ClassVar[str] = "refractory"
    units: ClassVar[dict[str, str]] = {
        "time_to_threshold": "s",
        "refractory_time": "s",
        "rate": "1/s",
        "energy_per_spike": "J",
        "static_power": "W",
    }

    i_input: float = parameter(5e-9, "A", "input current", 3e-11, 1e-7)
    i_leak: float = parameter(2e-9, "A", "bias current of the leak", 3e-11, 1e-7)
    v_linear: float = parameter(2.0, "V", "linear range of the leak", 0.8, 5.0)
    c_membrane: float = parameter(1e-12, "F", "membrane capacitance", 3e-13, 3e-11)
    i_ref: float = parameter(2e-9, "A", "current that discharges c_ref", 1e-11, 1e-6)
    c_ref: float = parameter(1e-13, "F", "refractory capacitance", 1e-14, 1e-11)
    v_ref: float = parameter(1.0, "V", "voltage of c_ref at which the membrane is let go", 0.2, 2.0)
    r_charge: float = parameter(2e6, "ohm", "resistance through which a spike charges c_ref", 1e4, 1e8)
    v_threshold: float = parameter(0.4, "V", "threshold, above the leak's reference", 0.2, 1.0)
    v_low: float = parameter(0.1, "V", "where the comparator's reset ends, above the leak's reference", 0.03, 0.2)
    v_dd: float = parameter(2.4, "V", "supply", 1.0, 3.3)
    i_bias: float = parameter(10e-9, "A", "bias current of the comparator", 1e-10, 1e-6)
    c_comparator: float = parameter(1e-14, "F", "capacitance at the comparator's output", 1e-15, 1e-13)
    r_reset: float = parameter(5e6, "ohm", "resistance of the reset switch that is closed", 1e4, 1e9)
    kappa: float = parameter(0.7, "1", "gate coupling of the comparator's transistors", 0.5, 0.95)

    def check(self) -> None:
        """Refuses thresholds out of reach, resets that cannot end, and a refractory capacitor that a spike does not charge."""
        check_straight(self.name, self.v_threshold, self.v_linear)
        self.stage.check_supply(self.name)
        stalls = self.g * self.v_threshold
        firing.check_input(self.name, self.i_input, stalls, self.v_threshold)
        fastest = min(self.tau, self.c_membrane * self.v_threshold / self.i_input)
        self.stage.check(self.name, self.i_input * self.r_reset, fastest)
        firing.check_reset(self.name, self.back.fall, self.stage.tau_c)
        if self.v_ref > 0.8 * self.v_dd:
            what = f"v_ref is {self.v_ref:g} V, near the supply ({self.v_dd:g} V) from which c_ref is discharged"
            raise InputError(what, mend="keep it below 0.8 v_dd", where=self.name)
        if self.i_ref * self.r_charge > 0.01 * self.v_dd or 5 * self.r_charge * self.c_ref > self.back.time:
            what = f"r_charge is {self.r_charge:g} ohm: c_ref would not be at v_dd after a reset of {self.back.time:.3g} s"
            raise InputError(what, mend="lower it, or i_ref or c_ref", where=self.name)

        opening, first = LETS_GO * self.v_dd * self.c_ref / self.i_ref, self.c_membrane * self.v_threshold / self.i_input
        if opening > first:
            what = f"i_ref is {self.i_ref:g} A: the switch opens within {opening:.3g} s, and the membrane charges in {first:.3g} s"
            raise InputError(what, mend="raise it, or lower c_ref: else the neuron fires before it is let go", where=self.name)

    @property
    def g(self) -> float:
        """Conductance of the leak, S."""
        return float(chord(self.i_leak, self.v_threshold, self.v_linear))

    @property
    def tau(self) -> float:
        """Time constant of the membrane, s."""
        return self.c_membrane / self.g

    @property
    def stage(self) -> firing.Stage:
        """Its firing stage."""
        return firing.Stage(self.v_dd, self.v_threshold, self.v_low, self.i_bias, self.c_comparator, self.r_reset, self.kappa)

    @property
    def slope(self) -> float:
        """dv/dt at the threshold, V/s."""
        return (self.i_input - self.g * self.v_threshold) / self.c_membrane

    @property
    def late(self) -> float:
        """The comparator's delay, s."""
        return float(firing.delay(self.stage.tau_c, firing.steepness(self.slope, self.kappa)))

    @property
    def rest(self) -> float:
        """Where the input holds switch and leak, V."""
        return self.i_input / (1 / self.r_reset + self.g)

    @property
    def tau_r(self) -> float:
        """Time constant of the closed switch, s."""
        return self.c_membrane / (1 / self.r_reset + self.g)

    @property
    def back(self) -> firing.Reset:
        """The comparator's own reset after a spike."""
        peak = self.v_threshold + self.slope * self.late
        return firing.reset(peak, self.v_low, self.rest, self.tau_r, self.stage.tau_c, self.kappa)

    def predicted(self) -> dict[str, float]:
        """By the closed forms above, and those of `firing`."""
        v_end, back, late = self.i_input / self.g, self.back, self.late
        held = hold_time(self.c_ref, self.v_dd, self.v_ref, self.i_ref)
        start = held_voltage(back.end, self.rest, held, self.tau_r)
        integration = crossing_time(start, self.v_threshold, v_end, self.tau) + late
        period = back.time + held + integration
        over, span = v_end - self.v_threshold, self.v_threshold - start
        lead = lead_charge(lambda distance: (over + distance) / self.tau, span, self.kappa)
        pair = lead + firing.late_charge(late, firing.steepness(self.slope, self.kappa)) + back.charge
        again = charge_drawn(self.c_ref, self.v_dd, self.v_ref, self.i_ref, integration, back.time)
        biases = self.i_input + self.i_leak + self.i_bias
        return {
            "time_to_threshold": float(crossing_time(0.0, self.v_threshold, v_end, self.tau) + late),
            "refractory_time": float(back.time + held),
            "rate": float(saturating_rate(back.time + held, integration)),
            "energy_per_spike": float(self.v_dd * (biases * period + self.i_bias * pair + again)),
            "static_power": float(
                self.v_dd * self.i_leak + firing.static_power(self.v_dd, self.i_bias, self.v_threshold, self.kappa)
            ),
        }

    def netlist(self) -> Circuit:
        """Membrane with input and leak; c_ref, what charges and what discharges it; the switch that it holds; firing stage."""
        from PySpice.Spice.Netlist import Circuit

        netlist = Circuit("refractory")
        netlist.V("dd", "supply", 0, self.v_dd)
        netlist.I("input", "supply", "membrane", self.i_input)
        netlist.I("tail", "supply", 0, self.i_leak)
        netlist.B("leak", "membrane", 0, i=f"{self.i_leak:.9g}*tanh(v(membrane)/{self.v_linear:.9g})")
        netlist.C("membrane", "membrane", 0, self.c_membrane)
        latched = "max(2*v(xfiring.latch)-1,0)"
        netlist.B("charge", "supply", "ref", i=f"(v(supply)-v(ref))*{latched}/{self.r_charge:.9g}")
        # A transistor as a source: it is one down to 50 mV.
        netlist.B("discharge", "ref", 0, i=f"{self.i_ref:.9g}*min(max(20*v(ref),0),1)")
        netlist.C("ref", "ref", 0, self.c_ref)
        # One switch: c_ref closes it as far as the latch does not, and lets go within a hundredth of the supply.
        above = f"min(max((v(ref)-{self.v_ref:.9g})/{LETS_GO * self.v_dd:.9g},0),1)"
        netlist.B("hold", "membrane", 0, i=f"v(membrane)*max({above}-{latched},0)/{self.r_reset:.9g}")
        self.stage.add(netlist, "membrane", "out", "supply")
        return netlist

    def analysis(self) -> Analysis:
        """From rest through the third spike: before the first, c_ref is at 0."""
        known = self.predicted()
        end = known["time_to_threshold"] + 2.4 / known["rate"]
        step = max(min(self.back.time / 10, end / 400), end / 20_000)
        return Analysis(step, end, ("v(membrane)", "v(out)", "v(ref)", "i(vdd)"), initial=True, relative=1e-5)

    def simulated(self, waves: Waves) -> dict[str, float]:
        """Of the second interval; the refractory time is until c_ref is down at v_ref."""
        shown, spikes = spike_train(waves, self.v_dd, {}), [fired for fired, _ in firings(waves, self.v_dd)]
        if len(spikes) < 3:
            return dict.fromkeys(self.units, math.nan)
        start, end = spikes[1:3]
        return {
            "time_to_threshold": shown["time_to_threshold"],
            "refractory_time": waves.crossing("v(ref)", self.v_ref, rising=False, after=start) - start,
            "rate": 1 / (end - start),
            "energy_per_spike": waves.integral(-waves["i(vdd)"] * self.v_dd, start, end),
            "static_power": shown["static_power"] - self.v_dd * self.i_input,
        }
