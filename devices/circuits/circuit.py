"""What a circuit is: parameters with units and ranges, a netlist, and closed forms for what a simulation of it shows."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from costmodel.devices.spice.job import Job, Waves
from costmodel.graphs.errors import InputError

if TYPE_CHECKING:
    from PySpice.Spice.Netlist import Circuit as Netlist


def parameter(default: Any, unit: str, meaning: str, low: float, high: float) -> Any:
    """A field of a circuit: its default in SI, unit ("1" without), meaning, and the range outside which it is unphysical."""
    return dataclasses.field(default=default, metadata={"unit": unit, "meaning": meaning, "low": low, "high": high})


@dataclass(frozen=True)
class AnalogCircuit(ABC):
    """Base. Fields made by `parameter` are its parameters, in SI.

    Raises:
        InputError: a parameter is outside its range, or parameters contradict each other (`check`).
    """

    name: ClassVar[str]
    """What the command line calls it."""
    units: ClassVar[dict[str, str]]
    """Quantity that is predicted and simulated → its SI unit."""

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            known = field.metadata
            if "low" not in known:
                continue
            value = getattr(self, field.name)
            if not isinstance(value, int | float) or not known["low"] <= value <= known["high"]:
                unit = "" if known["unit"] == "1" else f" {known['unit']}"
                what = f"{field.name} is {value!r}{unit} ({known['meaning']})"
                raise InputError(what, mend=f"give {known['low']:g} to {known['high']:g}{unit}", where=self.name)
        self.check()

    def check(self) -> None:  # noqa: B027  (most parameters do not contradict each other)
        """Refuses parameters that contradict each other.

        Raises:
            InputError: they do.
        """

    @abstractmethod
    def predicted(self) -> dict[str, float]:
        """Each quantity by its closed form."""

    @abstractmethod
    def netlist(self) -> Netlist:
        """The circuit, sources included, as PySpice has it."""

    @abstractmethod
    def analysis(self) -> Analysis:
        """How it is simulated."""

    @abstractmethod
    def simulated(self, waves: Waves) -> dict[str, float]:
        """Each quantity as the simulation shows it."""

    def job(self) -> Job:
        """What SPICE is asked."""
        how = self.analysis()
        return Job(repr(self), str(self.netlist()), how.step, how.end, how.saved, how.initial, how.relative)


@dataclass(frozen=True)
class Analysis:
    """See `devices.spice.Job`."""

    step: float
    end: float
    saved: tuple[str, ...]
    initial: bool = False
    relative: float = 1e-4
