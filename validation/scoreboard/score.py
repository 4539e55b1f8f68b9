"""Rows of the scoreboard, and a family's figures: errors and how often the interval held."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from costmodel.validation.scoreboard.family import Family
from costmodel.validation.scoreboard.ledger import Ledger


@dataclass(frozen=True)
class Row:
    """A quantity of a case, predicted and measured, SI.

    Attributes:
        family, group, case, quantity, unit: what.
        predicted, low, high: by the model, with its 90 % interval.
        measured: the truth.
        scored: whether it counts.
        source: of the measurement.
        note: on the prediction.
    """

    family: str
    group: str
    case: str
    quantity: str
    unit: str
    predicted: float
    low: float
    high: float
    measured: float
    scored: bool
    source: str
    note: str

    @property
    def error(self) -> float:
        """predicted / measured − 1."""
        return self.predicted / self.measured - 1

    @property
    def log10(self) -> float:
        """log10(predicted / measured)."""
        return math.log10(self.predicted / self.measured)

    @property
    def inside(self) -> bool:
        """Whether the interval holds the measurement."""
        return self.low <= self.measured <= self.high


@dataclass(frozen=True)
class Score:
    """Of some rows.

    Attributes:
        rows: how many.
        median, p90: of the absolute relative errors.
        median_log10: of |log10(predicted / measured)|.
        coverage: share of rows whose interval holds the measurement.
        width: median of high / low of the intervals.
    """

    rows: int
    median: float
    p90: float
    median_log10: float
    coverage: float
    width: float


def rows(family: Family, ledger: Ledger) -> list[Row]:
    """All rows of a family that have been measured, in the order of its cases."""
    found = []
    for case in family.cases():
        if case.name not in ledger.measured:
            continue
        prediction = ledger.predicted[case.name]
        for quantity, measured in ledger.measured[case.name].items():
            if quantity not in prediction.quantities or measured <= 0:
                continue
            said = prediction.quantities[quantity]
            found.append(
                Row(
                    family.name, case.group, case.name, quantity, family.units[quantity], said.value, said.low, said.high, measured,
                    case.scored, case.source, prediction.note,
                )
            )  # fmt: skip
    return found


def score(some: Iterable[Row]) -> Score | None:
    """The figures of the scored rows among some; None where there are none."""
    counted = [row for row in some if row.scored]
    if not counted:
        return None
    errors = np.abs([row.error for row in counted])
    return Score(
        rows=len(counted),
        median=float(np.median(errors)),
        p90=float(np.quantile(errors, 0.9)),
        median_log10=float(np.median(np.abs([row.log10 for row in counted]))),
        coverage=float(np.mean([row.inside for row in counted])),
        width=float(np.median([row.high / row.low if row.low > 0 else np.inf for row in counted])),
    )
