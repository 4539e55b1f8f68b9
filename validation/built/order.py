"""What somebody wants built, and what was built."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from costmodel.devices.part import Part
from costmodel.estimates.estimated import Estimate
from costmodel.rtl.cost.resources import FpgaCost
from costmodel.rtl.datapath import Precision
from costmodel.rtl.design import Design
from costmodel.rtl.synthesis import Resources
from costmodel.validation.built.hardware import Verification


@dataclass(frozen=True)
class Order:
    """What somebody wants built; see the options of ``costmodel rtl``."""

    part: str
    out: Path
    lanes: int | Mapping[str, int] | None = None
    units: int | None = None
    weight_bits: int | None = None
    precision: Precision = field(default_factory=Precision)
    queue: int | None = None
    readout: bool = False
    samples: int = 0
    synthesise: bool = False
    board: str | None = None
    system_tools: bool = False
    simulator: str | None = None
    data: Path | None = None
    seed: int = 0


@dataclass(frozen=True)
class Built:
    """What was built.

    Attributes:
        design: the hardware.
        part: the FPGA.
        files: what was written.
        predicted: resources, before anything was synthesised.
        measured: as yosys and nextpnr have them; None where they were not asked.
        checked: the samples; their cycles are None where nothing was simulated.
        simulated: whether a clocked simulation was asked for.
        estimate: the part's cost equations with this design's P, R and activity.
        source: where the samples come from.
        clock_hz: measured, or else predicted.
        notes: what was assumed, in words.
    """

    design: Design
    part: Part
    files: list[Path]
    predicted: FpgaCost
    measured: Resources | None
    checked: Verification
    simulated: bool
    estimate: Estimate
    source: str
    clock_hz: float
    notes: list[str]

    def to_dict(self) -> dict[str, object]:
        """As in ``rtl --json``."""
        checked = self.checked
        verified = {"samples": checked.samples, "mismatches": checked.mismatches, "unequal_cycles": checked.unequal}
        return {
            "files": [str(path) for path in self.files],
            "part": self.part.name,
            "predicted": {"cycles": checked.predicted, **_figures(self.predicted)},
            "measured": {"cycles": checked.cycles, **_figures(self.measured)},
            "verify": verified if self.simulated else {"samples": 0, "mismatches": 0, "unequal_cycles": 0},
            "accuracy": checked.accuracy,
            "events": checked.events,
            "layers": {layer.name: {"lanes": layer.lanes, "units": layer.units} for layer in self.design.layers.values()},
        }


def _figures(taken: FpgaCost | Resources | None) -> dict[str, float | None]:
    names = ("luts", "ffs", "brams", "dsps", "fmax_hz")
    return {name: None if taken is None else getattr(taken, name) for name in names}
