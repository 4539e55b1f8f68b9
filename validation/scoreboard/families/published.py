"""Published measurements of chips and computers, against what the cost model says of the same networks."""

from typing import Any, ClassVar

from costmodel.graphs.errors import InputError
from costmodel.validation.scoreboard.family import Bound, Case, Family, Prediction
from costmodel.validation.scoreboard.published.fit import fit, priors, residual
from costmodel.validation.scoreboard.published.measurements import Row, rows
from costmodel.validation.scoreboard.published.predicting import Model
from costmodel.validation.scoreboard.published.reconciling import reconcile
from costmodel.validation.scoreboard.published.subjects import subject


class Published(Family):
    """A case is a row of ``validation/measured/published.csv``; its group is its kind of hardware."""

    name = "published"
    title = "published measurements of chips and computers, against the cost model calibrated on other workloads of each device"
    units: ClassVar = {"latency": "s", "dynamic_energy": "J", "idle_energy": "J", "energy": "J"}
    bounds: ClassVar = dict.fromkeys(units, Bound(median_log10=0.15))

    def prepare(self, kept: dict[str, Any]) -> None:
        """The residual of the calibration, which widens every interval; the fitted values are in the part files."""
        if "residual" not in kept:
            fits = [fit(platform) for platform in priors()]
            kept = {
                "residual": residual(fits),
                "fitted": {one.platform: {"rows": list(one.rows), "values": one.values} for one in fits},
            }
        self.provenance = {key: kept[key] for key in ("residual", "fitted")}

    def cases(self) -> list[Case]:
        """Every row, in the order of the file."""
        return [Case(row.name, row.role == "score", row.source, row.family) for row in rows().values()]

    def predict(self, case: Case) -> Prediction:
        """Quantities that the row has, with the activity that it would take where none is published; none at all, and why, where
        too much is unknown. Quantities are predicted without the measurement; only the note on the activity looks at it."""
        row = rows()[case.name]
        what = subject(row)
        if what is None or not row.quantities:
            return Prediction({}, f"not predicted: {row.reason}")
        try:
            made = Model(row, what)
        except InputError as error:
            return Prediction({}, f"not predicted: {error}")
        told = [_role(row), *([what.assumption] if what.assumption else [])]
        if what.unknown:
            told.append(str(reconcile(row, what)))
        return Prediction(made.intervals(self.provenance["residual"]), "; ".join(told))

    def measure(self, case: Case) -> dict[str, float]:
        """As published."""
        return rows()[case.name].quantities


def _role(row: Row) -> str:
    if row.role == "calibrate":
        return "calibrates" + (f": {row.reason}" if row.reason else "")
    return "scored" if row.role == "score" else f"only shown: {row.reason}"


FAMILY = Published
