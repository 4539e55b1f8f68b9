"""What a device class is: parameters with units, and equations over an operator's work.

An equation is plain arithmetic over ``self`` (parameters) and ``op`` (work, `graphs.lowering.operators`). With numbers it gives a
number, with columns a column, with sympy symbols the expression that is explained, solved and checked for its dimension.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np

from costmodel.graphs.equations.algebra import Value, maximum
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.operators import Memory, Neurons, Operator, Plasticity, Pooling, Synapses, Transfer
from costmodel.graphs.lowering.table import NOT_MADE, MadeSizes

COSTS = ("s", "J", "W", "J/B", "ohm", "F", "USD", "USD/s", "USD/J")
"""Units of what is paid: a free one is worth asking about."""


@dataclass(frozen=True)
class Param:
    """A parameter of a device class; a device holds its value in the same place.

    Attributes:
        unit: SI unit, "1" where it has none.
        meaning: what it is, in a few words.
        optional: whether a part may do without; it is then None.
        whole: whether it counts things.
        zero: whether it may be 0; None: where its unit is that of a cost (a time, an energy, …), which may vanish.
        high: largest value that makes sense.
    """

    unit: str
    meaning: str
    optional: bool = False
    whole: bool = False
    zero: bool | None = None
    high: float = 1e30

    def may_be_zero(self) -> bool:
        """Whether 0 makes sense: for what is added up, not for what something is divided by."""
        return self.unit in COSTS if self.zero is None else self.zero

    def __get__(self, device: "Device | None", owner: type) -> Value:
        """Itself; it is here for its type, as on a device the value set in `Device.__init__` is found first."""
        return self


@dataclass(frozen=True)
class Cost:
    """What one execution of an operator costs.

    Attributes:
        time: s.
        energy: dynamic energy, J.
        bounds: the times that compete or add up to ``time``, by what they are spent on, s.
    """

    time: Value
    energy: Value
    bounds: Mapping[str, Value] = field(default_factory=dict)

    def times(self, factor: Value) -> "Cost":
        """All of it, so many times."""
        return Cost(self.time * factor, self.energy * factor, {name: value * factor for name, value in self.bounds.items()})

    def __add__(self, other: "Cost") -> "Cost":
        """One after the other."""
        names = dict.fromkeys([*self.bounds, *other.bounds])
        bounds = {name: self.bounds.get(name, 0.0) + other.bounds.get(name, 0.0) for name in names}
        return Cost(self.time + other.time, self.energy + other.energy, bounds)


@dataclass(frozen=True)
class Run:
    """All operators of a network, costed; what a schedule composes.

    Attributes:
        time, energy: (tasks, points), one execution.
        bounds: what the time is spent on → (tasks, points).
        executions: (tasks, 1) executions per sample.
        layer: number of each task's layer.
        layers: how many there are.
        transfer: whether a task is between host and device.
        updates: whether a task updates neurons, which then send.
        timesteps, batch, depth: T, samples together, time steps that a spike takes from input to answer.
        dt: length of a network step, s.
        neurons: neurons of the whole network.
    """

    time: Any
    energy: Any
    bounds: Mapping[str, Any]
    executions: Any
    layer: np.ndarray
    layers: int
    transfer: np.ndarray
    updates: np.ndarray
    timesteps: Value
    batch: Value
    depth: Value
    dt: Value
    neurons: Value

    def stages(self, values: Any, *, host: bool, of: np.ndarray | None = None) -> Any:
        """Sums of ``values`` over the tasks of each layer, per time step: (layers, points).

        Args:
            values: (tasks, points).
            host: with host transfer, or without.
            of: which tasks are meant; None: all.
        """
        per_step = values * self.executions / self.timesteps
        keep = np.ones(len(self.layer), dtype=bool) if of is None else of
        keep = keep if host else keep & ~self.transfer
        result = np.zeros((self.layers, np.shape(per_step)[1]), dtype=np.asarray(per_step).dtype)
        np.add.at(result, self.layer[keep], np.asarray(per_step)[keep])
        return result

    def host(self) -> Any:
        """Host transfer time per time step."""
        per_step = self.time * self.executions / self.timesteps
        return per_step[self.transfer].sum(axis=0) if self.transfer.any() else 0.0


@dataclass(frozen=True)
class Facts:
    """What a device must know of a whole network to place it; fields are numbers, or columns over layers.

    Attributes:
        layer_neurons, layer_connections, layer_weight_bits, layer_fan_in: sizes of the layers, columns.
        layer_states: state variables of a neuron of each layer.
        layer_inputs: elements that send to each layer.
        layer_cores: cores that somebody gave each layer; 0 where nobody did.
        layer_multiply: products of a neuron's substep, a division as two.
        layer_exponential, layer_compare: its exponentials, and its comparisons and selects.
        neurons: all neurons.
        connections: all connections.
        stored_bits: bits that all weights take.
        widest: most bits that the file gives a weight; None where it says nothing.
        state_bytes: bytes of neuron state of one sample.
        kept_bytes: bytes kept for delays and training, one sample.
        shared_bytes: bytes that training keeps for the whole batch: gradients and the optimiser's moments.
        peak_bytes: most that a step of backpropagation through time takes of memory, for the whole batch; None for anything else.
        batch: samples together.
        layer_names: what the layers are called.
        neuron_types: types in use.
        rule: learning rule of a training step; None for inference.
    """

    layer_neurons: Any
    layer_connections: Any
    layer_weight_bits: Any
    layer_fan_in: Any
    layer_states: Any
    layer_inputs: Any
    layer_cores: Any
    layer_multiply: Any
    layer_exponential: Any
    layer_compare: Any
    neurons: Value
    connections: Value
    stored_bits: Value
    widest: float | None
    state_bytes: Value
    kept_bytes: Value
    shared_bytes: Value
    peak_bytes: Value | None
    batch: Value
    layer_names: tuple[str, ...] = ()
    neuron_types: frozenset[str] = frozenset()
    rule: str | None = None


@dataclass(frozen=True)
class Limit:
    """Something the network needs more of than the device has, and what would mend it."""

    limit: str
    needs: float | str
    has: float | str
    levers: tuple[str, ...] = ()


class Device(ABC):
    """Base of the device classes: equations per operator kind, a schedule, limits, area and price.

    Args:
        values: a value for every parameter: numbers, arrays over design points, or symbols; None for an optional one.
    """

    params: ClassVar[dict[str, Param]]
    keeps_given_bits: ClassVar[bool] = True
    """Whether it stores weights in the bits that a network gives; a tensor framework keeps its own precision."""
    whole_batch: ClassVar[bool] = False
    """Whether one execution serves the whole batch."""
    chosen: ClassVar[frozenset[str]] = frozenset()
    """Parameters that are chosen for each network where nobody gives them: of hardware that is designed for it."""
    made: ClassVar[MadeSizes] = NOT_MADE
    """Sizes of the hardware that such a device is, where it is made for a network (`devices.fitting.fitted`)."""

    tensors: ClassVar[bool] = False
    """Whether it multiplies what it has computed with what it has computed, and works across rows: not stored synapses alone."""

    paced: ClassVar[bool] = False
    """Whether all time steps last as long as the longest of them."""

    weight_bits = Param("1", "bits of a weight where the network says nothing", whole=True)
    state_bits = Param("1", "bits of a state variable", whole=True)
    p_chip = Param("W", "power that a chip draws on its own rails whether or not it computes", optional=True)
    p_board = Param("W", "power that its board draws besides, a chip's share of it", optional=True)
    p_host = Param("W", "power of the host computer, supplies and fans that serve it, a chip's share of them", optional=True)
    static_share = Param("1", "share of the chip's standing power that is counted", high=1.0, zero=True)
    chips = Param("1", "chips used together", whole=True)
    die_area = Param("m**2", "area of one chip", optional=True)
    price = Param("USD", "purchase price of one chip or board", optional=True)
    cloud = Param("USD/s", "rent", optional=True)
    k_time = Param("1", "measured time over that of the equations: how far they were off on published runs", zero=False)
    k_energy = Param("1", "measured dynamic energy over that of the equations, likewise", zero=False)
    lifetime = Param("s", "time over which the purchase is written off", zero=False)
    utilisation = Param("1", "share of that time in which it works", high=1.0)
    electricity = Param("USD/J", "price of electricity")

    def __init__(self, values: Mapping[str, Value]) -> None:
        for name in self.params:
            setattr(self, name, values[name])

    def __init_subclass__(cls) -> None:
        """Collects the declared parameters, those of the base classes first; one that a class defines otherwise is none of its."""
        found: dict[str, Any] = {}
        for base in reversed(cls.__mro__):
            own = vars(base)
            found |= {name: own[name] for name in own if name in found or isinstance(own[name], Param)}
        cls.params = {name: value for name, value in found.items() if isinstance(value, Param)}

    # -- work -------------------------------------------------------------------------------------------------------------
    def synapses(self, op: Synapses) -> Cost:
        """Cost of one execution of weighted connections."""
        raise self._unsupported(op)

    def neurons(self, op: Neurons) -> Cost:
        """Cost of one execution of an element-wise update."""
        raise self._unsupported(op)

    def pooling(self, op: Pooling) -> Cost:
        """Cost of one execution of a pool."""
        raise self._unsupported(op)

    def memory(self, op: Memory) -> Cost:
        """Cost of keeping state for one execution."""
        raise self._unsupported(op)

    def transfer(self, op: Transfer) -> Cost:
        """Cost of moving one time step's values or events between host and device."""
        raise self._unsupported(op)

    def plasticity(self, op: Plasticity) -> Cost:
        """Cost of one time step of a local learning rule."""
        raise self._unsupported(op)

    def cost(self, op: Operator) -> Cost:
        """Cost of one execution of any operator."""
        return getattr(self, op.kind)(op)

    def _unsupported(self, op: Operator) -> InputError:
        return InputError(
            f"{type(self).__name__} has no equation for {op.kind}", mend=f"add the method '{op.kind}' to the device class"
        )

    def changed(self, values: Mapping[str, Value]) -> Self:
        """The device with some parameters replaced."""
        other = copy(self)
        for name, value in values.items():
            setattr(other, name, value)
        return other

    def contradiction(self) -> tuple[str, str] | None:
        """What of its parameters cannot be together, and what to give instead; asked of numbers only."""
        return None

    # -- the whole --------------------------------------------------------------------------------------------------------
    @abstractmethod
    def latency(self, run: Run) -> Value:
        """Time until the answers of one batch are out, s."""

    @abstractmethod
    def period(self, run: Run) -> Value:
        """Time per sample with work kept coming, s."""

    def dynamic_energy(self, run: Run) -> Value:
        """Dynamic energy per sample, J: Σ executions · energy."""
        return (run.energy * run.executions).sum(axis=0)

    def static_power(self, run: Run) -> Value:
        """Power drawn whether or not it computes, W: (p_chip · static_share + p_board + p_host) · chips, as far as each is known
        and within the boundary (`devices.boundary`)."""
        del run
        each = [] if self.p_chip is None else [self.p_chip * self.static_share]
        return sum([*each, *(power for power in (self.p_board, self.p_host) if power is not None)]) * self.chips

    def static_energy(self, run: Run) -> Value:
        """Static energy per sample, J: static_power · period."""
        return self.static_power(run) * self.period(run)

    def relays(self, layers: Any) -> Value:
        """Time steps that spikes take more on their way than one for each population.

        Args:
            layers: sizes of the layers (``layer_neurons`` …), columns.
        """
        del layers
        return 0

    def placement(self, facts: Facts) -> dict[str, Value]:
        """Layer → cores that it is on; nothing where there are none."""
        del facts
        return {}

    def used(self, facts: Facts) -> Value | None:
        """Share of the chips that a network is on; None where what is standing is not shared out."""
        del facts
        return None

    def spent(self, run: Run) -> Mapping[str, Value]:
        """What the time of a sample is spent on, s; the largest is what the device is bound by."""
        return {name: (value * run.executions).sum(axis=0) for name, value in run.bounds.items()}

    def limits(self, facts: Facts) -> list[Limit]:
        """What does not fit."""
        del facts
        return []

    def resources(self, facts: Facts) -> dict[str, Value]:
        """What is occupied, by name: bytes of weights, of states, and of what training keeps."""
        return {"bytes": facts.stored_bits / 8 + facts.shared_bytes + (facts.state_bytes + facts.kept_bytes) * facts.batch}

    def area(self, facts: Facts) -> Value | None:
        """Silicon area, m²: that of the chips; None where it is not known."""
        del facts
        return None if self.die_area is None else self.die_area * self.chips

    def cost_of_sample(self, period: Value, energy: Value) -> Value | None:
        """Money per sample, USD: rent · period, or price / (lifetime · utilisation) · period + electricity · energy."""
        if self.cloud is not None:
            return self.cloud * self.chips * period
        if self.price is None:
            return None
        return self.price * self.chips / (self.lifetime * self.utilisation) * period + self.electricity * energy


def too_wide(facts: Facts, weight_bits: float) -> list[Limit]:
    """The limit of weight precision: only what the file gives is held to it."""
    if facts.widest is None or facts.widest <= weight_bits:
        return []
    return [Limit("weight bits", facts.widest, weight_bits, (f"--set bits={weight_bits:g}",))]


def more_chips(needs: float, has: float, chips: float) -> str:
    """The lever of using more chips."""
    return f"--set chips={int(np.ceil(needs / (has / chips)))}"


def at_least_one(value: Value) -> Value:
    """The value, or 1 where it is less: a layer takes one core, however small it is."""
    return maximum(value, 1.0)
