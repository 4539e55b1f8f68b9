"""What the cost model says of a subject: quantities, and how far they may be off."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from costmodel.devices.evaluation.evaluate import Figures
from costmodel.devices.part import Part, part
from costmodel.estimates.estimating import Estimator
from costmodel.estimates.interval import spread
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.table import Table
from costmodel.validation.scoreboard.family import Predicted
from costmodel.validation.scoreboard.published.measurements import Row
from costmodel.validation.scoreboard.published.subjects import Subject, subject


class Model:
    """A row's subject, made ready to be costed.

    Args:
        row: the row.
        what: its subject.
        rates: activity in place of the subject's own; "*" is every spiking node.
        on: a part in place of the subject's own.

    Raises:
        InputError: the part cannot run it.
    """

    def __init__(self, row: Row, what: Subject, rates: Mapping[str, float] | None = None, on: Part | None = None) -> None:
        self.row, self.subject, self.part = row, what, on or part(what.part)
        chosen = dict(what.rates if rates is None else rates)
        self.estimators = [Estimator(program.workload(chosen), self.part) for program in what.programs]
        for estimator in self.estimators:
            for limit in estimator.violations(estimator.part.device({**estimator.part.values, **what.settings})):
                raise InputError(
                    f"'{row.name}' does not fit {self.part.name}: {limit.limit}, {limit.needs} of {limit.has}",
                    mend=limit.levers[0] if limit.levers else "take another part",
                )

    def quantities(
        self, values: Mapping[str, Any] | None = None, bound: str = "mean", period: float | None = None
    ) -> dict[str, float]:
        """Latency of a batch (s) and energies per sample (J).

        Args:
            values: parameters of the part to replace, SI.
            bound: "mean", or the end of the rates to take.
            period: time of a sample that static power is drawn for, in place of the predicted one, s.
        """
        total = np.zeros(4)
        for estimator in self.estimators:
            total += self._costs(estimator.workload.table, estimator.figures({**self.subject.settings, **(values or {})}, bound))
        latency, said, idle, dynamic = (float(value) for value in total)
        idle, drawn = (idle, said) if period is None else (idle * period / said, period)
        if self.subject.asleep is not None:
            idle, dynamic = self.subject.asleep * drawn, idle + dynamic - self.subject.asleep * drawn
        return {
            "latency": said * self.row.batch if self.row.sustained else latency,
            "dynamic_energy": dynamic,
            "idle_energy": idle,
            "energy": dynamic + idle,
        }

    def _costs(self, table: Table, figures: Figures) -> np.ndarray:
        """Latency, period, static and dynamic energy of one program, less what was not timed."""
        whole = np.array([float(np.ravel(v)[0]) for v in (figures.latency, figures.period, figures.static, figures.dynamic)])
        if not self.subject.timed:
            return whole
        times = np.ravel((figures.run.time * figures.run.executions)[:, :1])
        apart = [t for t, task in zip(times, table.tasks, strict=True) if task.phase == "update" or task.kind == "transfer"]
        return whole - np.array([sum(apart), 0, 0, 0])

    def intervals(self, residual: Mapping[str, float] | None = None) -> dict[str, Predicted]:
        """Quantities with 90 % intervals: every uncertain parameter that the run does not set moved to its ends, rates to theirs,
        and the calibration's residual, in quadrature of the logarithms.

        Args:
            residual: standard deviation of log10(predicted / measured) of latency and of energy, as calibration left it; None where
                there was none.
        """
        nominal = self.quantities()
        moved = [
            [self.quantities({name: end}) for end in (self.part.constants[name].low, self.part.constants[name].high)]
            for name in self.part.uncertain
            if name not in self.subject.settings
        ]
        moved.append([self.quantities(bound=end) for end in ("low", "high")])
        found = {}
        for name, value in nominal.items():
            ends = [[low[name], high[name]] for low, high in moved]
            if residual is not None:
                left = 10 ** (1.645 * residual["latency" if name == "latency" else "energy"])
                ends.append([value / left, value * left])
            interval = spread(value, np.array(ends))
            found[name] = Predicted(interval.value, interval.low, interval.high)
        return {name: found[name] for name in self.row.quantities}


def model(row: Row) -> Model | None:
    """A row's model; None where too much of it is unknown."""
    what = subject(row)
    return None if what is None else Model(row, what)
