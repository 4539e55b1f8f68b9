"""A family of the scoreboard: cases of one kind of hardware, how they are predicted and how they are measured."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True)
class Case:
    """One thing that is predicted and measured.

    Attributes:
        name: unlike any other of the family; from it alone the case can be made again.
        scored: whether it counts in the family's score; cases that a calibration has seen, and cases of which something is
            unknown, are shown and do not count.
        source: where the measurement comes from.
        group: the kind of hardware that it is told apart by within its family; empty where there is one kind.
    """

    name: str
    scored: bool = True
    source: str = ""
    group: str = ""


@dataclass(frozen=True)
class Predicted:
    """A quantity as a model has it: its value, and the bounds of its 90 % interval, SI."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Prediction:
    """What is predicted of a case.

    Attributes:
        quantities: name → value and interval.
        note: what a reader must know of it, such as the activity that was assumed.
    """

    quantities: dict[str, Predicted]
    note: str = ""


@dataclass(frozen=True)
class Bound:
    """What a family promises of the errors of a quantity, relative; None: nothing."""

    median: float | None = None
    p90: float | None = None
    median_log10: float | None = None


@dataclass
class Family(ABC):
    """Base. A family is made afresh for every run.

    Attributes:
        provenance: what the numbers hang on (versions, machine, the calibration), filled by `prepare`; kept with the rows.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    """A line that says what is held against what."""
    units: ClassVar[dict[str, str]]
    """Quantity → its SI unit."""
    bounds: ClassVar[dict[str, Bound]] = {}
    """Quantity → what is promised of it."""
    visits: ClassVar[int] = 1
    """Times that every case is measured, all of them once before any is again; the least value counts, for other tenants of a
    machine stay a while and make it slower, never faster."""
    provenance: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def missing(cls) -> str | None:
        """What this machine lacks to measure the family, in words; None where it lacks nothing."""
        return None

    def prepare(self, kept: dict[str, Any]) -> None:  # noqa: B027  (most have nothing to prepare)
        """What is done once, before anything is predicted, such as a calibration.

        Args:
            kept: the provenance of a run that is resumed, empty otherwise: what it holds must not be done anew.

        Raises:
            InputError: something that the family needs is not there.
        """

    @abstractmethod
    def cases(self) -> list[Case]:
        """Every case, in the order of the table; the same at every call."""

    @abstractmethod
    def predict(self, case: Case) -> Prediction:
        """By the cost model, without any look at the measurement."""

    @abstractmethod
    def measure(self, case: Case) -> dict[str, float]:
        """Quantity → measured value, SI; quantities that this case does not have are left out."""
