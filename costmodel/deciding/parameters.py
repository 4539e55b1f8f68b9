"""A parameter that may be solved for or varied: of the network or of a part, with its unit and the range that makes sense."""

from dataclasses import dataclass

import numpy as np

from costmodel.deciding.costs import is_lowered
from costmodel.devices.part import Constant, Part
from costmodel.estimates.estimating import Workload
from costmodel.estimates.request import NETWORK_PARAMETERS
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.lowering.activity import is_spiking
from costmodel.graphs.settings.units import parse, pretty

DECADES = 6
"""How far from its value a quantity is looked at, either way."""


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        name: as in ``--set``, without a device.
        unit: SI; "1" where it has none.
        whole: whether it counts things.
        value: its present value; None where a part does without it.
        low, high: the range in which it is looked at.
    """

    name: str
    unit: str
    whole: bool
    value: float | None
    low: float
    high: float

    def pretty(self, value: float) -> str:
        """A value of it, for people."""
        return f"{value:,.0f}" if self.whole else pretty(value, self.unit, 4)

    def within(self, text: str) -> "Parameter":
        """The same, looked at in a range ``LO:HI``.

        Raises:
            InputError: no such range, or an empty one.
        """
        low, colon, high = text.partition(":")
        if not colon or not low or not high:
            raise InputError(f"'{text}' is no range", mend="write LO:HI, as in 1kΩ:1MΩ", where="--range")
        try:
            ends = parse(low, self.unit), parse(high, self.unit)
        except InputError as error:
            raise error.at("--range") from None
        if self.whole:
            ends = float(np.ceil(ends[0])), float(np.floor(ends[1]))
        if not 0 <= ends[0] < ends[1]:
            raise InputError(f"the range {text} is empty", mend="order 0 ≤ LO < HI", where="--range")
        return Parameter(self.name, self.unit, self.whole, self.value, *ends)

    def grid(self, points: int) -> np.ndarray:
        """About so many values over the range, evenly on a logarithmic scale, whole ones where it counts; 0 is one of its own."""
        if self.whole:
            low = max(self.low, 1.0)
            grid = np.unique(np.round(np.geomspace(low, max(self.high, low), points)))
        else:
            low = self.low if self.low > 0 else self.high * 10.0 ** (-2 * DECADES)
            grid = np.geomspace(low, self.high, points)
            grid[0], grid[-1] = low, self.high
        return grid if self.low > 0 else np.concatenate([[0.0], grid])


def parameter(workload: Workload, on: Part, name: str) -> Parameter:
    """A parameter by its name: of the network (timesteps, batch, bits, rate, rate.NODE, features.NODE), or of the part.

    Raises:
        InputError: neither has it.
    """
    found = _of_network(workload, on, name)
    if found is not None:
        return found
    if name not in on.constants:
        known = {*NETWORK_PARAMETERS, *on.constants, *_nodes(workload)}
        raise InputError(f"neither the network nor '{on.name}' has a parameter '{name}'", mend=nearest(name, known), where="--for")
    declared, value = on.device.params[name], on.values[name]
    if is_lowered(name):
        return Parameter(name, "1", True, value, 1.0, 64.0)
    if declared.whole:
        return Parameter(
            name, "1", True, value, 0.0 if declared.may_be_zero() else 1.0, min(declared.high, 1000 * max(value or 1, 1))
        )
    middle = value or 1.0
    low = 0.0 if declared.may_be_zero() else middle * 10.0**-DECADES
    return Parameter(name, declared.unit, False, value, low, min(declared.high, middle * 10.0**DECADES))


def _nodes(workload: Workload) -> list[str]:
    nodes = workload.network.nodes
    return [f"rate.{n}" for n in nodes if is_spiking(nodes[n])] + [f"features.{n}" for n in nodes if hasattr(nodes[n], "features")]


def _of_network(workload: Workload, on: Part, name: str) -> Parameter | None:
    network, (kind, _, node) = workload.network, name.partition(".")
    if name == "timesteps":
        return Parameter(name, "1", True, network.timesteps, 1.0, max(4096.0, 16.0 * network.timesteps))
    if name == "batch":
        return Parameter(name, "1", True, workload.batch, 1.0, 2.0**20)
    if name == "bits":
        now = workload.bits or workload.table.lowering.widest or on.values["weight_bits"]
        return Parameter(name, "1", True, now, 1.0, 64.0)
    sent = workload.activities["mean"].sent
    if name == "rate":
        spiking = [n for n, found in network.nodes.items() if is_spiking(found)]
        if spiking:
            limit = min(min(network.rate_limit(n) for n in spiking), 1.0)
            return Parameter(name, "1", False, float(np.mean([sent[n].rate for n in spiking])), 1e-6, limit)
    if kind == "rate" and node in network.nodes:
        return Parameter(name, "1", False, float(np.mean(sent[node].rate)), 1e-6, min(network.rate_limit(node), 1.0))
    if kind == "features" and hasattr(network.nodes.get(node), "features"):
        now = float(getattr(network.nodes[node], "features"))  # noqa: B009 -- only some nodes have it
        return Parameter(name, "1", True, now, 1.0, max(4096.0, 16 * now))
    return None


def shared(name: str, on: Part, other: Part) -> bool:
    """Whether two parts have one and the same uncertain quantity under a name, as the price of electricity, not merely equals."""
    ours, theirs = on.constants.get(name), other.constants.get(name)
    return ours is not None and theirs is not None and ours.low != ours.high and identity(name, ours) == identity(name, theirs)


def identity(name: str, constant: Constant) -> tuple[object, ...]:
    """What makes two parts' constants one quantity: name, value, interval and source."""
    return (name, constant.value, constant.low, constant.high, constant.source)
