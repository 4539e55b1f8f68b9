"""Comparing parts: one row each, as a pandas table that reads well in a notebook."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from costmodel.devices.part import Part, part, parts
from costmodel.estimates.estimating import Estimator, Phase, Workload
from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.imports import network_of
from costmodel.graphs.settings.units import pretty

_SHOWN = {"latency_s": "s", "latency_low": "s", "latency_high": "s", "energy_j": "J", "energy_low": "J", "energy_high": "J",
          "static_j": "J", "dynamic_j": "J", "power_w": "W"}  # fmt: skip


_TITLES = {
    "latency_s": "latency", "energy_j": "energy", "static_j": "static energy", "dynamic_j": "dynamic energy", "power_w": "power",
    "throughput_hz": "samples per second", "area_mm2": "area, mm²", "price_usd": "USD",
}  # fmt: skip


class Comparison(pd.DataFrame):
    """Costs of one network, a row per part. Values are SI numbers; a notebook shows them with units."""

    @property
    def _constructor(self) -> type["Comparison"]:
        return Comparison

    def _repr_html_(self) -> str:
        """The table with units, intervals and reasons."""
        shown = pd.DataFrame(index=self.index)
        for name in self.columns:
            column = self[name]
            shown[name] = [_cell(name, value) for value in column] if name in _SHOWN or column.dtype == float else column
        return shown.rename(columns=_TITLES).rename(columns=lambda name: name.replace("_", " ")).fillna("–").to_html(escape=True)


def _cell(name: str, value: Any) -> str:
    if value is None or pd.isna(value):
        return "–"
    return pretty(float(value), _SHOWN.get(name, ""))


def compare(
    network: Any,
    devices: str | Part | Iterable[str | Part] | None = None,
    phase: Phase = "inference",
    *,
    sample: Any = None,
    batch: int | None = None,
    rates: Mapping[str, float] | None = None,
) -> Comparison:
    """Costs of a network on several parts (all of the catalogue by default), as a DataFrame indexed by device.

    Of a torch module (or a file, or a NIR graph, as `estimate` takes them) activity is measured on ``sample``.

    Columns: family, boundary, host, feasible, latency_s, latency_low, latency_high, energy_j, energy_low, energy_high, static_j,
    dynamic_j, power_w, throughput_hz, area_mm2, price_usd, bound_by, why_not. Costs are missing where a part does not fit.

    Raises:
        InputError: anything at fault.
    """
    workload = network if isinstance(network, Workload) else Workload(network_of(network, sample), phase, batch=batch, rates=rates)
    asked = [devices] if isinstance(devices, str | Part) else parts() if devices is None else devices
    chosen = [on if isinstance(on, Part) else part(on) for on in asked]
    rows = []
    for on in chosen:
        e = Estimator(workload, on).estimate()
        rows.append(
            {
                "device": e.device,
                "family": e.family,
                "boundary": e.boundary,
                "host": e.host or "",
                "feasible": e.feasible,
                "latency_s": e.latency and e.latency.value,
                "latency_low": e.latency and e.latency.low,
                "latency_high": e.latency and e.latency.high,
                "energy_j": e.energy and e.energy.value,
                "energy_low": e.energy and e.energy.low,
                "energy_high": e.energy and e.energy.high,
                "static_j": e.static,
                "dynamic_j": e.dynamic,
                "power_w": e.power,
                "throughput_hz": e.throughput,
                "area_mm2": None if e.area is None else e.area * 1e6,
                "price_usd": e.price,
                "bound_by": e.bound_by or "",
                "why_not": "; ".join(f"{v.limit}: needs {v.needs}, has {v.has}" for v in e.violations),
            }
        )
    if not rows:
        raise InputError("no device was given", mend="name some, or leave them out for all")
    return Comparison(rows).set_index("device")
