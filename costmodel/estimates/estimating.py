"""Estimates: what a network costs on a part, with intervals, and why."""

import json
import math
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np

from costmodel.devices.device import Device, Facts, Limit
from costmodel.devices.evaluation.bursts import EVEN, Bursts, bursts
from costmodel.devices.evaluation.evaluate import Figures, evaluate, facts
from costmodel.devices.fitting import fitted
from costmodel.devices.part import Part, part
from costmodel.estimates.estimated import Estimate
from costmodel.estimates.interval import Interval, spread
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.summary import Summary, summarise
from costmodel.graphs.lowering.table import NOT_MADE, Columns, MadeSizes, Signals, Table
from costmodel.graphs.network import Network
from costmodel.graphs.neurons import stand_in
from costmodel.graphs.reading.imports import network_of

Phase = Literal["inference", "training"]

ACROSS = frozenset(["matmul", "product", "softmax", "layernorm"])
"""Node types that combine what is computed with what is computed."""


class Workload:
    """A network, a phase and an activity, lowered once and asked for by every part.

    Args:
        network: the network.
        phase: "inference", or "training" for one step under the network's learning rule.
        batch: samples run together; None: 1, or the file's training batch.
        rates: node → rate, or "*" → rate of all spiking nodes.
        bits: bits that replace those of all weights.
        elements: measured events per element and step, node → array; None: those that the network holds.

    Raises:
        InputError: a rate, batch or bit width that makes no sense.
    """

    def __init__(
        self,
        network: Network,
        phase: Phase = "inference",
        *,
        batch: int | None = None,
        rates: Mapping[str, float] | None = None,
        bits: int | None = None,
        elements: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        training = network.settings.training
        self.network = network if elements is None else network.with_elements(elements)
        self.phase: Phase = phase
        self.rule = (training.rule if training else "bptt") if phase == "training" else None
        self.batch = batch if batch is not None else (training.batch if training and self.rule else None) or 1
        self.bits = bits
        if phase not in ("inference", "training"):
            raise InputError(f"there is no phase '{phase}'", mend="use inference or training")
        for name, value, most in (("batch", self.batch, 2**31), ("bits", bits, 64)):
            if value is not None and (not isinstance(value, int | np.integer) or not 1 <= value <= most):
                raise InputError(f"{name} is {value!r}", mend=f"give a whole number from 1 to {most}")
        self.table = _table(network, self.rule)
        self.activities = {bound: Activity(self.network, bound, rates, self.network.elements) for bound in ("mean", "low", "high")}
        self._columns: dict[tuple[str, float, float, bool, MadeSizes], Columns] = {}

    @cached_property
    def summary(self) -> Summary:
        """Sizes and work of the network under this activity."""
        return summarise(self.network, self.activities["mean"], _table(self.network, None))

    @property
    def known(self) -> str:
        """How much is known of its activity: "measured" of each element, or a "mean"."""
        return "measured" if self.activities["mean"].measured else "mean"

    @cached_property
    def _signals(self) -> dict[str, Signals]:
        mean, bounds = self.activities["mean"], dict(self.activities)
        if mean.stepwise:
            bounds["steps"] = Activity(self.network, "steps", mean.given, mean.elements)
        return {bound: self.table.signals(activity) for bound, activity in bounds.items()}

    @cached_property
    def certain(self) -> bool:
        """Whether neither a rate nor a fan-out has an interval, so that its ends need not be looked at."""
        first, ends = self._signals["mean"], [self._signals[bound] for bound in ("low", "high")]
        names = [(kind, name) for kind, own in first.items() for name in ("rate", "fan_out") if name in own]
        return all(np.array_equal(first[kind][name], end[kind][name]) for end in ends for kind, name in names)

    def columns(self, bound: str, weight_bits: float, state_bits: float, *, given: bool, made: MadeSizes = NOT_MADE) -> Columns:
        """The columns for a device's bit widths, at the mean or an end of all rates.

        Args:
            bound: "mean", "low" or "high", or "steps" where there are such.
            weight_bits, state_bits: the device's own widths.
            given: whether the widths that the network gives come first.
            made: sizes of hardware that is made for the network.
        """
        key = (bound, weight_bits, state_bits, given, made)
        if key not in self._columns:
            self._columns[key] = self._columns_of(self._signals[bound], weight_bits, state_bits, given, made)
        return self._columns[key]

    def columns_under(
        self, rates: Mapping[str, Any], weight_bits: float, state_bits: float, *, given: bool, made: MadeSizes = NOT_MADE
    ) -> Columns:
        """The same under other rates, node or "*" → a number or one per design point; the rest as at the mean."""
        mean = self.activities["mean"]
        signals = self.table.signals(Activity(self.network, "mean", {**mean.given, **rates}, mean.elements))
        return self._columns_of(signals, weight_bits, state_bits, given, made)

    def columns_and_ends(self, points: int, weight_bits: float, state_bits: float, *, given: bool, made: MadeSizes) -> Columns:
        """The same over design points: so many at the mean of all rates, then one at the low and one at the high end of all."""
        mean, low, high = (self._signals[bound] for bound in ("mean", "low", "high"))
        signals = {
            kind: {
                name: np.hstack([np.repeat(column, points, axis=1), low[kind][name], high[kind][name]])
                for name, column in columns.items()
            }
            for kind, columns in mean.items()
        }
        return self._columns_of(signals, weight_bits, state_bits, given, made)

    def _columns_of(self, signals: Signals, weight_bits: float, state_bits: float, given: bool, made: MadeSizes) -> Columns:
        bits, batch = self.bits if given else weight_bits, float(self.batch)
        return self.table.columns(signals, weight_bits=weight_bits, state_bits=state_bits, batch=batch, bits=bits, made=made)


@lru_cache(maxsize=32)
def _table(network: Network, rule: str | None) -> Table:
    return Table(network, rule)


class Estimator:
    """A workload on a part; the part's parameters may change from estimate to estimate.

    Args:
        workload: the network as it is run.
        on: the part.

    Attributes:
        part: the part; one whose hardware is designed for each network with what was designed.
    """

    def __init__(self, workload: Workload, on: Part) -> None:
        self.workload, self._given = workload, on
        self.part = fitted(on, workload.table, workload.bits)
        self._columns: dict[int, Columns] = {}

    def columns(self, bound: str = "mean", rates: Mapping[str, Any] | None = None) -> Columns:
        """The workload's columns at this part's bit widths, at a bound or under other rates."""
        if rates:
            return self.workload.columns_under(rates, *self._bits, **self._hardware)
        return self.workload.columns(bound, *self._bits, **self._hardware)

    @property
    def _bits(self) -> tuple[float, float]:
        weight_bits, state_bits = (float(self.part.values[name] or 0) for name in ("weight_bits", "state_bits"))
        return weight_bits, state_bits

    @property
    def _hardware(self) -> dict[str, Any]:
        return {"given": self.part.device.keeps_given_bits, "made": self.part.device.made}

    def _over_points(self, on: Part) -> Columns:
        """The columns over all of `_points`."""
        points = 1 + 2 * len(on.uncertain)
        if self.workload.certain:
            return self.columns()
        if points not in self._columns:
            self._columns[points] = self.workload.columns_and_ends(points, *self._bits, **self._hardware)
        return self._columns[points]

    @cached_property
    def facts(self) -> Facts:
        """What the part must place."""
        given = self.workload.bits or self.workload.table.lowering.widest
        widest = given if self.part.device.keeps_given_bits else None
        return facts(self.workload.table, self.columns(), float(self.workload.batch), widest)

    def figures(
        self, values: Mapping[str, Any] | None = None, bound: str = "mean", rates: Mapping[str, Any] | None = None
    ) -> Figures:
        """Costs at given parameter values (numbers, arrays over design points, or symbols) and rates (numbers or arrays)."""
        device = self.part.device({**self.part.values, **(values or {})})
        return self._evaluated(device, self.columns(bound, rates))

    def _evaluated(self, device: Device, columns: Columns) -> Figures:
        return self.bursts.over(evaluate(device, self.workload.table, columns, float(self.workload.batch)))

    @cached_property
    def bursts(self) -> Bursts:
        """What unlike time steps take more, at the part's own values."""
        if not self.workload.activities["mean"].stepwise:
            return EVEN
        device, columns = self.part.device(self.part.values), (self.columns(), self.columns("steps"))
        return bursts(device, self.workload.table, *columns, float(self.workload.batch))

    def violations(self, device: Device) -> list[Limit]:
        """What does not fit: neuron types and learning rule, then the device's own limits."""
        found = []
        if "*" not in self.part.neurons:
            other = sorted(kind for kind in self.facts.neuron_types if not {kind, stand_in(kind)} & set(self.part.neurons))
            if other:
                has = ", ".join(self.part.neurons)
                found.append(
                    Limit("neuron type", ", ".join(other), has, ("one of its neurons", "a device that runs software or RTL"))
                )
        lacking = sorted(self.facts.neuron_types & ACROSS) if not device.tensors else []
        if lacking and not found:
            levers = ("a CPU, GPU or TPU", "weights in the place of what is multiplied")
            found.append(Limit("operator", ", ".join(lacking), "stored synapses, and neurons one by one", levers))
        rule = self.workload.rule
        if rule is not None and "*" not in self.part.rules and rule not in self.part.rules:
            has = ", ".join(self.part.rules) or "none"
            levers = ("train on a CPU, GPU or TPU and run here", *(f'"rule": "{name}"' for name in self.part.rules))
            found.append(Limit("learning rule", rule, has, levers))
        return found + device.limits(self.facts)

    def estimate(self, values: Mapping[str, float] | None = None) -> Estimate:
        """The estimate, with some of the part's parameters replaced.

        Raises:
            InputError: the part has no such parameter, or a value makes no sense.
        """
        on = self.part.override(values) if values else self.part
        if on is not self.part and ({"weight_bits", "state_bits"} & set(values or {}) or self.bursts != EVEN):
            return Estimator(self.workload, self._given.override(values or {})).estimate()
        device = on.device(on.values)
        phase = self.workload.phase
        violations = self.violations(device)
        if violations:
            within = {"boundary": on.boundary, "host": on.host, "activity": self.workload.known}
            return Estimate(on.name, on.family, phase, feasible=False, violations=tuple(violations), **within)
        with np.errstate(all="ignore"):
            figures = self._evaluated(on.device(self._points(on)), self._over_points(on))
            resources = {name: float(np.max(value)) for name, value in device.resources(self.facts).items()}
            placement = {name: int(np.max(cores)) for name, cores in device.placement(self.facts).items()}
            area = device.area(self.facts)
        latency = self._interval(figures.latency)
        energy = self._interval(figures.energy)
        price = 0.0 if figures.price is None else _first(figures.price)
        with np.errstate(all="ignore"):
            spent = {name: self.bursts.period * _first(value) for name, value in device.spent(figures.run).items()}
        period = _first(figures.period) or math.nan
        found = Estimate(
            device=on.name,
            family=on.family,
            phase=phase,
            feasible=True,
            activity=self.workload.known,
            latency=latency,
            boundary=on.boundary,
            host=on.host,
            energy=energy,
            static_energy=self._interval(figures.static),
            dynamic_energy=self._interval(figures.dynamic),
            power=energy.value / period,
            throughput=1 / period,
            area=None if area is None else float(np.max(area)),
            resources=resources,
            placement=placement,
            price=None if figures.price is None else price,
            price_basis=_price_basis(on),
            bound_by=max(spent, key=lambda name: spent[name]),
            spent=spent,
            breakdown=tuple(self._breakdown(figures)),
        )
        self._check_finite(found)
        return found

    def ends(self, metric: str) -> tuple[float, dict[str, tuple[float, float]]]:
        """A cost, and what it is with each input at its low and its high end: parameter, or "activity" → both.

        Args:
            metric: "latency" or "energy".
        """
        names = (*self.part.uncertain, *(() if self.workload.certain else ("activity",)))
        with np.errstate(all="ignore"):
            figures = self._evaluated(self.part.device(self._points(self.part)), self._over_points(self.part))
        flat = np.broadcast_to(np.ravel(getattr(figures, metric)), 1 + 2 * len(names))
        return float(flat[0]), {name: (float(flat[1 + 2 * i]), float(flat[2 + 2 * i])) for i, name in enumerate(names)}

    def _check_finite(self, found: Estimate) -> None:
        """Refuses an estimate with a number that is not finite.

        Raises:
            InputError: names the cost, and what it may come from.
        """
        network, document = self.workload.network, found.to_dict()
        try:
            json.dumps(document, allow_nan=False)  # the quickest walk over all of them
        except ValueError:
            named = [name for name, value in _numbers(document) if not math.isfinite(value)]
            length = f"{network.timesteps:,} steps of {network.dt:g} s"
            mend = f"check the sample's length ({length}) and the parameters that were set (a divisor of 0?)"
            raise InputError(f"{named[0]} on '{found.device}' has no finite value", mend=mend, where=network.where) from None

    def _points(self, on: Part) -> dict[str, Any]:
        """Every uncertain parameter at its low and high end in turn, at last all rates; point 0 has all at their values."""
        points: dict[str, Any] = dict(on.values)
        width = 1 + 2 * len(on.uncertain) + (0 if self.workload.certain else 2)
        for i, name in enumerate(on.uncertain):
            constant = on.constants[name]
            column = np.full(width, constant.value)
            column[1 + 2 * i], column[2 + 2 * i] = constant.low, constant.high
            points[name] = column
        return points

    def _interval(self, values: Any) -> Interval:
        """Nominal value and interval from the points."""
        flat = np.ravel(values)
        return spread(float(flat[0]), flat[1:].reshape(-1, 2))

    def _breakdown(self, figures: Figures) -> Iterable[dict[str, Any]]:
        run = figures.run
        shared = _first(figures.dynamic) / max(float((run.energy[:, 0] * run.executions[:, 0]).sum()), 1e-300)
        samples = 1 if self.part.device.whole_batch else self.workload.batch
        times, energies = samples * run.time[:, 0] * run.executions[:, 0], run.energy[:, 0] * run.executions[:, 0] * shared
        for task, time, energy in zip(self.workload.table.tasks, times, energies, strict=True):
            yield {
                "node": task.node,
                "operator": task.operator,
                "phase": task.phase,
                "latency_s": float(time),
                "energy_j": float(energy),
            }


def _numbers(found: Any, name: str = "") -> Iterable[tuple[str, float]]:
    """Every number of a document, with the keys that lead to it."""
    items = found.items() if isinstance(found, Mapping) else enumerate(found) if isinstance(found, list | tuple) else ()
    for key, value in items:
        yield from _numbers(value, f"{name}.{key}".removeprefix("."))
    if isinstance(found, float):
        yield name, found


def _price_basis(on: Part) -> str:
    """What a price counts, or why there is none."""
    if on.values["cloud"] is not None:
        return "rent by the hour"
    if on.values["price"] is not None:
        return "purchase over lifetime and utilisation, and electricity"
    return on.constants["price"].note


def _first(value: Any) -> float:
    """The nominal design point."""
    return float(np.ravel(value)[0])


def estimate(
    network: Any,
    device: str | Part,
    phase: Phase = "inference",
    *,
    sample: Any = None,
    batch: int | None = None,
    rates: Mapping[str, float] | None = None,
    bits: int | None = None,
    elements: Mapping[str, np.ndarray] | None = None,
    values: Mapping[str, float] | None = None,
) -> Estimate:
    """What a network costs on a part.

    Args:
        network: from `costmodel.load`; or a name or file of one, a NIR graph, or a torch module.
        sample: of a torch module: what its ``forward`` takes; activity is measured on it.
        device: a part's name, a part file, or a `Part`.
        phase: "inference" or "training".
        batch, rates, bits, elements: as in `Workload`.
        values: parameters of the part to replace, in SI.

    Raises:
        InputError: anything at fault.
    """
    on = device if isinstance(device, Part) else part(device)
    workload = Workload(network_of(network, sample), phase, batch=batch, rates=rates, bits=bits, elements=elements)
    return Estimator(workload, on).estimate(values)
