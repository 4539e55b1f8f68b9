"""Why an interval is as wide as it is: the inputs that make it, and what would narrow each."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from costmodel.devices.boundary import POWERS
from costmodel.devices.part import Part
from costmodel.estimates.estimating import Estimator

SETTLED = 0.1
"""Share of an interval above which what somebody can simply say is asked for before any measurement."""


@dataclass(frozen=True)
class Width:
    """What one input does to the interval of a cost.

    Attributes:
        name: the parameter, or "activity".
        share: of the interval: its squared logarithm over that of all inputs, which add so (`estimates.interval`).
        low, high: least and most of the cost as it alone moves within its own interval.
        narrow: what would narrow it.
        said: whether saying something about the run is enough, without a measurement of the device.
    """

    name: str
    share: float
    low: float
    high: float
    narrow: str
    said: bool

    def to_dict(self) -> dict[str, Any]:
        """As in JSON."""
        return {"name": self.name, "share": self.share, "low": self.low, "high": self.high, "narrow": self.narrow}


def widths(estimator: Estimator, metric: str) -> tuple[Width, ...]:
    """The inputs that make an interval: first what can be said and matters, then the others, the largest share first.

    Args:
        estimator: the network on the part.
        metric: "latency" or "energy".
    """
    nominal, ends = estimator.ends(metric)
    if nominal <= 0:
        return ()
    found = []
    for name, moved in ends.items():
        logs = np.log(np.maximum(moved, 1e-300) / nominal)
        square = float(max(logs.max(), 0) ** 2 + max(-logs.min(), 0) ** 2)
        if square > 0:
            found.append((square, name, min(*moved, nominal), max(*moved, nominal)))
    whole = math.fsum(square for square, *_ in found) or 1.0
    told = [Width(name, square / whole, low, high, *_narrow(name, estimator.part)) for square, name, low, high in found]
    return tuple(sorted(told, key=lambda w: (not (w.said and w.share >= SETTLED), -w.share)))


def sentence(found: Iterable[Width]) -> str:
    """The inputs that make nine tenths of an interval, three at most: "activity 62 %, t_host 20 %"."""
    told, covered = [], 0.0
    for width in found:
        if len(told) == 3 or covered >= 0.9:
            break
        told.append(f"{width.name} {100 * width.share:.0f} %")
        covered += width.share
    return ", ".join(told)


def _narrow(name: str, on: Part) -> tuple[str, bool]:
    """What would narrow an input, and whether saying it is enough."""
    if name == "activity":
        return "measure it: costmodel run NETWORK --out RUN, then --rates RUN; or give --rate NODE=R", True
    if on.host is not None and name in on.hosts[on.host].constants:
        others = ", ".join(mode for mode in on.hosts if mode != on.host)
        return f"say how it is fed: --set host=MODE (now {on.host}: {on.hosts[on.host].meaning}; else {others})", True
    if name in POWERS:
        return f"measure the {POWERS[name]} at rest, and give --set {name}=…; or count another --boundary", False
    if name in ("k_time", "k_energy"):
        return "measure one network of the kind on the device: the equations themselves are known no better", False
    constant = on.constants[name]
    return f"measure it ({constant.kind} so far): {on.device.params[name].meaning}", False
