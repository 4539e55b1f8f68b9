"""The leaky integrate-and-fire neuron that an FPAA builds from its transconductors (OTA-C).

    c dv/dt = i_input − i_leak tanh(κ v / 2 U_T) − g v,    g = (i_input + i_leak) / v_early,    a spike where v ≥ v_threshold

The subthreshold transconductor is Mead's (Analog VLSI and Neural Systems, 1989); voltages are above its reference. For small v it
leaks with τ = c / G, G = κ i_leak / (2 U_T), for large v with a constant current. Its finite gain is g; its finite bandwidth a
capacitance c_mirror at G, which delays its current by c_mirror / G.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from costmodel.devices.circuits import firing
from costmodel.devices.circuits.circuit import AnalogCircuit, Analysis, parameter
from costmodel.devices.circuits.ota_lif_equations import Cell, leak, time_constant, transconductance
from costmodel.devices.circuits.pair import THERMAL_VOLTAGE
from costmodel.devices.circuits.spikes import spike_train, transient
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit

    from costmodel.devices.spice.job import Waves


@dataclass(frozen=True)
class OTALIF(AnalogCircuit):
    """The neuron under a constant input current.

    Energy counts the one supply: the input current, the tails of leak and comparator, the comparator's load.
    """

    name: ClassVar[str] = "ota-lif"
    units: ClassVar[dict[str, str]] = {
        "time_to_threshold": "s",
        "refractory_time": "s",
        "period": "s",
        "energy_per_spike": "J",
        "static_power": "W",
    }

    i_input: float = parameter(2e-9, "A", "input current", 1e-12, 1e-6)
    i_leak: float = parameter(1e-9, "A", "bias current of the leak", 1e-13, 1e-6)
    v_early: float = parameter(30.0, "V", "Early voltage of the transconductors' outputs: their gain", 10.0, 1000.0)
    c_membrane: float = parameter(1e-12, "F", "membrane capacitance", 1e-13, 1e-10)
    c_mirror: float = parameter(1e-14, "F", "capacitance at the leak's mirror: its bandwidth", 1e-16, 1e-12)
    v_threshold: float = parameter(0.5, "V", "threshold, above the leak's reference", 0.2, 1.5)
    v_low: float = parameter(0.1, "V", "where the reset ends, above the leak's reference", 0.03, 0.3)
    v_dd: float = parameter(2.4, "V", "supply", 1.0, 3.3)
    i_bias: float = parameter(10e-9, "A", "bias current of the comparator", 1e-10, 1e-5)
    c_comparator: float = parameter(1e-14, "F", "capacitance at the comparator's output", 1e-15, 1e-12)
    r_reset: float = parameter(1e6, "ohm", "resistance of the reset switch that is closed", 1e3, 1e9)
    kappa: float = parameter(0.7, "1", "gate coupling of the transistors", 0.5, 0.95)

    def check(self) -> None:
        """Refuses thresholds out of reach, resets that cannot end, and comparators and mirrors slower than the membrane."""
        cell = self.cell
        stalls = leak(self.v_threshold, self.i_leak, cell.g, self.kappa)
        firing.check_input(self.name, self.i_input, stalls, self.v_threshold)
        self.stage.check_supply(self.name)
        fastest = min(time_constant(self.c_membrane, self.i_leak, self.kappa), self.c_membrane * self.v_threshold / self.i_input)
        self.stage.check(self.name, self.i_input * self.r_reset, fastest)
        if self.c_mirror > 0.02 * self.c_membrane:
            what = f"c_mirror is {self.c_mirror:g} F, above a fiftieth of c_membrane: the leak would lag behind the membrane"
            raise InputError(what, mend="raise c_membrane", where=self.name)
        firing.check_reset(self.name, cell.reset.fall, cell.tau_c)

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
        return {
            "time_to_threshold": float(cell.time_to_threshold()),
            "refractory_time": float(cell.reset.time),
            "period": float(cell.period),
            "energy_per_spike": float(cell.energy_per_spike),
            "static_power": float(cell.static_power),
        }

    def netlist(self) -> Circuit:
        """Input and leak as currents, the leak behind its mirror's pole; output conductance, capacitor, firing stage."""
        from PySpice.Spice.Netlist import Circuit

        netlist = Circuit("ota-lif")
        netlist.V("dd", "supply", 0, self.v_dd)
        netlist.V("input", "supply", "input", 0)
        netlist.I("input", "input", "membrane", self.i_input)
        netlist.I("tail", "supply", 0, self.i_leak)
        # The mirror in units of the bias current: 1 V is all of it.
        pole = self.c_mirror / transconductance(self.i_leak, self.kappa)
        pair = f"tanh({self.kappa / (2 * THERMAL_VOLTAGE):.9g}*v(membrane))"
        netlist.B("pair", 0, "mirror", i=f"{pair}/1k")
        netlist.R("mirror", "mirror", 0, 1e3)
        netlist.C("mirror", "mirror", 0, pole / 1e3)
        netlist.B("leak", "membrane", 0, i=f"{self.i_leak:.9g}*v(mirror)")
        netlist.R("outputs", "membrane", 0, 1 / self.cell.g)
        netlist.C("membrane", "membrane", 0, self.c_membrane)
        self.stage.add(netlist, "membrane", "out", "supply")
        return netlist

    def analysis(self) -> Analysis:
        """From 0 V through the second spike."""
        known = self.predicted()
        step, end = transient(known["time_to_threshold"], known["period"], known["refractory_time"])
        return Analysis(step, end, ("v(membrane)", "v(out)", "i(vdd)", "i(vinput)"), initial=True, relative=1e-5)

    def simulated(self, waves: Waves) -> dict[str, float]:
        """Firing is the comparator's output through mid-rail; static power is the supply's at rest, less the input."""
        shown = spike_train(waves, self.v_dd, {"i(vdd)": self.v_dd})
        return shown | {"static_power": shown["static_power"] - self.v_dd * self.i_input}
