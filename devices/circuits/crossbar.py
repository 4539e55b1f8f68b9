"""A memristor crossbar: rows driven by a step, cells, wires with resistance and capacitance, columns into a virtual ground.

Its closed forms, which device classes take from here: `attenuation`, `column_attenuation`, `weight_error`, `settling_time`,
`read_power`, `read_energy`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from costmodel.devices.circuits.cells import check_cells, driven_rows
from costmodel.devices.circuits.circuit import AnalogCircuit, Analysis, parameter
from costmodel.devices.circuits.crossbar_drop import (
    attenuation,
    column_attenuation,
    column_loss,
    loaded_profile,
    off_ground,
    weight_error,
)
from costmodel.devices.circuits.crossbar_energy import read_energy, read_power
from costmodel.devices.circuits.crossbar_settling import modes, settling_time
from costmodel.devices.circuits.lines import profile, share
from costmodel.devices.spice.job import Waves
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit as Netlist

__all__ = ["Crossbar", "attenuation", "column_attenuation", "read_energy", "read_power", "settling_time", "weight_error"]

POINTS = 500
"""Least number of time steps of a transient."""

RISE = 0.1
"""Rise time of the step, in time steps."""


@dataclass(frozen=True)
class Crossbar(AnalogCircuit):
    """M × N cells, on or off at random; some rows, chosen at random, are stepped from 0 to v_read, others are held at 0 V.

    Row i starts with r_driver, column j ends, below the last row, with r_sense; r_wire is before every cell of a row and
    after every cell of a column, and c_wire at each of these nodes to ground.
    """

    name: ClassVar[str] = "crossbar"
    units: ClassVar[dict[str, str]] = {"settling_time": "s", "read_energy": "J", "column_current": "A", "worst_column": "1"}

    rows: int = parameter(16, "1", "rows", 2, 4096)
    columns: int = parameter(16, "1", "columns", 2, 4096)
    r_on: float = parameter(10e3, "ohm", "resistance of a cell that is on", 10, 1e12)
    r_off: float = parameter(1e6, "ohm", "resistance of a cell that is off", 10, 1e15)
    share_on: float = parameter(0.5, "1", "share of cells that are on", 0, 1)
    share_driven: float = parameter(1.0, "1", "share of rows that are driven, at least one", 0, 1)
    seed: int = parameter(1, "1", "seed of which cells are on and which rows are driven", 0, 2**63)
    r_wire: float = parameter(2.0, "ohm", "resistance of a line from cell to cell", 1e-3, 1e6)
    c_wire: float = parameter(1e-15, "F", "capacitance of a line per cell", 1e-20, 1e-9)
    r_driver: float = parameter(1e3, "ohm", "output resistance of a row driver", 1e-3, 1e9)
    r_sense: float = parameter(100.0, "ohm", "input resistance of a column's amplifier", 1e-3, 1e9)
    v_read: float = parameter(0.2, "V", "voltage on driven rows", 1e-6, 10)
    v_write: float = parameter(1.2, "V", "voltage from which a cell's state changes", 1e-6, 100)
    tolerance: float = parameter(0.01, "1", "of the final value, to which all columns settle", 1e-4, 0.5)
    read_time: float = parameter(2e-9, "s", "for which rows are driven", 1e-15, 1)

    def check(self) -> None:
        """r_on ≤ r_off, v_read < v_write, whole rows, columns and seed."""
        check_cells(self.name, self.r_on, self.r_off, self.v_read, self.v_write)
        for field in ("rows", "columns", "seed"):
            if int(getattr(self, field)) != getattr(self, field):
                raise InputError(f"{field} is {getattr(self, field)!r}", mend="give a whole number", where=self.name)

    @cached_property
    def conductance(self) -> np.ndarray:
        """(M, N) of the cells, S."""
        on = np.random.default_rng(self.seed).random((self.rows, self.columns)) < self.share_on
        return np.where(on, 1 / self.r_on, 1 / self.r_off)

    @cached_property
    def driven(self) -> np.ndarray:
        """(M,) which rows are driven."""
        return driven_rows(self.rows, self.share_driven, self.seed)

    @property
    def sources(self) -> np.ndarray:
        """(M,) voltages of the row sources after the step, V."""
        return self.v_read * self.driven

    def line(self) -> dict[str, float]:
        """What most closed forms take: sizes, the cells' mean conductance, resistances."""
        return {
            "rows": self.rows,
            "columns": self.columns,
            "g_cell": float(self.conductance.mean()),
            "r_wire": self.r_wire,
            "r_driver": self.r_driver,
            "r_sense": self.r_sense,
        }

    def settles(self) -> dict[str, float]:
        """What `settling_time` takes besides `line`."""
        return {
            "c_wire": self.c_wire,
            "tolerance": self.tolerance,
            "spread": float(self.conductance.std() / self.conductance.mean()),
            "driven": int(self.driven.sum()),
        }

    @property
    def part(self) -> float:
        """Share of the driven rows in what all rows would take, were they driven."""
        own = self.conductance.mean(axis=1)
        taken = own * share(self.columns, own, self.r_wire, self.r_driver)
        return float((taken * self.driven).sum() / taken.sum())

    def columns_at_rest(self) -> np.ndarray:
        """(N,) currents, A: I_j = v_read / loss_j · Σ_i G_ij (s_i ρ_ij + part (ρ'_ij − ρ_ij)).

        By superposition: what all rows have in common, ``part``, meets columns that rise (ρ', `loaded_profile`), and what
        driven rows (s_i = 1) differ by meets columns at ground (ρ, `lines.profile`); both with each row's own cells.
        """
        cells, line = self.conductance, self.line()
        place, own = np.arange(1, self.columns + 1), cells.mean(axis=1)[:, None]
        alone = profile(place, self.columns, own, self.r_wire, self.r_driver)
        common = loaded_profile(self.rows, self.columns, own, place, self.r_wire, self.r_driver, self.r_sense)
        seen = self.driven[:, None] * alone + self.part * (common - alone)
        return self.v_read * (cells * seen).sum(axis=0) / column_loss(g_column=cells.mean(axis=0), **line)

    def predicted(self) -> dict[str, float]:
        """By the closed forms; energy with the driven rows' own conductances."""
        of_rows = self.conductance.mean(axis=1)[self.driven]
        how = {
            "c_wire": self.c_wire,
            "v_read": self.v_read,
            "time": self.read_time,
            "lifted": self.part * off_ground(**self.line()),
            **self.line(),
        }
        return {
            "settling_time": float(settling_time(**self.settles(), **self.line())),
            "read_energy": float(np.mean(read_energy(driven=len(of_rows), g_row=of_rows, **how))),
            **self.at_rest(self.columns_at_rest()),
        }

    def at_rest(self, currents: np.ndarray) -> dict[str, float]:
        """The columns' mean current, and the least of a column's over what it were without IR drop."""
        ideal = self.sources @ self.conductance
        return {"column_current": float(currents.mean()), "worst_column": float((currents / ideal).min())}

    def netlist(self) -> Netlist:
        """One source drives all driven rows; its current is theirs."""
        from PySpice.Spice.Netlist import Circuit

        circuit = Circuit(f"crossbar {self.rows} x {self.columns}")
        step = self.analysis().step
        circuit.V("read", "drive", circuit.gnd, f"pulse(0 {self.v_read!r} 0 {RISE * step!r} {RISE * step!r} 1 2)")
        for i in range(self.rows):
            circuit.R(f"d{i}", "drive" if self.driven[i] else circuit.gnd, f"d{i}", self.r_driver)
            for j in range(self.columns):
                row, column = f"r{i}_{j}", f"c{i}_{j}"
                circuit.R(f"r{i}_{j}", f"r{i}_{j - 1}" if j else f"d{i}", row, self.r_wire)
                circuit.R(f"g{i}_{j}", row, column, float(1 / self.conductance[i, j]))
                circuit.R(f"c{i}_{j}", column, f"c{i + 1}_{j}" if i + 1 < self.rows else f"s{j}", self.r_wire)
                circuit.C(f"r{i}_{j}", row, circuit.gnd, self.c_wire)
                circuit.C(f"c{i}_{j}", column, circuit.gnd, self.c_wire)
        for j in range(self.columns):
            circuit.R(f"s{j}", f"s{j}", circuit.gnd, self.r_sense)
        return circuit

    def analysis(self) -> Analysis:
        """Until the slowest mode has decayed by e⁻⁸ after the predicted settling, and for the read time."""
        settled = float(settling_time(**self.settles(), **self.line()))
        slow, _, _ = modes(**self.line())
        end = max(self.read_time, settled + 8 * self.c_wire / float(slow))
        saved = ("i(vread)", *(f"v(s{j})" for j in range(self.columns)))
        return Analysis(step=min(end / POINTS, settled / 200), end=end, saved=saved)

    def simulated(self, waves: Waves) -> dict[str, float]:
        """Settling from the middle of the step, by the last value of each column; energy over the read time."""
        currents = np.stack([waves[f"v(s{j})"] for j in range(self.columns)]) / self.r_sense
        final = currents[:, -1]
        outside = np.abs(currents - final[:, None]) > self.tolerance * np.abs(final)[:, None]
        last = outside.shape[1] - 1 - outside[:, ::-1].argmax(axis=1)
        each = np.arange(self.columns)
        distance = np.abs(currents / final[:, None] - 1)
        before, after = distance[each, last], distance[each, last + 1]
        times = waves.time[last] + (before - self.tolerance) / (before - after) * np.diff(waves.time)[last]
        settled = float(times.max()) - RISE * self.analysis().step / 2
        energy = self.v_read * waves.integral(-waves["i(vread)"], 0, self.read_time)
        return {"settling_time": settled, "read_energy": energy, **self.at_rest(final)}
