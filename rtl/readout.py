"""How a sample's class is read on the chip, in plain data: the same object is simulated, elaborated, timed and priced."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["sum", "max", "last", "first"]


@dataclass(frozen=True)
class Readout:
    """The class whose score is largest; of equal ones the first.

    Attributes:
        kind: the score of a class: the "sum" of what it sent, the "max" over all steps, what it sent at the "last" step, or how
            early it sent "first".
        classes: how many.
        value_bits: width of the values that arrive; 0 for spikes.
        timesteps: T, the most steps of a sample.
    """

    kind: Kind
    classes: int
    value_bits: int
    timesteps: int

    @property
    def score_bits(self) -> int:
        """Width of a score, in two's complement where values arrive; 0 where none is kept."""
        if self.kind == "first":
            return 0
        if self.kind != "sum":
            return self.value_bits or 1
        return self.value_bits + (self.timesteps - 1).bit_length() if self.value_bits else self.timesteps.bit_length()

    @property
    def count_bits(self) -> int:
        """Width of the number of steps at which a class sent: zeros are not sent, but the largest value may be one."""
        return self.timesteps.bit_length() if self.kind == "max" and self.value_bits else 0
