"""What runs along an edge: how often, spikes or values, where; and what becomes of several that meet.

Software adds up what meets: of two spike trains an element is 0, 1 or 2, not zero where either sent, and a number to multiply. An
event-driven device delivers each source's spike: it takes in r₁ + r₂ events.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from costmodel.graphs.equations.algebra import Value, symbolic


class Signal(NamedTuple):
    """What runs along an edge.

    Attributes:
        rate: share of the elements that is not zero at a step; of spikes that are counted, events per element and step.
        binary: whether they are spikes (accumulate) rather than values (multiply).
        elements: how that is spread over the elements: an array of the signal's shape whose scale is free, where it was measured.
        met: the spike trains that were added up to it, where there are several.
    """

    rate: Value
    binary: bool
    elements: np.ndarray | None = None
    met: tuple["Signal", ...] = ()

    @property
    def delivered(self) -> tuple["Signal", ...]:
        """What an event-driven device delivers, one after another: each of the spike trains that met, or this."""
        return self.met or (self,)

    @property
    def events(self) -> Value:
        """Events per element and step that an event-driven device delivers."""
        return sum((signal.rate for signal in self.met[1:]), self.met[0].rate) if self.met else self.rate

    def passed(self, moved: Callable[[np.ndarray], np.ndarray], share: float, spikes: Callable[[bool], bool]) -> "Signal":
        """What a node sends that passes on, moves or scales its elements.

        Args:
            moved: what stands where, of elements of the input's shape.
            share: rate at the output over that at the input, where only a mean is known.
            spikes: whether what it sends are spikes, by whether what it receives are.
        """
        elements = None if self.elements is None else moved(self.elements)
        if elements is not None and self.elements is not None and (mean := float(self.elements.mean())):
            share = float(elements.mean()) / mean
        rate = self.rate if share == 1 else self.rate * share
        return Signal(rate, spikes(self.binary), elements, tuple(signal.passed(moved, share, spikes) for signal in self.met))

    def shares(self) -> np.ndarray | None:
        """Share of the steps in which each element is active; None where only the mean is known, or that is no number."""
        if self.elements is None or symbolic(self.rate) or np.ndim(self.rate):
            return None
        mean = float(self.elements.mean())
        return np.minimum(self.elements * (float(self.rate) / mean), 1.0) if mean else self.elements


def added(signals: Sequence[Signal], measured: np.ndarray | None = None) -> Signal:
    """The sum of signals that meet: not zero where any of them is; of several spike trains no spikes any more.

    Args:
        signals: two or more, of one shape.
        measured: share of the steps in which each element of the sum is not zero. Where it is not known the sources are taken to be
            active independently of one another, element by element where they were measured so.
    """
    met = tuple(train for signal in signals for train in signal.delivered) if all(_trains(signal) for signal in signals) else ()
    if measured is not None and not any(symbolic(signal.rate) for signal in signals):
        return Signal(float(measured.mean()), False, measured, met)
    each = [signal.shares() for signal in signals]
    known = [shares for shares in each if shares is not None]
    elements = 1 - np.prod([1 - shares for shares in known], axis=0) if len(known) == len(each) else None
    silent: Value = 1.0
    for signal in signals:
        silent = silent * (1 - signal.rate)
    rate = 1 - silent if elements is None else float(np.mean(elements))
    return Signal(rate, False, elements, met)


def _trains(signal: Signal) -> bool:
    """Whether a signal is spikes, or the sum of spike trains."""
    return all(train.binary for train in signal.delivered)
