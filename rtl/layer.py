"""What a layer's hardware is made of, in plain data: the same object is simulated, elaborated, timed and priced."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from costmodel.rtl.datapath import Datapath
from costmodel.rtl.reach import Reach
from costmodel.rtl.space import Space


@dataclass(frozen=True, eq=False)
class Port:
    """Where events enter a layer, with the weights that they carry.

    Attributes:
        name: of the node with the weights.
        reach: what an event is added to.
        space: of the addresses that arrive.
        bits: of a weight.
        value_bits: of an event's value; 0 where events are spikes.
        late: whether the layer receives here what was sent at the step before, as within loops.
    """

    name: str
    reach: Reach
    space: Space
    bits: int
    value_bits: int = 0
    late: bool = False


@dataclass(frozen=True)
class Window:
    """Pooling between synapses and neurons: of rows × columns accumulators the largest, or the sum."""

    rows: int
    columns: int
    kind: Literal["max", "sum"]


@dataclass(frozen=True, eq=False)
class Layer:
    """A population (or bare weighted sums) and the synapses before it, as one core.

    Attributes:
        name: of the population.
        space: its neurons; rows and columns are 1 where it is fully connected.
        ports: served in this order within every step, each until its end of step: late ones first.
        lanes: P, accumulators that are added to in a cycle.
        units: R, neurons that are updated in a cycle; divides P.
        datapath: of one neuron.
        window: pooling before the neurons.
        summed: the accumulators; as many as neurons, but for a window.
    """

    name: str
    space: Space
    ports: tuple[Port, ...]
    lanes: int
    units: int
    datapath: Datapath
    summed: Space
    window: Window | None = None

    @property
    def groups(self) -> int:
        """Accumulator words of a position."""
        return -(-self.space.channels // self.lanes)

    @property
    def words(self) -> int:
        """Accumulator words."""
        return self.summed.rows * self.summed.columns * self.groups

    @property
    def positions(self) -> int:
        """Positions of neurons."""
        return self.space.rows * self.space.columns

    @property
    def beats_per_position(self) -> int:
        """Cycles in which the channels of a position are updated: the only position stops at its last neuron, others at a whole
        word."""
        return -(-self.space.channels // self.units) if self.positions == 1 else self.groups * (self.lanes // self.units)

    @property
    def beats(self) -> int:
        """Cycles of a pass in which neurons are updated."""
        return self.positions * self.beats_per_position

    @property
    def reads(self) -> int:
        """Accumulator words read for each beat."""
        return 1 if self.window is None else self.window.rows * self.window.columns

    @cached_property
    def back_to_back(self) -> bool:
        """Whether an event may be loaded during the last access of the one before: its first word is never that last one."""
        return self.groups > 1 and self.summed.rows * self.summed.columns == 1

    @property
    def passes(self) -> int:
        """Times that a sweep goes over the neurons: substeps of the integrator."""
        return self.datapath.passes

    @property
    def accumulates(self) -> bool:
        """Whether the accumulators are the membranes; else they are sums of weights that the sweep clears."""
        return self.datapath.form == "membrane"

    @property
    def accumulator_bits(self) -> int:
        """Width of an accumulator."""
        return self.datapath.inputs["acc"].width

    @property
    def initial(self) -> int:
        """An accumulator's value before the first step."""
        return self.datapath.initial.get("acc", 0)

    @property
    def states(self) -> tuple[str, ...]:
        """What is stored of a neuron besides its accumulator."""
        return tuple(name for name in self.datapath.stored if name != "acc")

    @property
    def value_bits(self) -> int:
        """Width of the values that are sent, in two's complement; 0 for spikes."""
        value = self.datapath.outputs.get("value")
        return 0 if value is None else value.width + (not value.signed)

    def beat_of(self, numbers: np.ndarray) -> np.ndarray:
        """The beat of a pass in which neurons, by hardware number, are updated."""
        place, channel = np.divmod(numbers, self.space.channels)
        return place * self.beats_per_position + channel // self.units
