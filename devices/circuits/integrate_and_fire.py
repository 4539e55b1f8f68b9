"""Memristors that charge a capacitor, a comparator and a reset switch: the passive neuron of a crossbar's column.

    c dv/dt = n (v_read − v) / r_memristor − v / r_leak,    a spike where v ≥ v_threshold

An RC circuit: v∞ = v_read (n / r_memristor) / g, g = n / r_memristor + 1 / r_leak, τ = c / g. All times follow from
v = v∞ + (v_0 − v∞) e^(−t/τ), and from the comparator and the switch of `devices.circuits.firing`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from costmodel.devices.circuits import firing
from costmodel.devices.circuits.circuit import AnalogCircuit, Analysis, parameter
from costmodel.devices.circuits.pair import lead_charge
from costmodel.devices.circuits.spikes import spike_train, transient
from costmodel.graphs.equations.algebra import Value, exp, log
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit

    from costmodel.devices.spice.job import Waves


def conductance(inputs: Value, r_memristor: Value, r_leak: Value) -> Value:
    """g = n / r_memristor + 1 / r_leak, S."""
    return inputs / r_memristor + 1 / r_leak


def reach(v_read: Value, inputs: Value, r_memristor: Value, r_leak: Value) -> Value:
    """v∞ = v_read (n / r_memristor) / g, V: where the membrane would settle."""
    return v_read * (inputs / r_memristor) / conductance(inputs, r_memristor, r_leak)


def crossing_time(v_start: Value, v_threshold: Value, v_end: Value, tau: Value) -> Value:
    """τ ln((v∞ − v_start) / (v∞ − v_threshold)), s."""
    return tau * log((v_end - v_start) / (v_end - v_threshold))


def threshold_delay(v_threshold: Value, v_end: Value, tau: Value, tau_c: Value, kappa: Value) -> Value:
    """Delay of the comparator at the membrane's slope there, (v∞ − v_threshold) / τ, s."""
    over = v_end - v_threshold
    full = firing.tanh(kappa * over / (2 * firing.THERMAL_VOLTAGE))
    return firing.delay(tau_c, firing.steepness(over / tau, kappa), 1, full)


def time_to_threshold(v_start: Value, v_threshold: Value, v_end: Value, tau: Value, tau_c: Value, kappa: Value) -> Value:
    """From v_start until the comparator has fired: the crossing and the comparator's delay, s."""
    return crossing_time(v_start, v_threshold, v_end, tau) + threshold_delay(v_threshold, v_end, tau, tau_c, kappa)


def event_energy(v_read: Value, r_memristor: Value, v_end: Value, tau: Value, t_pulse: Value) -> Value:
    """What one memristor draws from its line during a read pulse at a membrane at rest, J.

    ∫ v_read (v_read − v) / r dt = (v_read / r) ((v_read − v∞) t + v∞ τ (1 − e^(−t/τ))).
    """
    return v_read / r_memristor * ((v_read - v_end) * t_pulse + v_end * tau * (1 - exp(-t_pulse / tau)))


def refractory(
    v_threshold: Value, v_low: Value, v_end: Value, tau: Value, c: Value, r_reset: Value, tau_c: Value, kappa: Value
) -> firing.Reset:
    """The reset after a spike (`firing.Reset`): its ``time`` is the refractory time.

    It begins where the membrane has got to during the comparator's delay, v∞ − (v∞ − v_threshold) e^(−t_delay/τ); the closed
    switch, r_reset, divides the input down to v∞ r_reset / (r_reset + τ/c).
    """
    late = threshold_delay(v_threshold, v_end, tau, tau_c, kappa)
    peak = v_end - (v_end - v_threshold) * exp(-late / tau)
    r_input = tau / c
    v_rest = v_end * r_reset / (r_reset + r_input)
    return firing.reset(peak, v_low, v_rest, r_reset * r_input / (r_reset + r_input) * c, tau_c, kappa)


def period(back: firing.Reset, v_threshold: Value, v_end: Value, tau: Value, tau_c: Value, kappa: Value) -> Value:
    """From one firing to the next: the reset, and from where it left the membrane to the threshold, s."""
    return back.time + time_to_threshold(back.end, v_threshold, v_end, tau, tau_c, kappa)


def spike_charges(
    g: Value, v_read: Value, v_threshold: Value, v_end: Value, tau: Value, tau_c: Value, kappa: Value, back: firing.Reset
) -> tuple[Value, Value]:
    """What a period draws: the charge from the read lines, C, and that of the comparator over its bias current, s.

    Lines: ∫ g (v_read − v) dt with ∫ v dt = v∞ t − τ (v_peak − v_start), which is c dv/dt = (v∞ − v) c/τ integrated.
    Comparator: its tail for the whole period, and ∫ (1 + tanh) dt before the crossing, after it and during the reset.
    """
    late = threshold_delay(v_threshold, v_end, tau, tau_c, kappa)
    up = crossing_time(back.end, v_threshold, v_end, tau) + late
    peak = v_end - (v_end - v_threshold) * exp(-late / tau)
    membrane = v_end * up - tau * (peak - back.end) + back.membrane
    lead = lead_charge(lambda distance: (v_end - v_threshold + distance) / tau, v_threshold - back.end, kappa)
    pair = lead + firing.late_charge(late, firing.steepness((v_end - v_threshold) / tau, kappa)) + back.charge
    return g * (v_read * (up + back.time) - membrane), up + back.time + pair


@dataclass(frozen=True)
class IntegrateAndFire(AnalogCircuit):
    """The neuron under constant input: ``inputs`` lines at v_read.

    Energy counts both sources: the read lines and the comparator's supply (tail current, load).
    """

    name: ClassVar[str] = "integrate-and-fire"
    units: ClassVar[dict[str, str]] = {
        "time_to_threshold": "s",
        "refractory_time": "s",
        "period": "s",
        "energy_per_spike": "J",
        "energy_per_event": "J",
        "static_power": "W",
    }

    inputs: int = parameter(8, "1", "memristors whose lines are driven", 1, 256)
    r_memristor: float = parameter(100e3, "ohm", "resistance of a memristor", 1e3, 1e7)
    r_leak: float = parameter(1e6, "ohm", "leak of the membrane: the memristors whose lines are at 0", 1e3, 1e10)
    c_membrane: float = parameter(10e-12, "F", "membrane capacitance", 1e-13, 1e-9)
    v_read: float = parameter(0.6, "V", "voltage of a driven line", 0.2, 1.5)
    v_threshold: float = parameter(0.35, "V", "threshold", 0.2, 1.2)
    v_low: float = parameter(0.1, "V", "where the reset ends", 0.03, 0.3)
    v_dd: float = parameter(1.2, "V", "supply of the comparator", 0.8, 3.3)
    i_bias: float = parameter(5e-6, "A", "bias current of the comparator", 1e-9, 1e-4)
    c_comparator: float = parameter(5e-15, "F", "capacitance at the comparator's output", 1e-15, 1e-12)
    r_reset: float = parameter(200.0, "ohm", "resistance of the reset switch that is closed", 100.0, 1e6)
    kappa: float = parameter(0.7, "1", "gate coupling of the comparator's transistors", 0.5, 0.95)
    t_pulse: float = parameter(10e-9, "s", "width of a read pulse, a synaptic event", 1e-10, 1e-3)

    def check(self) -> None:
        """Refuses thresholds out of reach, resets that cannot end, and a comparator slower than its membrane."""
        if self.v_threshold > min(0.9 * self.v_end, self.v_end - 0.04):
            what = f"v_threshold is {self.v_threshold:g} V, and the input reaches {self.v_end:.4g} V"
            raise InputError(what, mend="keep it 10 % and 0.04 V below that", where=self.name)
        held = self.v_end * self.r_reset / (self.r_reset + self.tau / self.c_membrane)
        self.stage.check(self.name, held, self.tau)
        firing.check_reset(self.name, self.back.fall, self.stage.tau_c)
        if self.t_pulse > self.first:
            what = f"t_pulse is {self.t_pulse:g} s, and the neuron fires after {self.first:.3g} s"
            raise InputError(what, mend="shorten the pulse", where=self.name)

    @property
    def v_end(self) -> float:
        """Where the membrane would settle, V."""
        return reach(self.v_read, self.inputs, self.r_memristor, self.r_leak)

    @property
    def tau(self) -> float:
        """Time constant of the membrane, s."""
        return self.c_membrane / conductance(self.inputs, self.r_memristor, self.r_leak)

    @property
    def stage(self) -> firing.Stage:
        """Its firing stage."""
        return firing.Stage(self.v_dd, self.v_threshold, self.v_low, self.i_bias, self.c_comparator, self.r_reset, self.kappa)

    @property
    def first(self) -> float:
        """Time to threshold from 0 V, s."""
        return time_to_threshold(0.0, self.v_threshold, self.v_end, self.tau, self.stage.tau_c, self.kappa)

    @property
    def back(self) -> firing.Reset:
        """The reset after a spike."""
        v_end, tau, c = self.v_end, self.tau, self.c_membrane
        return refractory(self.v_threshold, self.v_low, v_end, tau, c, self.r_reset, self.stage.tau_c, self.kappa)

    def predicted(self) -> dict[str, float]:
        """Times, energies and power by the closed forms above."""
        v_end, tau, kappa = self.v_end, self.tau, self.kappa
        first, back = self.first, self.back
        lines, comparator = spike_charges(
            self.inputs / self.r_memristor, self.v_read, self.v_threshold, v_end, tau, self.stage.tau_c, kappa, back
        )
        return {
            "time_to_threshold": float(first),
            "refractory_time": float(back.time),
            "period": float(period(back, self.v_threshold, v_end, tau, self.stage.tau_c, kappa)),
            "energy_per_spike": float(self.v_read * lines + self.v_dd * self.i_bias * comparator),
            "energy_per_event": float(event_energy(self.v_read, self.r_memristor, v_end, tau, self.t_pulse)),
            "static_power": float(firing.static_power(self.v_dd, self.i_bias, self.v_threshold, kappa)),
        }

    def netlist(self) -> Circuit:
        """Lines, memristors and leak in parallel, capacitor, firing stage."""
        from PySpice.Spice.Netlist import Circuit

        netlist = Circuit("integrate-and-fire")
        netlist.V("read", "line", 0, self.v_read)
        netlist.V("dd", "supply", 0, self.v_dd)
        netlist.R("memristors", "line", "membrane", self.r_memristor / self.inputs)
        netlist.R("leak", "membrane", 0, self.r_leak)
        netlist.C("membrane", "membrane", 0, self.c_membrane)
        self.stage.add(netlist, "membrane", "out", "supply")
        # A second membrane without a comparator takes one event: its pulse makes the solver stop at the edges.
        edge = self.t_pulse / 1000
        netlist.PulseVoltageSource(
            "pulse",
            "row",
            0,
            initial_value=0,
            pulsed_value=self.v_read,
            delay_time=self.t_pulse,
            rise_time=edge,
            fall_time=edge,
            pulse_width=self.t_pulse - edge,
            period=1e3 * self.t_pulse + 1e3,
        )
        netlist.R("row", "row", "column", self.r_memristor / self.inputs)
        netlist.R("column", "column", 0, self.r_leak)
        netlist.C("column", "column", 0, self.c_membrane)
        return netlist

    def analysis(self) -> Analysis:
        """From 0 V through the second spike."""
        known = self.predicted()
        step, end = transient(known["time_to_threshold"], known["period"], known["refractory_time"])
        return Analysis(
            step, end, ("v(membrane)", "v(out)", "i(vread)", "i(vdd)", "v(row)", "i(vpulse)"), initial=True, relative=1e-5
        )

    def simulated(self, waves: Waves) -> dict[str, float]:
        """Firing is the comparator's output through mid-rail; a period goes from the first firing to the second."""
        return spike_train(waves, self.v_dd, {"i(vread)": self.v_read, "i(vdd)": self.v_dd}) | {
            "energy_per_event": waves.integral(-waves["i(vpulse)"] * waves["v(row)"]) / self.inputs,
        }
