"""A part's equations applied to a lowered network: latency, energy, area and money, over any number of design points."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

from costmodel.devices.device import Cost, Device, Facts, Run
from costmodel.graphs.equations.algebra import Value
from costmodel.graphs.lowering.footprint import training_peak
from costmodel.graphs.lowering.operators import Memory, Neurons
from costmodel.graphs.lowering.table import Columns, Table


@dataclass(frozen=True)
class Figures:
    """What a network costs; every field is a number per design point.

    Attributes:
        latency: until the answers of one batch are out, s.
        period: per sample with work kept coming, s.
        static, dynamic: energy per sample, J.
        price: money per sample, USD; None where the part is not for sale or rent.
        run: the costed operators they were composed from.
    """

    latency: Value
    period: Value
    static: Value
    dynamic: Value
    price: Value | None
    run: Run

    @property
    def energy(self) -> Value:
        """static + dynamic, J."""
        return self.static + self.dynamic


def evaluate(device: Device, table: Table, columns: Columns, batch: Value) -> Figures:
    """Costs every operator, and composes them by the device's schedule."""
    run = costed(device, table, columns, batch)
    latency, period, static, dynamic = composed(device, run)
    return Figures(latency, period, static, dynamic, device.cost_of_sample(period, static + dynamic), run)


def composed(device: Device, run: Run) -> tuple[Value, Value, Value, Value]:
    """Latency and period (s), static and dynamic energy per sample (J), as operators compose to them, and as far as the equations
    were off on published runs: k_time times all times, k_energy times the dynamic energy."""
    late, each = device.k_time * device.latency(run), device.k_time * device.period(run)
    return late, each, device.k_time * device.static_energy(run), device.k_energy * device.dynamic_energy(run)


def costed(device: Device, table: Table, columns: Columns, batch: Value) -> Run:
    """All operators of a network with their costs, as (tasks, points) arrays."""
    n = len(table.tasks)
    costs: dict[str, Cost] = {kind: device.cost(op) for kind, op in columns.operators.items()}
    points = max(
        (np.shape(value)[-1] for cost in costs.values() for value in (cost.time, cost.energy) if np.ndim(value) > 0), default=1
    )
    symbolic = any(np.asarray(value).dtype == object for cost in costs.values() for value in (cost.time, cost.energy))

    def spread(pick: Mapping[str, Value]) -> np.ndarray:
        result = np.zeros((n, points), dtype=object if symbolic else float)
        for kind, value in pick.items():
            result[columns.rows[kind]] = value
        return result

    names = dict.fromkeys(name for cost in costs.values() for name in cost.bounds)
    bounds = {name: spread({kind: cost.bounds[name] for kind, cost in costs.items() if name in cost.bounds}) for name in names}
    transfer, updates = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    transfer[columns.rows["transfer"]] = True
    updates[columns.rows["neurons"]] = True
    return Run(
        time=spread({kind: cost.time for kind, cost in costs.items()}),
        energy=spread({kind: cost.energy for kind, cost in costs.items()}),
        bounds=bounds,
        executions=columns.executions,
        layer=columns.layer,
        layers=len(table.layer_names),
        transfer=transfer,
        updates=updates,
        timesteps=columns.timesteps,
        batch=batch,
        depth=table.depth + device.relays(SimpleNamespace(**columns.layers)),
        dt=table.network.dt,
        neurons=float(columns.layers["layer_neurons"][_placed(columns)].sum()),
    )


def facts(table: Table, columns: Columns, batch: Value, widest: float | None) -> Facts:
    """What a device must know of the network to place it; layers that are only inputs are left out.

    Args:
        table, columns, batch: the network as it is run.
        widest: most bits that somebody gave a weight; None where nobody did.
    """
    placed = _placed(columns)
    layers = {name: column[placed] for name, column in columns.layers.items()}
    memory, neurons = columns.operators.get("memory"), columns.operators.get("neurons")
    kept = np.zeros((len(table.rows["memory"]), 1))
    if isinstance(memory, Memory):
        kept = kept + memory.kept_bytes
    states = 0.0
    if isinstance(neurons, Neurons):
        states = (neurons.neurons * neurons.states * neurons.bits)[table.own_rows("neurons")].sum()
    return Facts(
        **layers,
        neurons=layers["layer_neurons"].sum(),
        connections=layers["layer_connections"].sum(),
        stored_bits=layers["layer_weight_bits"].sum(),
        widest=widest,
        state_bytes=states / 8,
        kept_bytes=kept[table.per_sample[table.rows["memory"]] > 0].sum(),
        shared_bytes=kept[table.per_sample[table.rows["memory"]] == 0].sum(),
        peak_bytes=training_peak(table, batch, columns.timesteps) if table.rule == "bptt" else None,
        batch=batch,
        layer_names=tuple(name for name, here in zip(table.layer_names, placed, strict=True) if here),
        neuron_types=table.lowering.neuron_types,
        rule=table.rule,
    )


def _placed(columns: Columns) -> np.ndarray:
    """The layers that take hardware: those with neurons or connections."""
    return (columns.layers["layer_neurons"][:, 0] > 0) | (columns.layers["layer_connections"][:, 0] > 0)
