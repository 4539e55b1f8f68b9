"""The OTA-C leaky integrate-and-fire neuron with a second capacitor: spike-frequency adaptation.

    c dv/dt = i_input − i_leak tanh(v / v_linear) − a,    a = i_out tanh(v_a / v_linear)
    c_adapt dv_a/dt = i_spike 1(reset) − i_decay tanh(v_a / v_linear)

The comparator's latch, while it is closed, lets a current i_spike onto c_adapt, which leaks; a transconductor takes from the
membrane what is there. All three transconductors have a wide linear range (Sarpeshkar, Lyon and Mead, Analog Integrated Circuits
and Signal Processing 13:123, 1997), and ``check`` keeps them in it: the closed forms (`adaptive_lif_equations`) are linear.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from costmodel.devices.circuits import firing
from costmodel.devices.circuits.adaptive_lif_equations import STRAIGHT, Cell, Interval, check_straight
from costmodel.devices.circuits.circuit import AnalogCircuit, Analysis, parameter
from costmodel.devices.circuits.spikes import firings, spike_train
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit

    from costmodel.devices.spice.job import Waves

BRIEFEST, SLOWEST = 0.25, 2.0
"""τ_a over the steady interval. Below: gone before the next spike. Above: ten intervals are not enough for the steady state."""

SILENCED = 10.0
"""Largest steady interval over the time to threshold without adaptation: above, one spike silences the neuron."""


@dataclass(frozen=True)
class AdaptiveLIF(AnalogCircuit):
    """The neuron under a constant input current, from rest.

    Energy counts the one supply: input, the tails of all transconductors and the comparator, its load, the pulse.
    """

    name: ClassVar[str] = "adaptive-lif"
    units: ClassVar[dict[str, str]] = {
        "time_to_threshold": "s",
        "refractory_time": "s",
        "first_interval": "s",
        "steady_interval": "s",
        "adaptation_after": "A",
        "adaptation_before": "A",
        "energy_per_spike": "J",
        "static_power": "W",
    }

    i_input: float = parameter(2e-9, "A", "input current", 3e-11, 1e-7)
    i_leak: float = parameter(2e-9, "A", "bias current of the leak", 3e-11, 1e-7)
    v_linear: float = parameter(2.0, "V", "linear range of the transconductors", 0.8, 5.0)
    c_membrane: float = parameter(1e-12, "F", "membrane capacitance", 3e-13, 3e-11)
    i_spike: float = parameter(40e-9, "A", "current of a spike's pulse onto the adaptation's capacitor", 1e-12, 1e-7)
    i_decay: float = parameter(10e-9, "A", "bias current of the adaptation's leak", 1e-11, 1e-7)
    i_out: float = parameter(5e-9, "A", "bias current of the transconductor that takes from the membrane", 1e-11, 1e-6)
    c_adapt: float = parameter(1.5e-12, "F", "capacitance of the adaptation", 1e-14, 1e-10)
    v_threshold: float = parameter(0.4, "V", "threshold, above the leak's reference", 0.2, 1.0)
    v_low: float = parameter(0.1, "V", "where the reset ends, above the leak's reference", 0.03, 0.2)
    v_dd: float = parameter(2.4, "V", "supply", 1.0, 3.3)
    i_bias: float = parameter(10e-9, "A", "bias current of the comparator", 1e-10, 1e-6)
    c_comparator: float = parameter(1e-14, "F", "capacitance at the comparator's output", 1e-15, 1e-13)
    r_reset: float = parameter(5e6, "ohm", "resistance of the reset switch that is closed", 1e4, 1e9)
    kappa: float = parameter(0.7, "1", "gate coupling of the comparator's transistors", 0.5, 0.95)

    def check(self) -> None:
        """Refuses what leaves the linear range, thresholds out of reach, resets that cannot end, and adaptation that is none."""
        cell = self.cell
        stalls = cell.g * self.v_threshold
        check_straight(self.name, self.v_threshold, self.v_linear)
        firing.check_input(self.name, self.i_input, stalls, self.v_threshold)
        self.stage.check_supply(self.name)
        fastest = min(cell.tau, self.c_membrane * self.v_threshold / self.i_input)
        self.stage.check(self.name, self.i_input * self.r_reset, fastest)
        firing.check_reset(self.name, cell.reset(0, 0).fall, cell.tau_c)
        self._check_adaptation(cell, cell.interval(steady=True))

    def _check_adaptation(self, cell: Cell, steady: Interval) -> None:
        high = steady.after / self.i_out * self.v_linear
        if high > STRAIGHT * self.v_linear:
            what = f"i_spike is {self.i_spike:g} A: it brings c_adapt to {high:.4g} V, beyond the transconductors' straight part"
            raise InputError(what, mend="lower it, or raise c_adapt or i_decay", where=self.name)
        if steady.after > self.i_input:
            what = f"i_out is {self.i_out:g} A: the adaptation takes {steady.after:.4g} A, more than i_input ({self.i_input:g} A)"
            raise InputError(what, mend="lower it, or i_spike", where=self.name)
        if steady.after < 0.03 * self.i_input:
            what = f"i_spike is {self.i_spike:g} A: the adaptation takes {steady.after:.3g} A, next to none of i_input"
            raise InputError(what, mend="raise it, or i_out, or lower c_adapt", where=self.name)
        if steady.time > SILENCED * cell.time_to_threshold:
            what = f"i_out is {self.i_out:g} A: the adaptation makes the interval {steady.time / cell.time_to_threshold:.3g} times"
            raise InputError(what, mend=f"lower it, or i_spike, for {SILENCED:g} times or less", where=self.name)
        if cell.tau_a > SLOWEST * steady.time:
            what = f"c_adapt is {self.c_adapt:g} F: it holds for {cell.tau_a:.3g} s, and a spike comes every {steady.time:.3g} s"
            raise InputError(what, mend=f"lower it, or raise i_decay, until that is below {SLOWEST:g} intervals", where=self.name)
        if cell.tau_a < BRIEFEST * steady.time:
            what = f"c_adapt is {self.c_adapt:g} F: the adaptation is gone after {cell.tau_a:.3g} s, long before the next spike"
            raise InputError(what, mend=f"raise it, or lower i_decay, until that is {BRIEFEST:g} intervals", where=self.name)

    @property
    def stage(self) -> firing.Stage:
        """Its firing stage."""
        return firing.Stage(self.v_dd, self.v_threshold, self.v_low, self.i_bias, self.c_comparator, self.r_reset, self.kappa)

    @property
    def cell(self) -> Cell:
        """Its closed forms."""
        return Cell(**{field.name: getattr(self, field.name) for field in dataclasses.fields(self)})

    def predicted(self) -> dict[str, float]:
        """By the closed forms of `Cell`."""
        cell = self.cell
        first, steady = cell.interval(steady=False), cell.interval(steady=True)
        return {
            "time_to_threshold": float(cell.time_to_threshold),
            "refractory_time": float(steady.back.time),
            "first_interval": float(first.time),
            "steady_interval": float(steady.time),
            "adaptation_after": float(steady.after),
            "adaptation_before": float(steady.before),
            "energy_per_spike": float(cell.energy(steady)),
            "static_power": float(cell.static_power),
        }

    def netlist(self) -> Circuit:
        """Input, leak and adaptation current at the membrane; pulse and leak at the adaptation's capacitor; firing stage."""
        from PySpice.Spice.Netlist import Circuit

        netlist = Circuit("adaptive-lif")
        netlist.V("dd", "supply", 0, self.v_dd)
        netlist.V("input", "supply", "input", 0)
        netlist.I("input", "input", "membrane", self.i_input)
        netlist.I("tails", "supply", 0, self.i_leak + self.i_decay + self.i_out)
        netlist.B("leak", "membrane", 0, i=f"{self.i_leak:.9g}*tanh(v(membrane)/{self.v_linear:.9g})")
        netlist.C("membrane", "membrane", 0, self.c_membrane)
        # The comparator's latch lets the pulse through: its output itself nears mid-rail too slowly to be a switch.
        netlist.B("pulse", "supply", "adapt", i=f"{self.i_spike:.9g}*max(2*v(xfiring.latch)-1,0)")
        netlist.B("decay", "adapt", 0, i=f"{self.i_decay:.9g}*tanh(v(adapt)/{self.v_linear:.9g})")
        netlist.C("adapt", "adapt", 0, self.c_adapt)
        netlist.V("taken", "membrane", "taken", 0)
        netlist.B("taken", "taken", 0, i=f"{self.i_out:.9g}*tanh(v(adapt)/{self.v_linear:.9g})")
        self.stage.add(netlist, "membrane", "out", "supply")
        return netlist

    def analysis(self) -> Analysis:
        """From rest until the adaptation has gone e^(−5) of its way to the steady state: six to twelve spikes."""
        known = self.predicted()
        intervals = 2 + math.ceil(5 * min(self.cell.tau_a / known["steady_interval"], SLOWEST))
        end = known["time_to_threshold"] + intervals * known["steady_interval"]
        step = max(known["refractory_time"] / 40, end / 20_000)  # the pulse, and with it the interval, is only as exact as its end
        saved = ("v(membrane)", "v(out)", "v(adapt)", "i(vdd)", "i(vinput)", "i(vtaken)")
        return Analysis(step, end, saved, initial=True, relative=1e-5)

    def simulated(self, waves: Waves) -> dict[str, float]:
        """The first interval, and the last as that of the steady state; static power is the supply's at rest, less the input."""
        shown = spike_train(waves, self.v_dd, {"i(vdd)": self.v_dd})
        spikes = firings(waves, self.v_dd)
        if len(spikes) < 3:
            return dict.fromkeys(self.units, math.nan)
        (before, opened), (last, _) = spikes[-2:]
        taken = waves["i(vtaken)"]
        return {
            "time_to_threshold": shown["time_to_threshold"],
            "refractory_time": opened - before,
            "first_interval": spikes[1][0] - spikes[0][0],
            "steady_interval": last - before,
            "adaptation_after": float(np.interp(opened, waves.time, taken)),
            "adaptation_before": float(np.interp(last, waves.time, taken)),
            "energy_per_spike": waves.integral(-waves["i(vdd)"] * self.v_dd, before, last),
            "static_power": shown["static_power"] - self.v_dd * self.i_input,
        }
