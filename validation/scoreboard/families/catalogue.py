"""The catalogue's own parts against published measurements of runs whose network is known."""

from typing import Any, ClassVar

from costmodel.graphs.errors import InputError
from costmodel.validation.scoreboard.catalogue.predicting import Catalogued
from costmodel.validation.scoreboard.catalogue.runs import Run, runs
from costmodel.validation.scoreboard.family import Bound, Case, Family, Prediction
from costmodel.validation.scoreboard.published.measurements import rows


class Catalogue(Family):
    """A case is a run of ``validation/measured/catalogue.toml``; its group is its kind of hardware."""

    name = "catalogue"
    title = "the answers of the catalogue's own parts, fed and counted as each source says, against published measurements"
    units: ClassVar = {"latency": "s", "dynamic_energy": "J", "idle_energy": "J", "energy": "J"}
    bounds: ClassVar = dict.fromkeys(units, Bound(median_log10=0.15))

    def prepare(self, kept: dict[str, Any]) -> None:
        """Nothing: the constants are those of the part files, at the version that predicts."""
        self.provenance = dict(kept)

    def cases(self) -> list[Case]:
        """Every run, part by part."""
        return [Case(run.row, run.role == "score", rows()[run.row].source, run.family) for run in runs().values()]

    def predict(self, case: Case) -> Prediction:
        """As a user would be told, with no look at the measurement."""
        run = runs()[case.name]
        try:
            made = Catalogued(run, rows()[case.name])
        except InputError as error:
            return Prediction({}, f"not predicted: {error}")
        told = [_how(run, made), *([made.subject.assumption] if made.subject.assumption else [])]
        told += ["activity unknown: the default"] if made.subject.unknown else []
        return Prediction(made.intervals(), "; ".join(told))

    def measure(self, case: Case) -> dict[str, float]:
        """As published."""
        return rows()[case.name].quantities


def _how(run: Run, made: Catalogued) -> str:
    role = {"train": "trains", "score": "scored", "show": "only shown"}[run.role] + (f" ({run.seen})" if run.seen else "")
    host = f", host {run.host}" if run.host else ""
    return f"{role}; {run.part}{host}, energy of the {made.part.boundary}; {run.said}"


FAMILY = Catalogue
