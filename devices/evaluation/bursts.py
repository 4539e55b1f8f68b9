"""Bursts: what unlike time steps cost more than as many like ones.

A step in lockstep takes as long as its busiest core, a pipeline's as long as its slowest stage. The largest of several is convex: a
step with the mean's events takes no longer than the mean of the steps, and mostly less. Where events were measured step by step
a figure is the mean, over the steps, of the figures at each step's events; on a machine that paces all steps alike its times are
those of the longest.
"""

from dataclasses import dataclass, replace

import numpy as np

from costmodel.devices.device import Device
from costmodel.devices.evaluation.evaluate import Figures, evaluate
from costmodel.graphs.equations.algebra import Value
from costmodel.graphs.lowering.table import Columns, Table


@dataclass(frozen=True)
class Bursts:
    """Factors on the figures of even steps; a figure that is 0 has 1."""

    latency: float = 1.0
    period: float = 1.0
    static: float = 1.0
    dynamic: float = 1.0
    price: float = 1.0

    def over(self, figures: Figures) -> Figures:
        """The figures of steps with these bursts."""
        if self == EVEN:
            return figures
        price = None if figures.price is None else figures.price * self.price
        return replace(
            figures,
            latency=figures.latency * self.latency,
            period=figures.period * self.period,
            static=figures.static * self.static,
            dynamic=figures.dynamic * self.dynamic,
            price=price,
        )


EVEN = Bursts()
"""All steps alike."""


def bursts(device: Device, table: Table, even: Columns, steps: Columns, batch: Value) -> Bursts:
    """How much more measured steps take.

    Args:
        device: with numbers for parameters.
        table: the network.
        even: its columns at the mean of its rates.
        steps: its columns at the rates of each step, a point each.
        batch: samples together.
    """
    with np.errstate(all="ignore"):
        at_mean, each = (evaluate(device, table, columns, batch) for columns in (even, steps))
    names = ("latency", "period", "static", "dynamic", "price")
    return Bursts(*(_factor(getattr(each, n), getattr(at_mean, n), longest=device.paced and n != "dynamic") for n in names))


def _factor(each: Value | None, even: Value | None, *, longest: bool) -> float:
    """What the steps take, their mean or the longest of them, over what an even one takes."""
    if each is None or even is None:
        return 1.0
    steps = np.asarray(each, dtype=float)
    whole, nominal = float(steps.max() if longest else steps.mean()), float(np.ravel(even)[0])
    return whole / nominal if nominal > 0 and np.isfinite(whole) else 1.0
