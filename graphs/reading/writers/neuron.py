"""A neuron of a NIR file on its way into the steps of who wrote it."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.writers.dialect import Dialect

Fields = dict[str, Any]
Own = dict[str, np.ndarray]

SILENT = 1e-3
"""Of a step: a time constant so short that nothing is left after one, exp(−1000) being 0."""


def single(values: np.ndarray) -> np.ndarray:
    """Rounded to the float32 that frameworks keep, which removes what rounding did to a time constant."""
    return values.astype(np.float32).astype(np.float64)


class Neuron:
    """A node of the document: its fields, and parameters that differ between neurons.

    Attributes:
        node, own: both, changed in place.
        dt: length of a step, s.
        by: the dialect.
        where: what errors call it.
    """

    def __init__(self, node: Fields, own: Own, dt: float, by: Dialect, where: str) -> None:
        self.node, self.own, self.dt, self.by, self.where = dict(node), dict(own), dt, by, where

    @property
    def kind(self) -> str:
        """The node's type."""
        return self.node["type"]

    def value(self, name: str) -> np.ndarray:
        """A parameter: one number, or one per neuron; a float32 by its shortest decimal, 0.02, not 0.019999999552965164."""
        found = np.asarray(self.own.get(name, self.node[name]))
        if found.dtype != np.float32:
            return found.astype(np.float64)
        several, place = np.unique(found, return_inverse=True)
        return np.array([float(str(each)) for each in several])[place.reshape(found.shape)]

    def put(self, name: str, values: np.ndarray) -> None:
        """Sets a parameter: its mean, and where there are several the values, equal ones too, so that their shape is checked."""
        self.own.pop(name, None)
        self.node[name] = float(values.mean())
        if values.size > 1:
            self.own[name] = values

    def take_reset(self) -> None:
        """The reset of the dialect, where it names one."""
        if self.by.reset == "value" and "v_reset" not in self.node:
            raise InputError("the file says no v_reset", mend="give --reset zero or --reset subtract", where=self.where)
        if self.by.reset not in (None, "value"):
            self.own.pop("v_reset", None)
            self.node.pop("v_reset", None)
            self.node |= {"reset": "value", "v_reset": 0.0} if self.by.reset == "zero" else {"reset": "subtract"}

    def decay(self, name: str) -> np.ndarray:
        """1 − dt/τ, what Euler's step leaves of a state, as a float32.

        Raises:
            InputError: it is below 0, the step being longer than τ, or 1.
        """
        tau, step = self.value(name), f"an Euler step of {self.dt * 1e3:g} ms"
        with np.errstate(divide="ignore"):
            left = single(1 - self.dt / tau)
        mend = "give the step of the file's writer with --dt or --from"
        if (tau <= 0).any() or (left < 0).any():
            raise InputError(f"{step} is longer than its {name} of {tau.min() * 1e3:.3g} ms", mend=mend, where=self.where)
        if (left >= 1).any():
            raise InputError(f"{step} leaves its {name} of {tau.max() * 1e3:.3g} ms as it is", mend=mend, where=self.where)
        return left

    def leave(self, left: np.ndarray, gain: np.ndarray | None = None, tau: str = "tau") -> None:
        """Sets the τ whose exact step leaves that share of a state, −dt / ln(left), and the r by which it adds ``gain`` I.

        An exact step adds r (1 − left) I; without a gain r stays.
        """
        with np.errstate(divide="ignore"):
            self.put(tau, np.where(left > 0, -self.dt / np.log(left), SILENT * self.dt))
        if gain is not None:
            self.put("r", gain / (1 - left))

    def euler(self) -> None:
        """A state of which an exact step leaves 1 − dt/τ; its input's share is then dt/τ, as Euler's."""
        self.leave(self.decay("tau"))

    def from_start(self, name: str) -> None:
        """The membrane measured from a parameter, where the writer's starts there and this product's at 0."""
        if name not in self.node:
            return
        start = self.value(name)
        for each in ("v_leak", "v_threshold", "v_reset"):
            if each in self.node:
                self.put(each, self.value(each) - start)

    def fires_above(self) -> None:
        """v > θ, where the threshold itself does not spike, is v ≥ the float32 after θ."""
        self._beside(np.inf)

    def fires_at(self) -> None:
        """v ≥ θ, for a neuron that fires above its threshold, is v > the float32 before θ."""
        self._beside(-np.inf)

    def _beside(self, towards: float) -> None:
        self.put("v_threshold", np.nextafter(self.value("v_threshold").astype(np.float32), np.float32(towards)).astype(float))

    def only_at_rest(self) -> None:
        """Refuses a membrane that rests at, or is reset to, anything but 0.

        Raises:
            InputError: it does.
        """
        resting = (self.value("v_leak") != 0).any() if "v_leak" in self.node else False
        if resting or ("v_reset" in self.node and (self.value("v_reset") != 0).any()):
            what = f"{self.by.writer} has no such {self.kind}: its membrane rests at, and is reset to, 0"
            raise InputError(what, mend="name the file's own writer", where=self.where)

    def in_steps(self, kind: str, left: Mapping[str, np.ndarray], gain: np.ndarray, drops: bool = False) -> None:
        """A neuron without units of time: per state the share that a step leaves; its input's gain divides the threshold.

        Args:
            kind: its type.
            left: the shares by name.
            gain: what a step adds of its input.
            drops: whether it has what a spike takes off apart from its threshold.

        Raises:
            InputError: a membrane that does not rest at 0, or a gain that no threshold makes up for.
        """
        self.only_at_rest()
        if (gain <= 0).any():
            what, mend = f"an input has a gain of {gain.min():g}, which no threshold makes up for", "give it r and w_in above 0"
            raise InputError(what, mend=mend, where=self.where)
        words = {"reset": "subtract" if self.node["reset"] == "subtract" else "zero"}
        threshold = self.value("v_threshold") / gain
        self.node = {"id": self.node["id"], "type": kind, **({} if self.by.reset == "subtract-at-once" else words)}
        self.own = {}
        for name, values in {**left, "v_threshold": threshold, **({"v_drop": threshold} if drops else {})}.items():
            self.put(name, values)

    def gain(self, factor: str, tau: str) -> np.ndarray:
        """What an Euler step adds of its input: factor · dt / τ, as a float32."""
        return single(self.value(factor) * self.dt / self.value(tau))


def as_it_is(neuron: Neuron) -> None:
    """What has no leak adds dt R I in either step."""
    del neuron
