"""The path from a neuron to a row through routing switches: transmission or floating gates of an FPAA, or programmed memristors.

Each of k switches is a resistance r_on, with a line of r_line, and leaves c_node at the node behind it. The path is an RC ladder
from a driver (r_driver) to a load (r_load, c_load). With R_j the resistance from the source to node j, R all of it, load included,

    H(s) = (r_load / R) / (1 + b1 s + b2 s² + …),    b1 = Σ C_j R_j (R − R_j) / R   (Elmore, J. Appl. Phys. 19, 1948)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from costmodel.devices.circuits.circuit import AnalogCircuit, Analysis, parameter
from costmodel.graphs.equations.algebra import Value, sqrt
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit

    from costmodel.devices.spice.job import Waves


@dataclass(frozen=True)
class Ladder:
    """A path; all but the count of switches may be symbols. SI.

    Attributes:
        switches: in series.
        r_switch: of each, with its line, ohm.
        c_node: behind each, F.
        r_driver: ohm.
        r_load, c_load: ohm, F.
    """

    switches: int
    r_switch: Value
    c_node: Value
    r_driver: Value
    r_load: Value
    c_load: Value

    @property
    def total(self) -> Value:
        """R = r_driver + k r_switch + r_load, ohm."""
        return self.r_driver + self.switches * self.r_switch + self.r_load

    @property
    def nodes(self) -> list[tuple[Value, Value]]:
        """(R_j, C_j) of every node."""
        last = self.switches
        return [(self.r_driver + j * self.r_switch, self.c_node + (self.c_load if j == last else 0)) for j in range(1, last + 1)]

    @property
    def attenuation(self) -> Value:
        """r_load / R: what part of the driver's voltage arrives."""
        return self.r_load / self.total

    @property
    def elmore(self) -> Value:
        """b1, s: the dominant pole's time constant."""
        return sum(c * r * (self.total - r) / self.total for r, c in self.nodes)

    @property
    def delay(self) -> Value:
        """To half of the settled voltage, s: ln 2 m1² / √m2 (D2M; Alpert, Devgan and Kashyap, ISPD 2000).

        m1 = b1 and m2 = b1² − b2 are the moments of H, b2 = Σ_{i<j} C_i C_j R_i (R_j − R_i) (R − R_j) / R.
        """
        b2: Value = 0
        for j, (r_j, c_j) in enumerate(self.nodes):
            for r_i, c_i in self.nodes[:j]:
                b2 = b2 + c_i * c_j * r_i * (r_j - r_i) * (self.total - r_j) / self.total
        return math.log(2) * self.elmore**2 / sqrt(self.elmore**2 - b2)

    def transition_energy(self, v: Value) -> Value:
        """v² Σ C_j ((R − R_j) / R)², J: what the driver gives for a rise, beyond what it gives the load for ever after."""
        return v**2 * sum(c * ((self.total - r) / self.total) ** 2 for r, c in self.nodes)

    def static_power(self, v: Value) -> Value:
        """v² / R, W: into the load while the driver is high."""
        return v**2 / self.total


@dataclass(frozen=True)
class RoutingSwitch(AnalogCircuit):
    """A path under a step of v. Energy counts the driver; a transition's is that beyond the static power."""

    name: ClassVar[str] = "routing-switch"
    units: ClassVar[dict[str, str]] = {"delay": "s", "attenuation": "1", "transition_energy": "J", "static_power": "W"}

    switches: int = parameter(4, "1", "switches in series", 1, 20)
    r_on: float = parameter(10e3, "ohm", "resistance of a switch that is on", 10.0, 1e6)
    r_off: float = parameter(1e9, "ohm", "resistance of a switch that is off", 1e3, 1e13)
    r_line: float = parameter(10.0, "ohm", "line of a switch", 0.01, 1e4)
    c_node: float = parameter(10e-15, "F", "capacitance behind a switch: its own, its line's", 1e-16, 1e-12)
    r_driver: float = parameter(1e3, "ohm", "output resistance of the driver", 10.0, 1e5)
    r_load: float = parameter(1e9, "ohm", "load at the end: a row of cells", 1e3, 1e10)
    c_load: float = parameter(50e-15, "F", "capacitance of the load", 1e-16, 1e-11)
    v: float = parameter(0.3, "V", "voltage of a spike", 0.05, 3.3)
    v_write: float = parameter(1.0, "V", "voltage that a switch withstands without change", 0.1, 10.0)

    def check(self) -> None:
        """Refuses switches that do not switch, signals that reprogram them, and loads that leave nothing of a signal."""
        if self.r_on >= self.r_off:
            raise InputError(f"r_on ({self.r_on:g} ohm) is not below r_off ({self.r_off:g} ohm)", mend="swap them", where=self.name)
        if self.v >= self.v_write:
            what = f"v is {self.v:g} V, beyond v_write ({self.v_write:g} V): a spike would change the switches"
            raise InputError(what, mend="lower v", where=self.name)
        if self.ladder.attenuation < 0.05:
            what = f"r_load is {self.r_load:g} ohm: {self.ladder.attenuation:.3g} of a signal arrives"
            raise InputError(what, mend="raise it above a twentieth of the path's resistance", where=self.name)

    @property
    def ladder(self) -> Ladder:
        """Its closed forms."""
        return Ladder(self.switches, self.r_on + self.r_line, self.c_node, self.r_driver, self.r_load, self.c_load)

    def predicted(self) -> dict[str, float]:
        """By the closed forms of `Ladder`."""
        ladder = self.ladder
        return {
            "delay": float(ladder.delay),
            "attenuation": float(ladder.attenuation),
            "transition_energy": float(ladder.transition_energy(self.v)),
            "static_power": float(ladder.static_power(self.v)),
        }

    def netlist(self) -> Circuit:
        """The ladder, driven by a step at one Elmore delay."""
        from PySpice.Spice.Netlist import Circuit

        netlist, tau = Circuit("routing-switch"), float(self.ladder.elmore)
        edge = {"delay_time": tau * 0.999, "rise_time": tau * 2e-3, "fall_time": tau * 2e-3}
        netlist.PulseVoltageSource(
            "driver", "source", 0, initial_value=0, pulsed_value=self.v, pulse_width=1e3 * tau, period=1e4 * tau, **edge
        )
        netlist.R("driver", "source", "node0", self.r_driver)
        for j in range(1, self.switches + 1):
            netlist.R(f"switch{j}", f"node{j - 1}", f"node{j}", self.r_on + self.r_line)
            netlist.C(f"node{j}", f"node{j}", 0, self.c_node)
        netlist.R("load", f"node{self.switches}", 0, self.r_load)
        netlist.C("load", f"node{self.switches}", 0, self.c_load)
        return netlist

    def analysis(self) -> Analysis:
        """Until all has settled."""
        tau = float(self.ladder.elmore)
        saved = (f"v(node{self.switches})", "v(source)", "i(vdriver)")
        return Analysis(tau / 50, 40 * tau, saved, initial=True, relative=1e-6)

    def simulated(self, waves: Waves) -> dict[str, float]:
        """Half of what the load settles at; the energy of 39 time constants less that of the static power."""
        tau, end = float(self.ladder.elmore), f"v(node{self.switches})"
        settled = float(waves[end][-1])
        power = -waves["i(vdriver)"] * waves["v(source)"]
        return {
            "delay": waves.crossing(end, settled / 2) - tau,
            "attenuation": settled / self.v,
            "transition_energy": waves.integral(power) - 39 * tau * float(power[-1]),
            "static_power": float(power[-1]),
        }
