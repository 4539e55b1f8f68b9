"""What SPICE is asked, and what it answers, in plain data that goes between processes."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Job:
    """A netlist and its analysis.

    Attributes:
        name: what it is, in words, for progress and failures.
        netlist: SPICE, without analysis and without ``.end``.
        step, end: of a transient, s: the longest time step, and how long; ``end`` 0: the operating point.
        saved: vectors to keep: ``v(node)``, ``i(vsource)``.
        initial: whether the transient begins with the netlist's initial conditions instead of the operating point.
        relative: SPICE's relative tolerance.
    """

    name: str
    netlist: str
    step: float
    end: float
    saved: tuple[str, ...]
    initial: bool = False
    relative: float = 1e-4

    def text(self) -> str:
        """The whole deck, as any SPICE runs it."""
        how = f".tran {self.step:.9g} {self.end:.9g} 0 {self.step:.9g}" + (" uic" if self.initial else "") if self.end else ".op"
        options = f".options reltol={self.relative:g} abstol=1e-15 vntol=1e-9 chgtol=1e-18 method=gear"
        body = "\n".join(line for line in self.netlist.strip().splitlines() if line.strip().lower() != ".end")
        return "\n".join([body, options, ".save " + " ".join(self.saved), how, ".end", ""])


@dataclass(frozen=True)
class Waves:
    """What came out.

    Attributes:
        time: s; one entry for an operating point.
        values: vector, in small letters → its values at these times, V or A.
    """

    time: np.ndarray
    values: Mapping[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        """A vector by its name."""
        return self.values[name.lower()]

    def crossing(self, name: str, level: float, *, rising: bool = True, after: float = 0.0) -> float:
        """The first time after ``after`` at which a vector goes through a level, interpolated, s; NaN: never."""
        signal = self[name] - level if rising else level - self[name]
        here = np.flatnonzero((signal[:-1] < 0) & (signal[1:] >= 0) & (self.time[1:] > after))
        if not len(here):
            return float("nan")
        i = here[0]
        share = signal[i] / (signal[i] - signal[i + 1])
        return float(self.time[i] + share * (self.time[i + 1] - self.time[i]))

    def crossings(self, name: str, level: float, *, rising: bool = True) -> np.ndarray:
        """All times at which a vector goes through a level, s."""
        signal = self[name] - level if rising else level - self[name]
        here = np.flatnonzero((signal[:-1] < 0) & (signal[1:] >= 0))
        share = signal[here] / (signal[here] - signal[here + 1])
        return self.time[here] + share * (self.time[here + 1] - self.time[here])

    def integral(self, values: np.ndarray, start: float = 0.0, end: float = np.inf) -> float:
        """∫ values dt by trapezoids from ``start`` to ``end``, these interpolated."""
        low, high = max(start, self.time[0]), min(end, self.time[-1])
        inside = self.time[(self.time > low) & (self.time < high)]
        times = np.concatenate([[low], inside, [high]])
        return float(np.trapezoid(np.interp(times, self.time, values), times))


@dataclass(frozen=True)
class Failure:
    """A job that SPICE did not finish.

    Attributes:
        name: of the job.
        reason: SPICE's own words, in one line.
        netlist: the deck's file, which is kept.
    """

    name: str
    reason: str
    netlist: str
