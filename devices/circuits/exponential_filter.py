"""The synaptic low-pass filter of an OTA-C pair: a current pulse per event onto a capacitor that leaks exponentially.

    c dv/dt = i_pulse 1(0 ≤ t < t_pulse) − G v,    G = κ i_bias / (2 U_T) + i_bias / v_early,    i_syn = g_out v

For amplitudes that are small beside 2 U_T / κ the transconductor is straight (Mead, Analog VLSI and Neural Systems, 1989), and the
response is that of a filter of first order. ``check`` keeps it there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from costmodel.devices.circuits.circuit import AnalogCircuit, Analysis, parameter
from costmodel.devices.circuits.ota_lif_equations import transconductance
from costmodel.devices.circuits.pair import THERMAL_VOLTAGE
from costmodel.graphs.equations.algebra import Value, exp
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit

    from costmodel.devices.spice.job import Waves


def leak_conductance(i_bias: Value, kappa: Value, v_early: Value) -> Value:
    """G = κ i_bias / (2 U_T) + i_bias / v_early, S: of a transconductor with its output fed back, of finite gain."""
    return transconductance(i_bias, kappa) + i_bias / v_early


def time_constant(c: Value, i_bias: Value, kappa: Value, v_early: Value) -> Value:
    """τ = c / G, s."""
    return c / leak_conductance(i_bias, kappa, v_early)


def peak(i_pulse: Value, t_pulse: Value, conductance: Value, tau: Value) -> Value:
    """(i_pulse / G) (1 − e^(−t_pulse/τ)), V: where a pulse ends, from rest."""
    return i_pulse / conductance * (1 - exp(-t_pulse / tau))


def charge(i_pulse: Value, t_pulse: Value, conductance: Value, g_out: Value) -> Value:
    """∫ g_out v dt = (g_out / G) i_pulse t_pulse, C: what an event puts through the output, all its decay included."""
    return g_out / conductance * i_pulse * t_pulse


def event_energy(i_pulse: Value, t_pulse: Value, v_dd: Value, conductance: Value, g_out: Value) -> Value:
    """v_dd (i_pulse t_pulse + charge), J: the pulse and the output current, from the supply; biases apart."""
    return v_dd * (i_pulse * t_pulse + charge(i_pulse, t_pulse, conductance, g_out))


def static_power(v_dd: Value, i_bias: Value, i_out: Value) -> Value:
    """v_dd (i_bias + i_out), W: the tails of leak and output."""
    return v_dd * (i_bias + i_out)


@dataclass(frozen=True)
class ExponentialFilter(AnalogCircuit):
    """The filter under one event.

    Energy per event counts the supply of pulse and output current; static power that of both tails.
    """

    name: ClassVar[str] = "exponential-filter"
    units: ClassVar[dict[str, str]] = {
        "time_constant": "s",
        "peak": "V",
        "charge": "C",
        "energy_per_event": "J",
        "static_power": "W",
    }

    i_pulse: float = parameter(20e-12, "A", "current of a pulse", 1e-13, 1e-6)
    t_pulse: float = parameter(0.1e-3, "s", "width of a pulse", 1e-8, 1e-1)
    i_bias: float = parameter(50e-12, "A", "bias current of the leak", 1e-13, 1e-6)
    i_out: float = parameter(50e-12, "A", "bias current of the output transconductor", 1e-13, 1e-6)
    c: float = parameter(1e-12, "F", "capacitance", 1e-14, 1e-9)
    v_early: float = parameter(30.0, "V", "Early voltage of the leak's output: its gain", 5.0, 1000.0)
    v_dd: float = parameter(2.4, "V", "supply", 0.8, 3.3)
    kappa: float = parameter(0.7, "1", "gate coupling of the transistors", 0.5, 0.95)

    def check(self) -> None:
        """Refuses pulses that leave the transconductors' straight part, and responses of which nothing can be seen."""
        straight = 0.25 * 2 * THERMAL_VOLTAGE / self.kappa
        known = self.predicted()
        reached, tau = known["peak"], known["time_constant"]
        if self.t_pulse > 30 * tau:
            what = f"t_pulse is {self.t_pulse:g} s, and the time constant {tau:.3g} s: the filter would only follow its input"
            raise InputError(what, mend="shorten the pulse, or raise c or lower i_bias", where=self.name)
        if reached > straight:
            what = f"i_pulse is {self.i_pulse:g} A: the response reaches {reached:.4g} V, and is straight up to {straight:.4g} V"
            raise InputError(what, mend="shorten or lower the pulse, or raise c", where=self.name)
        if reached < 1e-4:
            what = f"i_pulse is {self.i_pulse:g} A: the response, {reached:.3g} V, is below the noise"
            raise InputError(what, mend="lengthen or raise the pulse, or lower c", where=self.name)

    def predicted(self) -> dict[str, float]:
        """By the closed forms above."""
        conductance = leak_conductance(self.i_bias, self.kappa, self.v_early)
        g_out = transconductance(self.i_out, self.kappa)
        tau = time_constant(self.c, self.i_bias, self.kappa, self.v_early)
        return {
            "time_constant": float(tau),
            "peak": float(peak(self.i_pulse, self.t_pulse, conductance, tau)),
            "charge": float(charge(self.i_pulse, self.t_pulse, conductance, g_out)),
            "energy_per_event": float(event_energy(self.i_pulse, self.t_pulse, self.v_dd, conductance, g_out)),
            "static_power": float(static_power(self.v_dd, self.i_bias, self.i_out)),
        }

    def netlist(self) -> Circuit:
        """A pulse that begins after its own width, leak and output as tanh transconductors, the supplies of each apart."""
        from PySpice.Spice.Netlist import Circuit

        netlist = Circuit("exponential-filter")
        edge = min(self.t_pulse, self.predicted()["time_constant"]) / 1000
        netlist.V("pulses", "pulses", 0, self.v_dd)
        netlist.V("output", "output", 0, self.v_dd)
        netlist.V("bias", "bias", 0, self.v_dd)
        netlist.PulseCurrentSource(
            "event",
            "pulses",
            "synapse",
            initial_value=0,
            pulsed_value=self.i_pulse,
            delay_time=self.t_pulse,
            rise_time=edge,
            fall_time=edge,
            pulse_width=self.t_pulse - edge,
            period=1e3 * (self.t_pulse + self.predicted()["time_constant"]),
        )
        pair = f"tanh({self.kappa / (2 * THERMAL_VOLTAGE):.9g}*v(synapse))"
        netlist.B("leak", "synapse", 0, i=f"{self.i_bias:.9g}*{pair}")
        netlist.R("leak", "synapse", 0, self.v_early / self.i_bias)
        netlist.C("synapse", "synapse", 0, self.c)
        netlist.B("output", "output", 0, i=f"{self.i_out:.9g}*{pair}")
        netlist.I("tails", "bias", 0, self.i_bias + self.i_out)
        return netlist

    def analysis(self) -> Analysis:
        """Until the response has decayed by e^10."""
        tau = self.predicted()["time_constant"]
        end = 2 * self.t_pulse + 10 * tau
        saved = ("v(synapse)", "i(vpulses)", "i(voutput)", "i(vbias)")
        return Analysis(max(min(tau / 30, self.t_pulse / 5), end / 20_000), end, saved, initial=True, relative=1e-5)

    def simulated(self, waves: Waves) -> dict[str, float]:
        """The time constant is between two levels of the decay, 0.6 and 0.6 / e of the peak: where it is an exponential."""
        v = waves["v(synapse)"]
        top = float(v.max())
        after = float(waves.time[v.argmax()])
        high, low = (waves.crossing("v(synapse)", share * top, rising=False, after=after) for share in (0.6, 0.6 / 2.718281828))
        out = waves.integral(-waves["i(voutput)"])
        return {
            "time_constant": low - high,
            "peak": top,
            "charge": out,
            "energy_per_event": self.v_dd * (waves.integral(-waves["i(vpulses)"]) + out),
            "static_power": -float(waves["i(vbias)"][-1]) * self.v_dd,
        }
