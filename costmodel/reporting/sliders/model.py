"""The model behind the report's sliders, as JavaScript: formulas, sizes of operators, parts with their parameters and intervals."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from costmodel.devices.device import Device
from costmodel.estimates.estimating import Estimator
from costmodel.reporting.sliders.equations import Composition, Formula, KindFormulas, composition, kind_formulas
from costmodel.reporting.sliders.moved import NetworkSliders, Workloads, influential, most_together
from costmodel.reporting.sliders.sizes import Widths, sizes_code
from costmodel.reporting.study import Study

MOST_OPERATORS = 200
"""Operators of a network that is small enough to be written out."""


class Model:
    """What the page computes with; small networks only, of which at least one part runs one.

    Attributes:
        network: the sliders of the network.
        estimators: one per part that runs it, the most frugal first.
        sliders: those of each of these parts.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.network = NetworkSliders(study.workload)
        both = zip(study.estimators, study.estimates, strict=True)
        fitting = [(e.energy.value, estimator) for estimator, e in both if e.energy is not None]
        self.estimators = [estimator for _, estimator in sorted(fitting, key=lambda each: each[0])]
        self.sliders = [influential(estimator) for estimator in self.estimators]
        self._composed: dict[tuple[type[Device], frozenset[str]], Composition] = {}

    @property
    def code(self) -> str:
        """``const model = {…};``: formulas and sizes once each, however many parts share them."""
        formulas, sizes = _Shared(), _Shared()
        kinds = {estimator.part.name: _formulas(estimator) for estimator in self.estimators}
        used = _sizes_used(kinds.values())
        widths = {Widths.of(estimator): 0 for estimator in self.estimators}
        widths = {each: sizes.number(sizes_code(self.study.workload, each, used)) for each in widths}
        workloads = Workloads(self.network)
        parts = [
            self._part(estimator, kinds[estimator.part.name], formulas)
            | {
                "sliders": [vars(each) for each in sliders],
                "sizes": widths[Widths.of(estimator)],
                "most": most_together(workloads, estimator),
            }
            for estimator, sliders in zip(self.estimators, self.sliders, strict=True)
        ]
        data = json.dumps({"network": self._network(), "parts": parts}, ensure_ascii=False).replace("<", "\\u003c")
        return f"const model = {{...{data},\nformulas: {formulas.code},\nsizes: {sizes.code}}};"

    def _network(self) -> dict[str, Any]:
        """Positions of the network's sliders, where they begin, the rates, and the operators by the names they are summed under."""
        table, own, sliders = self.study.workload.table, self.study.workload, self.network
        names = list(dict.fromkeys(self.study.series))
        return {
            "batch": {"values": sliders.batch, "start": sliders.batch.index(own.batch)},
            "timesteps": {"values": sliders.timesteps, "start": sliders.timesteps.index(own.network.timesteps)},
            "activity": {"values": sliders.activity, "start": sliders.activity.index(1.0)},
            "rates": [vars(each) for each in sliders.rates.values()],
            "dt": own.network.dt,
            "perStep": [bool(each) for each in table.per_step[:, 0]],
            "rows": {kind: rows.tolist() for kind, rows in table.rows.items() if len(rows)},
            "names": names,
            "group": [names.index(name) for name in self.study.series],
        }

    def _part(self, estimator: Estimator, kinds: Mapping[str, KindFormulas], formulas: "_Shared") -> dict[str, Any]:
        on, run = estimator.part, estimator.figures().run
        key = (on.device, _missing(estimator))
        if key not in self._composed:
            self._composed[key] = composition(*key, estimator.workload.table, run)
        whole = self._composed[key]
        every = [whole.cost, whole.spent, *(f for each in kinds.values() for f in (each.cost, each.causes))]
        read = sorted(set().union(*(each.parameters for each in every)))
        constants = {name: on.constants[name] for name in read}
        return {
            "name": on.name,
            "family": on.family,
            "wholeBatch": on.device.whole_batch,
            "bursts": [getattr(estimator.bursts, name) for name in ("latency", "static", "dynamic", "period")],
            "neurons": run.neurons,
            "depth": float(np.ravel(run.depth)[0]),
            "values": {name: constant.value for name, constant in constants.items()},
            "uncertain": {name: [c.low, c.high] for name, c in constants.items() if c.low != c.high},
            "kinds": {
                kind: {
                    "cost": formulas.number(each.cost.code),
                    "causes": formulas.number(each.causes.code),
                    "count": len(each.names),
                }
                for kind, each in kinds.items()
            },
            "whole": formulas.number(whole.cost.code),
            "spent": formulas.number(whole.spent.code),
            "causes": whole.names,
        }


class _Shared:
    """Pieces of code by number, equal ones once."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, code: str) -> int:
        return self._numbers.setdefault(code, len(self._numbers))

    @property
    def code(self) -> str:
        """All as an array."""
        return "[" + ",\n".join(self._numbers) + "]"


def _missing(estimator: Estimator) -> frozenset[str]:
    """Parameters without a value, but for those of area and money, which no formula here reads."""
    return frozenset(name for name, value in estimator.part.values.items() if value is None) - {"die_area", "price", "cloud"}


def _formulas(estimator: Estimator) -> dict[str, KindFormulas]:
    kinds = (kind for kind, rows in estimator.workload.table.rows.items() if len(rows))
    return {kind: kind_formulas(estimator.part.device, _missing(estimator), kind) for kind in kinds}


def _sizes_used(parts: Any) -> dict[str, frozenset[str]]:
    """Kind → the sizes that the formulas of any part read."""
    used: dict[str, frozenset[str]] = {}
    for kinds in parts:
        for kind, each in kinds.items():
            both: tuple[Formula, ...] = (each.cost, each.causes)
            used[kind] = used.get(kind, frozenset()).union(*(formula.sizes for formula in both))
    return used
