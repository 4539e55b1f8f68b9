"""What is calibrated: a device class, where its networks run, and what a stopwatch cannot tell of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from costmodel.devices.bases.fused import Fused
from costmodel.estimates.estimating import Phase
from costmodel.graphs.network import Network
from costmodel.validation.calibration.drawn import STEPPED, Kind, Limits
from costmodel.validation.calibration.stopwatch import Subject

LIMITS = (Limits(operations=8e9, elements=2e7), Limits(operations=1e8, elements=1e6), Limits(operations=2e6, elements=5e4))
"""In turn: networks that on a core are bound by arithmetic and memory, by caches, and by dispatch."""


@dataclass(frozen=True)
class Known:
    """A value that is not fitted.

    Attributes:
        value: SI.
        kind, source: as in a part file.
        interval: 90 %, of what is assumed.
    """

    value: float
    kind: str
    source: str
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Scatter:
    """Of what a residual is.

    Attributes:
        kinds: of networks.
        phase: inference, or training steps.
    """

    kinds: tuple[Kind, ...]
    phase: Phase


STEPPING: Mapping[str, Scatter] = {
    "latency_residual": Scatter(STEPPED, "inference"),
    "training_residual": Scatter(STEPPED, "training"),
}
"""Of a class without networks by events."""


@dataclass(frozen=True)
class Target:
    """A machine to be measured.

    Attributes:
        name: as in ``costmodel calibrate NAME``.
        class_name: file of the device class.
        device: the class.
        runs_on: torch device.
        kinds: of networks that it runs.
        title: of the part.
        start: parameters that are fitted, and where the fit starts; they are positive.
        known: the other parameters, but those that every part shares and those that it may do without.
        subject: how a network is run.
        limits: of the networks, in turn.
        residuals: parameter that holds what the equations are off by → of what.
    """

    name: str
    class_name: str
    device: type[Fused]
    runs_on: str
    kinds: tuple[Kind, ...]
    title: str
    start: Mapping[str, float]
    known: Mapping[str, Known]
    subject: Callable[[Network, int, str], Subject] = Subject
    limits: tuple[Limits, ...] = LIMITS
    residuals: Mapping[str, Scatter] = field(default_factory=lambda: STEPPING)

    @property
    def family(self) -> str:
        """Of the part: the first word of the name."""
        return self.name.partition("-")[0]

    def run(self, network: Network, batch: int) -> Subject:
        """A network, ready to be run and timed there."""
        return self.subject(network, batch, self.runs_on)

    def fixed(self) -> dict[str, float | None]:
        """A value for every parameter that is not fitted."""
        missing = {name: None if param.optional else 1.0 for name, param in self.device.params.items() if name not in self.start}
        return missing | {name: one.value for name, one in self.known.items()}


SHARED = {
    "weight_bits": Known(32.0, "published", "torch: tensors are float32 unless told otherwise"),
    "state_bits": Known(32.0, "published", "torch: tensors are float32 unless told otherwise"),
    "ops_per_divide": Known(
        5.0, "assumed", "instruction tables: a division takes some additions' time on recent cores", (2.0, 10.0)
    ),
}
"""Of every target."""
