"""What a person can choose about the hardware."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from costmodel.graphs.errors import InputError
from costmodel.rtl.datapath import Precision
from costmodel.rtl.planning.parallel import largest_divisor
from costmodel.rtl.space import Space


@dataclass(frozen=True)
class Options:
    """Choices; None leaves one to the network file, or to what fits.

    Attributes:
        lanes: P, accumulators that a layer adds to in a cycle: for all layers, or by name.
        units: R, neurons that a layer updates in a cycle; a divisor of its P is taken, the next below.
        weight_bits: of all weights; None: the file's, or 8.
        input_bits: of input values, without their sign.
        queue: tokens that a queue holds; None: see `queue_of`.
        precision: of the neurons' arithmetic.
        readout: whether the class is read on the chip, as the network file says.

    Raises:
        InputError: a number below 1.
    """

    lanes: int | Mapping[str, int] = 8
    units: int | Mapping[str, int] = 1
    weight_bits: int | None = None
    input_bits: int = 8
    queue: int | None = None
    precision: Precision = field(default_factory=Precision)
    readout: bool = False

    def __post_init__(self) -> None:
        several = [*_values(self.lanes), *_values(self.units)]
        for name, value in (*(("lanes or units", v) for v in several), ("queue", self.queue)):
            if value is not None and value < 1:
                raise InputError(f"{name}: {value} will not do", mend="give 1 or more")
        for name, value, low, high in (("weight_bits", self.weight_bits, 2, 16), ("input_bits", self.input_bits, 1, 16)):
            if value is not None and not low <= value <= high:
                raise InputError(f"{name} is {value}", mend=f"give {low} to {high}")

    def queue_of(self, source: Space) -> int:
        """Tokens that a queue holds: as asked; else 16, or 256 behind neurons that lie in space, for neighbours fire together."""
        if self.queue is not None:
            return self.queue
        return 256 if source.rows * source.columns > 1 else 16

    def lanes_of(self, layer: str, channels: int) -> int:
        """P of a layer."""
        chosen = self.lanes if isinstance(self.lanes, int) else self.lanes.get(layer, 8)
        return min(chosen, channels)

    def units_of(self, layer: str, lanes: int) -> int:
        """R of a layer: the largest divisor of its P up to what was asked."""
        chosen = self.units if isinstance(self.units, int) else self.units.get(layer, 1)
        return largest_divisor(lanes, chosen)


def _values(choice: int | Mapping[str, int]) -> list[int]:
    return [choice] if isinstance(choice, int) else list(choice.values())
