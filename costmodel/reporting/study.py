"""What a report is about: a workload on some parts, its estimates, and what its figures draw of them."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from costmodel.devices.part import Part
from costmodel.estimates.estimated import Estimate
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.estimates.interval import Interval
from costmodel.estimates.widths import sentence, widths
from costmodel.graphs.lowering.activity import is_spiking, rate_sources

SERIES = 14
"""Names that a bar shows one by one; the rest are summed."""

LEAST = 0.005
"""Share below which a name is not worth a colour."""

STATIC, OTHERS = "static", "all others"
"""Names of the share that no operator causes, and of the operators that are summed."""


@dataclass(frozen=True)
class NodeRate:
    """The rate used at a node: its mean and 90 % range, kind ("measured", "published", "assumed" or "given"), and source."""

    node: str
    mean: float
    low: float
    high: float
    kind: str
    source: str


@dataclass(frozen=True)
class Fit:
    """The `Estimate` of a device that runs the network: no cost is missing."""

    device: str
    family: str
    boundary: str
    host: str | None
    latency: Interval
    energy: Interval
    static: float
    dynamic: float
    power: float
    throughput: float
    area: float | None
    price: float | None
    bound_by: str
    breakdown: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Study:
    """A workload on some parts, and the notes that go with it."""

    workload: Workload
    parts: tuple[Part, ...]
    notes: tuple[str, ...] = ()

    @cached_property
    def estimators(self) -> list[Estimator]:
        """One per part."""
        return [Estimator(self.workload, on) for on in self.parts]

    @cached_property
    def estimates(self) -> list[Estimate]:
        """One per part, in the order asked for."""
        return [estimator.estimate() for estimator in self.estimators]

    @cached_property
    def fits(self) -> list[Fit]:
        """Those that run the network, the most frugal first."""
        found = [Fit(**{name: getattr(e, name) for name in Fit.__dataclass_fields__}) for e in self.estimates if e.feasible]
        return sorted(found, key=lambda e: e.energy.value)

    @cached_property
    def unfit(self) -> list[Estimate]:
        """Those that do not, in the order asked for."""
        return [e for e in self.estimates if not e.feasible]

    @cached_property
    def rates(self) -> list[NodeRate]:
        """The rate of every node that has one of its own, as used."""
        sources, bounds = rate_sources(self.workload.network), self.workload.activities
        found = []
        for name, rate in sources.items():
            kind, source = rate.kind, rate.source or "the network file"
            if name in bounds["mean"].given or ("*" in bounds["mean"].given and is_spiking(self.workload.network.nodes[name])):
                kind, source = "given", "set for this report"
            elif name in bounds["mean"].elements and kind != "measured":
                kind, source = "measured", "given with this run, element by element"
            mean, low, high = (float(bounds[bound].sent[name].rate) for bound in ("mean", "low", "high"))
            found.append(NodeRate(name, mean, low, high, kind, source))
        return found

    @cached_property
    def operators(self) -> list[str]:
        """Labels of the lowered network's operators, in their order: a node's id, and what it does where that is not its first."""
        return [t.node if t.name == t.node else f"{t.node} {t.operator}" for t in self.workload.table.tasks]

    @cached_property
    def series(self) -> list[str]:
        """What bars call each operator: its label; with more than `SERIES`, only the largest, and the others by what they do."""
        if len(self.operators) <= SERIES:
            return self.operators
        named = ranked(*(self._shares(self.operators, key) for key in ("energy_j", "latency_s")), most=SERIES // 2)
        tasks = list(zip(self.operators, self.workload.table.tasks, strict=True))
        others = Counter(task.operator for label, task in tasks if label not in named)
        alone = {*named, *(label for label, task in tasks if others[task.operator] == 1)}
        return [label if label in alone else f"{others[task.operator]:,} × {task.operator}" for label, task in tasks]

    @cached_property
    def energy_shares(self) -> dict[str, dict[str, float]]:
        """Device → static or operator → its share of the energy."""
        found = self._shares(self.series, "energy_j")
        return {
            e.device: {STATIC: e.static / e.energy.value}
            | {name: share * e.dynamic / e.energy.value for name, share in found[e.device].items()}
            for e in self.fits
        }

    @cached_property
    def time_shares(self) -> dict[str, dict[str, float]]:
        """Device → operator → its share of all operators' time."""
        return self._shares(self.series, "latency_s")

    @cached_property
    def causes(self) -> dict[str, dict[str, float]]:
        """Device → what time is spent on → its share."""
        spent = {}
        for estimator in self.estimators:
            device = estimator.part.device(estimator.part.values)
            if not estimator.violations(device):
                with np.errstate(divide="ignore", invalid="ignore"):
                    times = device.spent(estimator.figures().run)
                spent[estimator.part.name] = _normalised({cause: float(np.ravel(t)[0]) for cause, t in times.items()})
        return {e.device: spent[e.device] for e in self.fits}

    @cached_property
    def widths(self) -> dict[str, dict[str, str]]:
        """Device → metric → the inputs that make most of its interval, in words."""
        of = {estimator.part.name: estimator for estimator in self.estimators}
        return {e.device: {metric: sentence(widths(of[e.device], metric)) for metric in ("latency", "energy")} for e in self.fits}

    @cached_property
    def shown(self) -> dict[str, int]:
        """Operators that figures name, in the order of the network, and their rank by the largest share that they have anywhere."""
        return ranked(self.energy_shares, self.time_shares)

    def _shares(self, labels: list[str], key: str) -> dict[str, dict[str, float]]:
        """Device → label → share of a column of the breakdown."""
        found = {}
        for e in self.fits:
            sums: dict[str, float] = defaultdict(float)
            for label, row in zip(labels, e.breakdown, strict=True):
                sums[label] += row[key]
            found[e.device] = _normalised(sums)
        return found


def ranked(*tables: Mapping[str, Mapping[str, float]], most: int = SERIES) -> dict[str, int]:
    """Names with the largest shares in any row, so many at most, in the order met, and their ranks; `STATIC` has none."""
    largest: dict[str, float] = defaultdict(float)
    for row in (row for table in tables for row in table.values()):
        for name, share in row.items():
            largest[name] = max(largest[name], share)
    largest.pop(STATIC, None)
    kept = sorted((name for name in largest if largest[name] >= LEAST), key=lambda name: -largest[name])[:most]
    return {name: kept.index(name) for name in largest if name in kept}


def _normalised(values: Mapping[str, float]) -> dict[str, float]:
    total = sum(values.values()) or 1.0
    return {name: value / total for name, value in values.items()}
