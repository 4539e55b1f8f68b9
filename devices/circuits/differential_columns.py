"""Two columns of a crossbar and the two amplifiers that subtract their currents: a column of signed weights.

The negative column's amplifier turns its current into a voltage, which goes through ``r_coupling`` into the positive
column's amplifier; that gives −r_feedback (i⁺ − i⁻ r_feedback / r_coupling). Row i drives both of its cells, G⁺ and G⁻. To a
column, a cell behind its row's driver is a source J with a conductance g, by Norton's theorem:

    J = v G⁺ / (1 + r_driver (G⁺ + G⁻)),    g = G⁺ (1 + r_driver G⁻) / (1 + r_driver (G⁺ + G⁻))

and the column a line of equal cells with their mean (`devices.circuits.lines`), of whose current J the amplifier, held at 0 V,
gets the share γ that the line's profile has at the cell (reciprocity).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from costmodel.devices.circuits.cells import check_cells, driven_rows
from costmodel.devices.circuits.circuit import AnalogCircuit, Analysis, parameter
from costmodel.devices.circuits.lines import profile, share
from costmodel.graphs.equations.algebra import Value
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit

    from costmodel.devices.spice.job import Waves


class Column(NamedTuple):
    """A column as its amplifier sees it.

    Attributes:
        short: current into 0 V, A.
        conductance: of the column to ground, S.
        sources: sum of its cells' currents J, A.
        cells: sum of its cells' conductances g, S.
    """

    short: Value
    conductance: Value
    sources: Value
    cells: Value


def current(column: Column, v_line: Value) -> Value:
    """What flows out of a column whose end is at v_line, A."""
    return column.short - column.conductance * v_line


def line_voltage(column: Column, gain: Value, r_feedback: Value, injected: Value, g_injected: Value) -> Value:
    """V at the input of a column's amplifier: all currents at 0 V over all conductances.

    The feedback, of an output that is −gain times it, is one of (1 + gain) / r_feedback.

    Args:
        column: of it.
        gain, r_feedback: of the amplifier, 1 and Ω.
        injected: other currents into it at 0 V, A.
        g_injected: and their sources' conductances, S.
    """
    return (column.short + injected) / (column.conductance + g_injected + (1 + gain) / r_feedback)


@dataclass(frozen=True)
class DifferentialColumns(AnalogCircuit):
    """Signed weights, each one cell of two above G_off; some rows, chosen at random, are at v_read, others at 0 V.

    What is simulated is the state at rest: how columns settle is the crossbar's affair, how amplifiers do the sense amplifier's.
    """

    name: ClassVar[str] = "differential-columns"
    units: ClassVar[dict[str, str]] = {"positive_current": "A", "negative_current": "A", "output": "V", "read_power": "W"}

    rows: int = parameter(64, "1", "rows", 2, 1024)
    r_on: float = parameter(10e3, "ohm", "resistance of a cell at the largest weight", 1e3, 1e7)
    r_off: float = parameter(1e6, "ohm", "resistance of a cell at weight 0", 1e4, 1e9)
    share_positive: float = parameter(0.5, "1", "share of weights that are positive", 0, 1)
    share_driven: float = parameter(0.5, "1", "share of rows that are driven, at least one", 0, 1)
    seed: int = parameter(1, "1", "seed of weights and of which rows are driven", 0, 2**31)
    r_wire: float = parameter(2.0, "ohm", "resistance of a column from cell to cell", 0.1, 20)
    r_driver: float = parameter(500.0, "ohm", "output resistance of a row driver", 10, 1e4)
    v_read: float = parameter(0.2, "V", "voltage on driven rows", 0.05, 1)
    v_write: float = parameter(1.2, "V", "voltage from which a cell's state changes", 0.8, 5)
    r_feedback: float = parameter(1e3, "ohm", "feedback resistance of both amplifiers", 100, 1e6)
    mismatch: float = parameter(0.0, "1", "by how much r_coupling is below r_feedback, a share of r_coupling", -0.1, 0.1)
    gain: float = parameter(1000.0, "1", "open-loop gain of the amplifiers", 30, 1e5)
    v_dd: float = parameter(1.2, "V", "largest output of an amplifier, of either sign", 0.8, 3.3)

    def check(self) -> None:
        """r_on ≤ r_off, v_read < v_write, outputs within the supply."""
        check_cells(self.name, self.r_on, self.r_off, self.v_read, self.v_write)
        stages = self.stages()
        for which, volts in (("the negative column's amplifier", stages["coupled"]), ("the output", stages["output"])):
            if abs(volts) > self.v_dd:
                what = (
                    f"r_feedback is {self.r_feedback:g} ohm: {which} would be at {volts:.3g} V, beyond the supply ({self.v_dd:g} V)"
                )
                raise InputError(what, mend="lower r_feedback or v_read", where=self.name)

    @cached_property
    def weight(self) -> np.ndarray:
        """(M,) of −1 to 1: of uniform size, at random positive or negative."""
        random = np.random.default_rng(self.seed)
        return random.random(self.rows) * np.where(random.random(self.rows) < self.share_positive, 1, -1)

    @cached_property
    def conductance(self) -> np.ndarray:
        """(M, 2) G⁺ and G⁻, S."""
        off, on = 1 / self.r_off, 1 / self.r_on
        return off + np.maximum(np.stack([self.weight, -self.weight], axis=1), 0) * (on - off)

    @cached_property
    def driven(self) -> np.ndarray:
        """(M,) which rows are driven."""
        return driven_rows(self.rows, self.share_driven, self.seed)

    @property
    def r_coupling(self) -> float:
        """From the negative column's amplifier into the positive column's, Ω."""
        return self.r_feedback / (1 + self.mismatch)

    def columns(self) -> tuple[Column, Column]:
        """The positive and the negative one, with their own cells; row 1 is the nearest to the amplifiers."""
        whole = 1 + self.r_driver * self.conductance.sum(axis=1)
        place = np.arange(1, self.rows + 1)
        found = []
        for own, other in (self.conductance.T, self.conductance.T[::-1]):
            sources = self.v_read * self.driven * own / whole
            cells = own * (1 + self.r_driver * other) / whole
            mean = cells.mean()
            short = (sources * profile(place, self.rows, mean, self.r_wire, 0)).sum()
            conductance = cells.sum() * share(self.rows, mean, self.r_wire, 0)
            found.append(Column(short, conductance, sources.sum(), cells.sum()))
        return found[0], found[1]

    def stages(self) -> dict[str, float]:
        """Currents out of the columns, the negative amplifier's output (``coupled``), the output."""
        positive, negative = self.columns()
        below = line_voltage(negative, self.gain, self.r_feedback, 0, 0)
        coupled = -self.gain * below
        line = line_voltage(positive, self.gain, self.r_feedback, coupled / self.r_coupling, 1 / self.r_coupling)
        return {
            "positive_current": float(current(positive, line)),
            "negative_current": float(current(negative, below)),
            "coupled": float(coupled),
            "output": float(-self.gain * line),
        }

    def predicted(self) -> dict[str, float]:
        """Power is v_read Σ J, less what flows back from columns that are off ground, by (Σ J − i) / Σ g, into driven rows."""
        stages, power = self.stages(), 0.0
        share_driven = self.driven.mean()
        whole = 1 + self.r_driver * self.conductance.sum(axis=1)
        for column, own, flows in zip(
            self.columns(), self.conductance.T, (stages["positive_current"], stages["negative_current"]), strict=True
        ):
            off_ground = (column.sources - flows) / column.cells
            power += self.v_read * (column.sources - off_ground * share_driven * (own / whole).sum())
        return {name: stages[name] for name in ("positive_current", "negative_current", "output")} | {"read_power": float(power)}

    def netlist(self) -> Circuit:
        """One source drives all driven rows; 0 V sources carry the columns' currents to ideal amplifiers of finite gain."""
        from PySpice.Spice.Netlist import Circuit

        netlist = Circuit("differential-columns")
        netlist.V("read", "drive", netlist.gnd, self.v_read)
        for i, pair in enumerate(self.conductance):
            netlist.R(f"driver_{i}", "drive" if self.driven[i] else netlist.gnd, f"row_{i}", self.r_driver)
            for side, g in zip("pn", pair, strict=True):
                netlist.R(f"cell_{side}_{i}", f"row_{i}", f"{side}_{i}", float(1 / g))
                netlist.R(f"wire_{side}_{i}", f"{side}_{i}", f"{side}_{i - 1}" if i else f"end_{side}", self.r_wire)
        for side in "pn":
            netlist.V(side, f"end_{side}", f"line_{side}", 0)
            netlist.R(f"feedback_{side}", f"line_{side}", f"out_{side}", self.r_feedback)
            netlist.VCVS(f"out_{side}", f"out_{side}", netlist.gnd, f"line_{side}", netlist.gnd, voltage_gain=-self.gain)
        netlist.R("coupling", "out_n", "line_p", self.r_coupling)
        return netlist

    def analysis(self) -> Analysis:
        """At rest from the start."""
        return Analysis(1e-9, 1e-8, ("i(vread)", "i(vp)", "i(vn)", "v(out_p)"), relative=1e-6)

    def simulated(self, waves: Waves) -> dict[str, float]:
        """The last values."""
        return {
            "positive_current": float(waves["i(vp)"][-1]),
            "negative_current": float(waves["i(vn)"][-1]),
            "output": float(waves["v(out_p)"][-1]),
            "read_power": -self.v_read * float(waves["i(vread)"][-1]),
        }
