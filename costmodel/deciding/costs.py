"""The costs of a network on a part as functions of its parameters and the part's, over any number of design points."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from costmodel.devices.fitting import fitted
from costmodel.devices.part import Part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network

METRICS = {"latency": "s", "energy": "J", "power": "W", "area": "m**2", "price": "USD", "throughput": "Hz"}
"""What may be asked for, and its unit; energy and price are per sample."""

LOWERED = ("timesteps", "batch", "bits", "weight_bits", "state_bits")
"""Parameters that count, and for each value of which the network is laid out anew; so is ``features.NODE``."""


def is_lowered(name: str) -> bool:
    """Whether a value of this parameter needs the network laid out anew."""
    return name in LOWERED or name.startswith("features.")


def of_network(name: str) -> bool:
    """Whether a parameter is the network's, by its name."""
    return name in ("timesteps", "batch", "bits", "rate") or name.startswith(("rate.", "features."))


class Costs:
    """A network on a part, with some parameters still open.

    Args:
        workload: the network as it is run.
        on: the part.
    """

    def __init__(self, workload: Workload, on: Part) -> None:
        self.workload, self.part = workload, fitted(on, workload.table, workload.bits)
        self._estimators: dict[tuple[tuple[str, float], ...], Estimator] = {}

    def at(self, values: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Every metric of `METRICS` at some design points; NaN where there is none: no price, no such network.

        Args:
            values: parameter → a number, or one per point.

        Raises:
            InputError: a rate that makes no sense.
        """
        if not values:
            return self.at({"batch": self.workload.batch})
        names = list(values)
        columns = np.atleast_2d(np.array(np.broadcast_arrays(*(np.atleast_1d(values[n]) for n in names)), dtype=float))
        lowered = [i for i, name in enumerate(names) if is_lowered(name)]
        result = {metric: np.full(columns.shape[1], np.nan) for metric in METRICS}
        groups, which = np.unique(columns[lowered], axis=1, return_inverse=True)
        for i, group in enumerate(groups.T):
            rows = np.flatnonzero(np.ravel(which) == i)
            try:
                estimator = self._laid_out({names[j]: float(v) for j, v in zip(lowered, group, strict=True)})
            except InputError:  # the network cannot be so; `fault` says why
                continue
            rest = {name: columns[j, rows] for j, name in enumerate(names) if j not in lowered}
            for metric, value in metrics_of(estimator, rest).items():
                if value is not None:
                    result[metric][rows] = np.ravel(value)
        return result

    def fault(self, values: Mapping[str, float]) -> str | None:
        """Why one design point cannot be: values that contradict one another, or a network that does not fit; or None."""
        try:
            estimator = self.estimator(values)
        except InputError as error:
            return error.what
        with np.errstate(all="ignore"):
            found = estimator.violations(estimator.part.device(estimator.part.values))
        return (
            None if not found else f"it does not fit: {found[0].limit} (needs {_told(found[0].needs)}, has {_told(found[0].has)})"
        )

    def estimator(self, values: Mapping[str, float]) -> Estimator:
        """The estimator of one design point.

        Raises:
            InputError: a value makes no sense, alone or beside the others.
        """
        laid = self._laid_out({name: float(value) for name, value in values.items() if is_lowered(name)})
        own = {name: float(v) for name, v in values.items() if not is_lowered(name) and not of_network(name)}
        rates = {_node(name): float(value) for name, value in values.items() if name.partition(".")[0] == "rate"}
        workload = laid.workload
        if rates:
            before = workload.activities["mean"]
            workload = Workload(
                workload.network, workload.phase, batch=workload.batch, bits=workload.bits,
                rates={**before.given, **rates},
            )  # fmt: skip
        return Estimator(workload, laid.part.override(own) if own else laid.part)

    def _laid_out(self, values: Mapping[str, float]) -> Estimator:
        """The estimator for values of `LOWERED` parameters, kept for the next time."""
        key = tuple(sorted(values.items()))
        if key not in self._estimators:
            self._estimators[key] = self._lay_out(values)
        return self._estimators[key]

    def _lay_out(self, values: Mapping[str, float]) -> Estimator:
        whole = {name: int(value) for name, value in values.items()}
        widths = {name: float(whole[name]) for name in ("weight_bits", "state_bits") if name in whole}
        on = self.part.override(widths) if widths else self.part
        if not set(whole) - set(widths):
            return Estimator(self.workload, on)
        before, network = self.workload, self.workload.network
        for name, count in whole.items():
            if name.startswith("features."):
                network = with_features(network, name.removeprefix("features."), count)
        if "timesteps" in whole:
            network = network.with_timesteps(whole["timesteps"])
        given = before.activities["mean"]
        workload = Workload(
            network,
            before.phase,
            batch=whole.get("batch", before.batch),
            bits=whole.get("bits", before.bits),
            rates=given.given,
        )
        return Estimator(workload, on)


def metrics_of(estimator: Estimator, values: Mapping[str, Any]) -> dict[str, Any]:
    """Every metric over values of the part's parameters and of rates: numbers, arrays or symbols (no rates then); None where
    there is none."""
    rates = {_node(name): value for name, value in values.items() if of_network(name)}
    own = {name: value for name, value in values.items() if not of_network(name)}
    with np.errstate(all="ignore"):
        figures = estimator.figures(own, rates=rates)
        device = estimator.part.device({**estimator.part.values, **own})
        return {
            "latency": figures.latency,
            "energy": figures.energy,
            "power": figures.energy / figures.period,
            "area": device.area(estimator.facts),
            "price": figures.price,
            "throughput": 1 / figures.period,
        }


def with_features(network: Network, node: str, features: int) -> Network:
    """The network with another width of one node, weights drawn anew.

    Raises:
        InputError: the network cannot be so.
    """
    fields = network.settings.model_dump(exclude_unset=True)
    nodes = [{**raw, "features": features} if raw.get("id") == node else raw for raw in network.settings.nodes]
    return Network.from_document({**fields, "nodes": nodes}, None, network.where)


def _node(name: str) -> str:
    """The node that a rate is of, "*" for all of them."""
    return name.partition(".")[2] or "*"


def _told(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,.6g}"
