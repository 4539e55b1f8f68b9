"""What it takes to reach an accuracy: a learning curve, times the costs of a training step, on every device."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

from costmodel.devices.device import Limit
from costmodel.devices.part import Part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.estimates.interval import Interval
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.operations import operations
from costmodel.graphs.network import Network


@dataclass(frozen=True)
class Curve:
    """How far training had to go.

    Attributes:
        target: the accuracy asked for.
        accuracy: of the test set after that many epochs: the first at or above the target, or the best there was.
        reached: whether it is at or above the target.
        epochs: epochs until then.
        steps: batches until then.
        samples: samples seen until then.
        batch: samples of a batch.
        rates: mean events per element and step while training until then, by node.
        seconds: that it took where it was run.
    """

    target: float
    accuracy: float
    reached: bool
    epochs: int
    steps: int
    samples: int
    batch: int
    rates: Mapping[str, float]
    seconds: float


def curve(epochs: Sequence[Mapping[str, Any]], target: float, batch: int) -> Curve:
    """The curve from a run's epochs, as in ``run --json``, to a target.

    Args:
        epochs: at least one.
        target: accuracy wanted, from 0 to 1.
        batch: samples of a batch.
    """
    best = max(range(len(epochs)), key=lambda i: (epochs[i]["accuracy"], -i))
    end = next((i for i, epoch in enumerate(epochs) if epoch["accuracy"] >= target), best)
    done = epochs[: end + 1]
    samples = sum(epoch["samples"] for epoch in done)
    rates = {name: sum(epoch["rates"][name] * epoch["samples"] for epoch in done) / samples for name in done[0]["rates"]}
    return Curve(
        target=target,
        accuracy=epochs[end]["accuracy"],
        reached=epochs[end]["accuracy"] >= target,
        epochs=end + 1,
        steps=sum(ceil(epoch["samples"] / batch) for epoch in done),
        samples=samples,
        batch=batch,
        rates=rates,
        seconds=sum(epoch["seconds"] for epoch in done),
    )


@dataclass(frozen=True)
class Reach:
    """Training to the accuracy on one device; costs are None where it does not fit (``violations`` say why).

    Attributes:
        device, family: the part.
        violations: what does not fit.
        time: of all steps one after another, s.
        energy: J.
        price: USD; None where the part has none.
    """

    device: str
    family: str
    violations: tuple[Limit, ...]
    time: Interval | None = None
    energy: Interval | None = None
    price: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """As in ``to-accuracy --json``."""
        return {
            "device": self.device,
            "family": self.family,
            "feasible": not self.violations,
            "violations": [asdict(limit) | {"levers": list(limit.levers)} for limit in self.violations],
            "time_s": None if self.time is None else self.time.to_dict(),
            "energy_j": None if self.energy is None else self.energy.to_dict(),
            "price_usd": self.price,
        }


def trained(network: Network, found: Curve, on: Iterable[Part]) -> list[Reach]:
    """What training along a curve takes on every part: its steps, each forward, backward and update of a batch."""
    workload = Workload(network, "training", batch=found.batch, rates=dict(found.rates))
    reaches = []
    for part in on:
        e = Estimator(workload, part).estimate()
        if not e.feasible or e.latency is None or e.energy is None:
            reaches.append(Reach(part.name, part.family, e.violations))
            continue
        price = None if e.price is None else e.price * found.samples
        reaches.append(Reach(part.name, part.family, (), _times(e.latency, found.steps), _times(e.energy, found.samples), price))
    return reaches


def _times(interval: Interval, count: int) -> Interval:
    return Interval(interval.value * count, interval.low * count, interval.high * count)


def training_operations(network: Network, found: Curve) -> dict[str, float]:
    """Operations of all steps, by kind."""
    rule = network.settings.training.rule if network.settings.training else "bptt"
    step = operations(network, rule, found.batch, Activity(network, rates=dict(found.rates)))
    return {name: count * found.samples / found.batch for name, count in step.items()}
