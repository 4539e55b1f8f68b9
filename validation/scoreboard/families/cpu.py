"""This machine's CPU under the reference runner: calibrated, then held against random networks that it has not seen."""

from typing import Any, ClassVar

from costmodel.estimating import Estimator, Phase, Workload
from devices.part import from_text
from validation.calibration.calibrating import calibrate
from validation.calibration.cpu import target
from validation.drawn import KINDS, STEPPED, Drawn, Limits, drawn
from validation.progress import counted
from validation.scoreboard.family import Bound, Case, Family, Predicted, Prediction
from validation.stopwatch import Subject, timed

PER_KIND = 16
"""Networks of each kind; their seeds are other than a calibration's."""

LIMITS = Limits()
BUDGET = 0.4
"""Seconds that a phase is repeated for."""

PHASES: dict[str, Phase] = {"latency": "inference", "training_step": "training"}

MEMORY_SPREAD = 0.05
"""Half the relative width of the memory's interval: what promised."""


class CPU(Family):
    """Calibrates first. A network is predicted for inference and for a training step; its memory, in time steps, is the step's."""

    name: ClassVar[str] = "cpu"
    title: ClassVar[str] = "CPU equations, calibrated in a minute, against the reference runner in the same run"
    units: ClassVar[dict[str, str]] = {"latency": "s", "training_step": "s", "training_memory": "B"}
    bounds: ClassVar[dict[str, Bound]] = {
        "latency": Bound(median=0.10, p90=0.25),
        "training_step": Bound(median=0.15),
        "training_memory": Bound(median=0.05),
    }

    def prepare(self, kept: dict[str, Any]) -> None:
        """Calibrates, unless the run that goes on has."""
        if "part" in kept:
            self.provenance = kept
            return
        with counted("calibrating") as told:
            found = calibrate(target(), told)
        self.provenance = {**found.provenance, "part": found.text}

    def cases(self) -> list[Case]:
        """Names are those of `drawn`."""
        return [Case(f"{kind}-{seed}", source="this machine", group=kind) for kind in KINDS for seed in range(PER_KIND)]

    def predict(self, case: Case) -> Prediction:
        """By the calibrated part, under the activity of a run that is not timed."""
        one, part, found = _drawn(case), from_text(self.provenance["part"], "calibration"), {}
        seen = Subject(one.network, one.batch).rates()
        for quantity, phase in PHASES.items():
            estimator = Estimator(Workload(one.network, phase, batch=one.batch, rates=seen), part)
            latency = estimator.estimate().latency
            if latency is None:
                raise ValueError(f"{case.name} does not fit the machine")
            found[quantity] = Predicted(latency.value, latency.low, latency.high)
            if phase == "training" and one.kind in STEPPED:
                size = float(part.device(part.values).resources(estimator.facts)["bytes"])
                found["training_memory"] = Predicted(size, size * (1 - MEMORY_SPREAD), size * (1 + MEMORY_SPREAD))
        return Prediction(found, "activity as in a run before" if seen else "")

    def measure(self, case: Case) -> dict[str, float]:
        """The fastest of repeated calls; the most that torch has allocated, which follows no spikes."""
        one = _drawn(case)
        subject = Subject(one.network, one.batch)
        latency, step = (timed(call, BUDGET).fastest for call in (subject.infer, subject.train))
        memory = {"training_memory": subject.training_bytes()} if one.kind in STEPPED else {}
        return {"latency": latency, "training_step": step, **memory}


def _drawn(case: Case) -> Drawn:
    kind, seed = case.name.rsplit("-", 1)
    return drawn(int(seed), KINDS[KINDS.index(kind)], LIMITS)


FAMILY = CPU
