"""Two networks for one task, side by side: what they count, what they cost on every part, and the rate at which they cross."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from costmodel.deciding.costs import METRICS
from costmodel.deciding.solving import Solution, solve
from costmodel.devices.part import Part, part, parts
from costmodel.estimates.estimated import Estimate
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.lowering.activity import is_spiking
from costmodel.graphs.reading.imports import network_of

Metric = Literal["energy", "latency"]
RIVAL = ("energy", "latency")
"""What two networks may be held against each other by."""


@dataclass(frozen=True)
class Pair:
    """Both networks on one part.

    Attributes:
        device: the part.
        estimates: of the first network and of the second.
        ratio: the second's metric over the first's; None where either does not fit.
        crossing: the rate of the network whose rate moves at which both cost the same; None where there is nothing to solve.
    """

    device: str
    estimates: tuple[Estimate, Estimate]
    ratio: float | None
    crossing: Solution | None

    def to_dict(self) -> dict[str, Any]:
        """As in ``versus --json``."""
        found = self.crossing
        rate = None if found is None else {"value": found.value, "present": found.parameter.value, "reason": found.reason}
        return {
            "device": self.device,
            "ratio": self.ratio,
            "crossing_rate": rate,
            "estimates": [estimate.to_dict() for estimate in self.estimates],
        }


@dataclass(frozen=True)
class Versus:
    """Two networks on every part asked for.

    Attributes:
        metric: what ``ratio`` and ``crossing`` are of.
        workloads: both networks as they are run.
        moving: 0 or 1, the network whose rate is solved for, the one that spikes; None: neither does.
        pairs: one for each part.
    """

    metric: Metric
    workloads: tuple[Workload, Workload]
    moving: int | None
    pairs: tuple[Pair, ...]

    def to_dict(self) -> dict[str, Any]:
        """As in ``versus --json``."""
        networks = []
        for workload in self.workloads:
            summary, network = workload.summary, workload.network
            counts = {name: getattr(summary, name) for name in ("parameters", "neurons", "synapses", "footprint_bytes")}
            networks.append({"name": network.name, "timesteps": network.timesteps, **counts, "work": asdict(summary.work)})
        return {
            "schema": 1,
            "metric": self.metric,
            "unit": METRICS[self.metric],
            "networks": networks,
            "moving": None if self.moving is None else networks[self.moving]["name"],
            "devices": [pair.to_dict() for pair in self.pairs],
        }


def versus(
    one: Any,
    other: Any,
    devices: Iterable[str | Part] | None = None,
    *,
    metric: str = "energy",
    samples: tuple[Any, Any] = (None, None),
) -> Versus:
    """Two networks against each other, as an ANN and the SNN made of it: one sample of either, on every part.

    The rate at which they cross is that of the network that spikes (of the second, where both do): the events per element and step,
    the same of every spiking node, at which its metric is that of the other network as it stands.

    Args:
        one, other: the networks: workloads, or what `estimate` takes.
        devices: parts; None: the catalogue.
        metric: "energy" or "latency".
        samples: of torch modules: what their ``forward`` takes; their activity on it comes with them.

    Raises:
        InputError: anything at fault.
    """
    if metric not in RIVAL:
        raise InputError(f"networks are not held against each other by '{metric}'", mend=nearest(metric, RIVAL), where="--metric")
    first, second = (
        given if isinstance(given, Workload) else Workload(network_of(given, sample))
        for given, sample in zip((one, other), samples, strict=True)
    )
    spikes = [any(is_spiking(node) for node in workload.network.nodes.values()) for workload in (first, second)]
    moving = 1 if spikes[1] else 0 if spikes[0] else None
    chosen = [on if isinstance(on, Part) else part(on) for on in (parts() if devices is None else devices)]
    pairs = tuple(_pair((first, second), on, metric, moving) for on in chosen)
    return Versus(metric, (first, second), moving, pairs)


def _pair(workloads: tuple[Workload, Workload], on: Part, metric: str, moving: int | None) -> Pair:
    first, second = (Estimator(workload, on).estimate() for workload in workloads)
    costs = [getattr(estimate, metric) for estimate in (first, second)]
    if costs[0] is None or costs[1] is None:
        return Pair(on.name, (first, second), None, None)
    ratio = costs[1].value / costs[0].value
    if moving is None:
        return Pair(on.name, (first, second), ratio, None)
    wanted = f"{metric} <= {costs[1 - moving].value!r} {METRICS[metric]}"
    return Pair(on.name, (first, second), ratio, solve(workloads[moving], on, "rate", wanted))
