"""Families of a machine that is at hand: calibrated, then held against random networks that the calibration has not seen."""

from abc import abstractmethod
from typing import Any, ClassVar

from costmodel.devices.part import from_text
from costmodel.estimates.estimating import Estimator, Phase, Workload
from costmodel.validation.calibration.calibrating import calibrate
from costmodel.validation.calibration.drawn import KINDS, STEPPED, Drawn, Kind, Limits, drawn
from costmodel.validation.calibration.stopwatch import timed
from costmodel.validation.calibration.target import Target
from costmodel.validation.runs.progress import counted
from costmodel.validation.scoreboard.family import Case, Family, Predicted, Prediction

PER_KIND = 16
"""Networks of each kind; their seeds are other than a calibration's."""

BUDGET = 0.1
"""Seconds that a phase is repeated for in a visit."""

PHASES: dict[str, Phase] = {"latency": "inference", "training_step": "training"}

MEMORY_SPREAD = 0.05
"""Half the relative width of the memory's interval: what promised."""


class Calibrated(Family):
    """Calibrates first. A network is predicted for inference and for a training step; its memory, in time steps, is the step's."""

    visits: ClassVar[int] = 3
    kinds: ClassVar[tuple[Kind, ...]]
    """Of networks."""
    limits: ClassVar[Limits]
    """Of their size."""

    @abstractmethod
    def target(self) -> Target:
        """What is calibrated."""

    def prepare(self, kept: dict[str, Any]) -> None:
        """Calibrates, unless the run that goes on has."""
        if "part" in kept:
            self.provenance = kept
            return
        with counted("calibrating") as told:
            found = calibrate(self.target(), told)
        self.provenance = {**found.provenance, "part": found.text}

    def cases(self) -> list[Case]:
        """Names are those of `drawn`."""
        return [Case(f"{kind}-{seed}", source="this machine", group=kind) for kind in self.kinds for seed in range(PER_KIND)]

    def predict(self, case: Case) -> Prediction:
        """By the calibrated part, under the activity of a run that is not timed."""
        one, part, found = self.drawn(case), from_text(self.provenance["part"], "calibration"), {}
        seen = self.target().run(one.network, one.batch).rates()
        for quantity, phase in PHASES.items():
            estimator = Estimator(Workload(one.network, phase, batch=one.batch, rates=seen), part)
            latency = estimator.estimate().latency
            if latency is None:
                raise ValueError(f"{case.name} does not fit the machine")
            found[quantity] = Predicted(latency.value, latency.low, latency.high)
            if phase == "training" and self.has_memory(one):
                size = float(part.device(part.values).resources(estimator.facts)["bytes"])
                found["training_memory"] = Predicted(size, size * (1 - MEMORY_SPREAD), size * (1 + MEMORY_SPREAD))
        return Prediction(found, "activity as in a run before" if seen else "")

    def measure(self, case: Case) -> dict[str, float]:
        """The fastest of repeated calls; the most that torch has allocated, which follows no spikes."""
        one = self.drawn(case)
        subject = self.target().run(one.network, one.batch)
        latency, step = (timed(call, BUDGET).fastest for call in (subject.infer, subject.train))
        memory = {"training_memory": subject.training_bytes()} if self.has_memory(one) else {}
        return {"latency": latency, "training_step": step, **memory}

    def has_memory(self, one: Drawn) -> bool:
        """Whether a training step's memory is predicted and measured."""
        return "training_memory" in self.units and one.kind in STEPPED

    def drawn(self, case: Case) -> Drawn:
        """The network of a case."""
        kind, seed = case.name.rsplit("-", 1)
        return drawn(int(seed), KINDS[KINDS.index(kind)], self.limits)
