"""Where a row's activity is not published: the activity that would bring prediction and measurement together."""

import math
from dataclasses import dataclass

from scipy.optimize import brentq

from costmodel.validation.scoreboard.published.measurements import Row
from costmodel.validation.scoreboard.published.predicting import Model
from costmodel.validation.scoreboard.published.subjects import Subject

LEAST, MOST = 1e-6, 1.0
"""Spikes of a neuron a step that are tried: from next to none to one at every step."""


@dataclass(frozen=True)
class Reconciled:
    """The outcome.

    Attributes:
        quantity: what was brought together.
        rate: spikes a step, the same for every input and neuron; None where none will do.
        ends: predicted / measured with next to no spikes, and with all that there can be.
    """

    quantity: str
    rate: float | None
    ends: tuple[float, float]

    def __str__(self) -> str:
        name = self.quantity.replace("_", " ")
        if self.rate is not None:
            return f"{name} would need {100 * self.rate:.3g} % of inputs and neurons to spike at each step"
        told = f"{self.ends[0]:.3g} times the measurement without spikes, {self.ends[1]:.3g} times with all"
        return f"no activity reconciles {name}: {told}"


def reconcile(row: Row, what: Subject) -> Reconciled:
    """Solves predicted(rate) = measured for the quantity that hangs most on activity: dynamic energy, else energy, else latency.

    Static power is taken over the measured time, where there is one, so that activity does not stand for a miss of the latency.
    """
    quantity = next(name for name in ("dynamic_energy", "energy", "latency") if name in row.quantities)

    period = row.quantities["latency"] / row.batch if "latency" in row.quantities else None

    def off(logarithm: float) -> float:
        said = Model(row, what, {"*": 10**logarithm}).quantities(period=period)[quantity]
        return math.log10(max(said, 1e-300) / row.quantities[quantity])

    low, high = math.log10(LEAST), math.log10(MOST)
    ends = off(low), off(high)
    solvable = ends[0] < 0 < ends[1]
    rate = 10 ** float(brentq(off, low, high, xtol=1e-6)) if solvable else None
    return Reconciled(quantity, rate, (10 ** ends[0], 10 ** ends[1]))
