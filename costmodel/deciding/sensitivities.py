"""Sensitivity: by how many per cent a cost changes for a per cent of each parameter, and over the parameter's own interval."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from costmodel.deciding.costs import METRICS, Costs
from costmodel.deciding.parameters import Parameter, parameter
from costmodel.devices.part import Part, part
from costmodel.estimates.estimating import Workload
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.lowering.activity import assumed_rate, is_spiking
from costmodel.graphs.network import Network

STEP = 1e-5
"""Of ln p, for the derivative of what is not counted in whole numbers."""

MOST_RATES = 40
"""Nodes whose rates are looked at one by one."""


@dataclass(frozen=True)
class Sensitivity:
    """What one parameter does to a metric.

    Attributes:
        parameter, unit, whole, value: the parameter, whether it counts things, and where it stands, SI.
        of: the part's name, or "network".
        elasticity: d ln metric / d ln parameter; of a whole number, from its neighbours.
        below, above: the same to either side; they differ at a kink, where another term takes over.
        low, high: the parameter's 90 % interval; None where it is exact.
        at_low, at_high: the metric there, SI.
    """

    parameter: str
    unit: str
    whole: bool
    value: float
    of: str
    elasticity: float
    below: float
    above: float
    low: float | None = None
    high: float | None = None
    at_low: float | None = None
    at_high: float | None = None

    @property
    def kink(self) -> bool:
        """Whether the two sides differ by more than a curve does: another term takes over just here."""
        return not self.whole and abs(self.above - self.below) > 1e-3


@dataclass(frozen=True)
class Sensitivities:
    """Of a metric to every parameter, the largest elasticity first.

    Attributes:
        device, metric, unit, value: what was asked, and the metric where all parameters stand, SI.
        rows: one per parameter.
    """

    device: str
    metric: str
    unit: str
    value: float
    rows: tuple[Sensitivity, ...]

    def to_dict(self) -> dict[str, Any]:
        """As in ``sensitivity --json``."""
        head = {"schema": 1, "device": self.device, "metric": self.metric, "unit": self.unit, "value": self.value}
        return head | {"parameters": [asdict(row) for row in self.rows]}


def sensitivity(network: Network | Workload, device: str | Part, metric: str = "latency") -> Sensitivities:
    """The elasticity of a metric to every parameter of a part and of the network.

    Args:
        network: the network, or the network as it is to be run.
        device: a part's name, a part file, or a part.
        metric: one of latency, energy, power, area, price, throughput.

    Raises:
        InputError: no such metric or device, the part has no such figure, or the network does not fit it.
    """
    if metric not in METRICS:
        raise InputError(f"there is no metric '{metric}'", mend=nearest(metric, METRICS), where="--metric")
    workload = network if isinstance(network, Workload) else Workload(network)
    costs = Costs(workload, device if isinstance(device, Part) else part(device))
    if (fault := costs.fault({})) is not None:
        raise InputError(f"{costs.part.name}: {fault}", mend="use another part, or change the network")
    value = float(costs.at({})[metric][0])
    if not np.isfinite(value):
        raise InputError(f"'{costs.part.name}' has no {metric}", mend="use another metric, or give what is missing with --set")
    rows = [_row(costs, metric, found) for found in _open(costs)]
    rows.sort(key=lambda row: (-abs(row.elasticity), row.parameter))
    return Sensitivities(costs.part.name, metric, METRICS[metric], value, tuple(rows))


def _open(costs: Costs) -> Iterable[Parameter]:
    """Every parameter that has a value."""
    nodes = costs.workload.network.nodes
    spiking = [f"rate.{name}" for name in nodes if is_spiking(nodes[name])]
    rates = spiking if len(spiking) <= MOST_RATES else ["rate"]
    for name in ("timesteps", "batch", "bits", *rates, *costs.part.constants):
        found = parameter(costs.workload, costs.part, name)
        if found.value is not None:
            yield found


def _row(costs: Costs, metric: str, over: Parameter) -> Sensitivity:
    now = float(over.value or 0.0)
    of = costs.part.name if over.name in costs.part.constants else "network"
    low, high = _interval(costs, over.name)
    if over.whole:
        below, above = max(now - 1, min(1.0, now)), now + 1
    else:
        below, above = now * np.exp(-STEP), min(now * np.exp(STEP), max(over.high, now))
    ends = [] if low is None or high is None else [low, high]
    found = costs.at({over.name: np.array([below, now, above, *ends])})[metric]
    slope = _slope(below, above, found[0], found[2])
    told = (slope, _slope(below, now, found[0], found[1]), _slope(now, above, found[1], found[2]))
    at = (float(found[3]), float(found[4])) if ends else (None, None)
    return Sensitivity(over.name, over.unit, over.whole, now, of, *told, low, high, *at)


def _slope(before: float, after: float, cost_before: float, cost_after: float) -> float:
    """Δ ln cost / Δ ln parameter; 0 where the parameter is 0 or the cost stays."""
    if before <= 0 or after <= before or cost_before <= 0 or cost_after <= 0:
        return 0.0
    return float(np.log(cost_after / cost_before) / np.log(after / before))


def _interval(costs: Costs, name: str) -> tuple[float | None, float | None]:
    """The 90 % interval of a parameter; None twice where it is exact."""
    if name in costs.part.constants:
        constant = costs.part.constants[name]
        return (None, None) if constant.low == constant.high else (constant.low, constant.high)
    network, mean = costs.workload.network, costs.workload.activities["mean"]
    node = name.partition(".")[2]
    if name.startswith("rate.") and not {node, "*"} & set(mean.given) and node not in mean.elements:
        own = network.nodes[node].rate or assumed_rate(network.nodes[node], network.timesteps)
        if own is not None and own.bounds()[0] < own.bounds()[1]:
            return own.bounds()
    return None, None
