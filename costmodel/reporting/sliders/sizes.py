"""The sizes of a network's operators as a JavaScript function of what the network's sliders set: batch, timesteps and rates."""

from dataclasses import dataclass

import numpy as np
import sympy

from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.equations.algebra import Value
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.activity import Activity, is_spiking, rate_sources
from costmodel.graphs.lowering.table import MadeSizes
from costmodel.reporting.sliders.equations import symbol
from costmodel.reporting.sliders.javascript import printed

NO_LIMIT = 1e300
"""A limit of a rate that has none: JSON knows no infinity."""


@dataclass(frozen=True)
class Widths:
    """What sizes hang on besides the network: a device's own bit widths, whether those that the network gives come first, and
    sizes of hardware that is made for it."""

    weight_bits: float
    state_bits: float
    given: bool
    made: MadeSizes

    @classmethod
    def of(cls, estimator: Estimator) -> "Widths":
        """Those of a part."""
        weight_bits, state_bits = (float(estimator.part.values[name] or 0) for name in ("weight_bits", "state_bits"))
        return cls(weight_bits, state_bits, estimator.part.device.keeps_given_bits, estimator.part.device.made)


@dataclass(frozen=True)
class Rates:
    """Rates at some number of time steps, in the order of `rated`, and last, where it matters, `Activity.crowded`.

    Attributes:
        mean, low, high: events per element and step, at the mean and the ends of their intervals.
        limit: the most that each may be.
        scaled: which the activity slider moves: those of spikes, not of values.
    """

    mean: list[float]
    low: list[float]
    high: list[float]
    limit: list[float]
    scaled: list[bool]


def rated(workload: Workload) -> list[str]:
    """The nodes with a rate of their own, or one that was given."""
    activity = workload.activities["mean"]
    spiking = [name for name, node in workload.network.nodes.items() if is_spiking(node)]
    names = {*rate_sources(workload.network), *spiking, *(name for name in activity.given if name != "*")}
    return [name for name in workload.network.nodes if name in names]


def rates(workload: Workload, timesteps: int) -> Rates | None:
    """The rates over another number of time steps; None where a given rate is too high for as many."""
    own = workload.activities["mean"]
    network = workload.network if timesteps == workload.network.timesteps else workload.network.with_timesteps(timesteps)
    try:
        ends = [Activity(network, bound, own.given, network.elements) for bound in ("mean", "low", "high")]
    except InputError:
        return None
    names = rated(workload)
    mean, low, high = ([float(activity.sent[name].rate) for name in names] for activity in ends)
    limit = [min(network.rate_limit(name), NO_LIMIT) for name in names]
    scaled = [is_spiking(network.nodes[name]) for name in names]
    if workload.table.unplaced(workload.activities["mean"]):
        crowded = [float(activity.crowded) for activity in ends]
        return Rates([*mean, crowded[0]], [*low, crowded[1]], [*high, crowded[2]], [*limit, 1.0], [*scaled, False])
    return Rates(mean, low, high, limit, scaled)


def sizes_code(workload: Workload, widths: Widths, used: dict[str, frozenset[str]]) -> str:
    """A JavaScript function ``(n, r)`` of the network's settings and rates: kind → the sizes of its operators, in their order.

    Args:
        workload: the network.
        widths: the bit widths of the device.
        used: kind → the sizes that are read; others are left out.
    """
    table, activity = workload.table, workload.activities["mean"]
    symbols = {name: symbol(f"r[{i}]") for i, name in enumerate(rated(workload))}
    anywhere = Activity(workload.network, "mean", symbols, activity.elements)
    if table.unplaced(activity):
        anywhere.crowded = symbol(f"r[{len(symbols)}]")
    columns = table.columns(
        table.signals(anywhere),
        weight_bits=widths.weight_bits,
        state_bits=widths.state_bits,
        batch=symbol("n.batch"),
        bits=workload.bits if widths.given else widths.weight_bits,
        timesteps=symbol("n.timesteps"),
        made=widths.made,
    )
    shared: dict[str, str] = {}
    kinds = []
    for kind, operator in columns.operators.items():
        count = len(table.rows[kind])
        values = {name: np.broadcast_to(getattr(operator, name), (count, 1))[:, 0] for name in sorted(used[kind])}
        objects = [", ".join(f"{name}: {_entry(column[k], shared)}" for name, column in values.items()) for k in range(count)]
        kinds.append(f"{kind}: [\n" + ",\n".join(f"{{{each}}}" for each in objects) + "]")
    constants = "".join(f"const {name} = {code};\n" for code, name in shared.items())
    return f"(n, r) => {{\n{constants}return {{{', '.join(kinds)}}};\n}}"


def _entry(value: Value, shared: dict[str, str]) -> str:
    """A size as JavaScript; an expression gets a name, which equal ones share."""
    if not isinstance(value, sympy.Expr):
        return printed(float(value))
    code = printed(value)
    if value.is_Atom:
        return code
    return shared.setdefault(code, f"v{len(shared)}")
