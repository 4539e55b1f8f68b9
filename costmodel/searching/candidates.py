"""Candidates of a search: a network on a part, with parameters at values of their own, and their costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from costmodel.devices.part import Part
from costmodel.estimates.estimating import Estimator, Phase, Workload
from costmodel.graphs.network import Network
from costmodel.sweeping.feasibility import Limits
from costmodel.sweeping.program import METRICS, Program, Recorder
from costmodel.sweeping.space import WIDTH, Range

Point = Mapping[str, float]
ErrorOf = Callable[[Network, int | None], float]
"""Error on the test set of a network with weights of so many bits (None: of full precision), from 0 to 1."""

OBJECTIVES = (*METRICS, "error")


@dataclass(frozen=True)
class Run:
    """How the network is run where a candidate does not say otherwise."""

    network: Network
    phase: Phase = "inference"
    batch: int | None = None
    bits: int | None = None
    rates: Mapping[str, float] | None = None


class Candidates:
    """The candidates of one part.

    Args:
        run: the network as it is run.
        on: the part.
        ranges: the parameters that vary; ``features.NODE`` is the width of a layer.
        objectives: what is minimised, some of `OBJECTIVES`.
        error_of: measures the error; asked only where it is an objective.
    """

    def __init__(
        self, run: Run, on: Part, ranges: Sequence[Range], objectives: Sequence[str], error_of: ErrorOf | None = None
    ) -> None:
        self.run, self.on, self.ranges, self.objectives, self.error_of = run, on, tuple(ranges), tuple(objectives), error_of
        self.widths = [over.name for over in ranges if over.name.startswith(WIDTH)]
        self.costed = [over.name for over in ranges if over.name not in self.widths]
        self._known: dict[tuple[int, ...], tuple[Program, Limits, bool]] = {}

    def costs(self, points: Sequence[Point]) -> tuple[np.ndarray, np.ndarray]:
        """The objectives, (points, objectives), and whether each point fits the part, (points,)."""
        costs, fits = np.full((len(points), len(self.objectives)), np.inf), np.zeros(len(points), dtype=bool)
        groups: dict[tuple[int, ...], list[int]] = {}
        for i, point in enumerate(points):
            groups.setdefault(tuple(int(point[name]) for name in self.widths), []).append(i)
        for widths, rows in groups.items():
            program, limits, allowed = self._at(widths)
            columns = {name: np.array([float(points[i][name]) for i in rows]) for name in self.costed}
            columns = columns or {"": np.zeros(len(rows))}
            found = program.evaluate(columns)
            limits.begin(columns)
            for k, i in enumerate(rows):
                of = {name: points[i][name] for name in self.costed}
                fits[i] = allowed and limits.consistent(k, of) and limits.fit(k, of)
            for column, objective in enumerate(self.objectives):
                if objective in METRICS:
                    costs[rows, column] = found[objective]
        if "error" in self.objectives and self.error_of is not None:
            for i in np.flatnonzero(fits).tolist():
                costs[i, self.objectives.index("error")] = self.error_of(*self._network(points[i]))
        return costs, fits

    def _at(self, widths: tuple[int, ...]) -> tuple[Program, Limits, bool]:
        """The program and the limits for some widths, and whether the part runs such neurons and rules at all."""
        if widths not in self._known:
            network = with_widths(self.run.network, dict(zip(self.widths, widths, strict=True)))
            run, names = self.run, self.costed or [""]
            workload = Workload(network, run.phase, batch=run.batch, bits=run.bits, rates=run.rates)
            estimator = Estimator(workload, self.on)
            by_name = estimator.violations(estimator.part.device(estimator.part.values))
            allowed = not any(isinstance(limit.needs, str) for limit in by_name)
            self._known[widths] = Recorder(workload, self.on, names).program(), Limits(workload, self.on, names), allowed
        return self._known[widths]

    def _network(self, point: Point) -> tuple[Network, int | None]:
        """The network that a point trains, and the bits of its weights."""
        network = with_widths(self.run.network, {name: int(point[name]) for name in self.widths})
        if "timesteps" in point:
            network = network.with_timesteps(int(point["timesteps"]))
        return network, int(point["bits"]) if "bits" in point else self.run.bits


def with_widths(network: Network, widths: Mapping[str, int]) -> Network:
    """The network with other widths of some layers, ``features.NODE`` → width; weights are then drawn anew.

    Raises:
        InputError: no such layer, or one that the next cannot follow.
    """
    if not widths:
        return network
    by_node = {name.removeprefix(WIDTH): width for name, width in widths.items()}
    nodes = [{**node, "features": by_node[node["id"]]} if node["id"] in by_node else node for node in network.settings.nodes]
    fields = network.settings.model_dump(mode="json", exclude_unset=True)
    return Network.from_document({**fields, "nodes": nodes}, {}, network.where)
