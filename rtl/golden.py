"""The integer arithmetic of a fully connected spiking layer, in Python: what its hardware must reproduce bit by bit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from graphs.errors import InputError


@dataclass(frozen=True, eq=False)
class DenseLayer:
    """A fully connected layer of integrate-and-fire neurons in fixed point.

    A spike of input j adds column j of the weights to the membranes: v ← sat(v + W[:, j]), one spike after another. The end of
    a step leaks, adds the bias, and fires: v ← sat(v − (v >> leak_shift) + bias); where v ≥ threshold a spike leaves and
    v ← v − threshold. ``>>`` rounds towards −∞, sat keeps v within ``state_bits``. All numbers are integers, in units of one
    least significant bit of the membrane.

    Args:
        weights: W, of shape (outputs, inputs), as in NIR and torch.
        threshold: v at which a neuron fires, 1 or more.
        bias: added once a step, one per output, with the weights' width; None for no bias.
        leak_shift: the leak's right shift (decay 1 − 2^−leak_shift per step); None for no leak.
        weight_bits: width of a weight and of a bias, two's complement.
        state_bits: width of a membrane, two's complement; at least ``weight_bits``.

    Raises:
        InputError: if a shape does not match, or a number does not fit its width.
    """

    weights: np.ndarray
    threshold: int
    bias: np.ndarray | None = None
    leak_shift: int | None = None
    weight_bits: int = 8
    state_bits: int = 16

    def __post_init__(self) -> None:
        for name in ("threshold", "leak_shift", "weight_bits", "state_bits"):
            value = getattr(self, name)
            if name != "leak_shift" or value is not None:
                object.__setattr__(self, name, int(_integers(name, value)))
        if not 1 <= self.weight_bits <= self.state_bits <= 32:
            raise InputError(
                f"weight_bits is {self.weight_bits} and state_bits {self.state_bits}; 1 ≤ weight_bits ≤ state_bits ≤ 32 is needed"
            )
        weights = _integers("weights", self.weights, self.weight_bits)
        if weights.ndim != 2 or not weights.size:
            raise InputError(f"weights have shape {weights.shape}, (outputs, inputs) is needed")
        object.__setattr__(self, "weights", weights)
        if self.bias is not None:
            bias = _integers("bias", self.bias, self.weight_bits)
            if bias.shape != (self.outputs,):
                raise InputError(f"bias has shape {bias.shape}, one number for each of the {self.outputs} outputs is needed")
            object.__setattr__(self, "bias", bias)
        if not 1 <= self.threshold < 2 ** (self.state_bits - 1):
            raise InputError(f"threshold is {self.threshold}, 1 to {2 ** (self.state_bits - 1) - 1} fits {self.state_bits} bits")
        if self.leak_shift is not None and not 0 <= self.leak_shift < self.state_bits:
            raise InputError(f"leak_shift is {self.leak_shift}, 0 to {self.state_bits - 1} is needed", mend="None is no leak")

    @property
    def outputs(self) -> int:
        """Neurons of the layer."""
        return self.weights.shape[0]

    @property
    def inputs(self) -> int:
        """Sources of spikes."""
        return self.weights.shape[1]

    def saturate(self, v: np.ndarray) -> np.ndarray:
        """``v`` kept within ``state_bits``."""
        return np.clip(v, -(2 ** (self.state_bits - 1)), 2 ** (self.state_bits - 1) - 1)

    def run(self, steps: Iterable[Sequence[int]]) -> list[list[int]]:
        """The spikes that leave, step by step and in rising order, from membranes at 0.

        Args:
            steps: for each step the addresses of the inputs that spike, in order of arrival (saturation makes order matter).
        """
        v = np.zeros(self.outputs, np.int64)
        fired_by_step = []
        for addresses in steps:
            for address in addresses:
                v = self.saturate(v + self.weights[:, address])
            if self.leak_shift is not None:
                v = v - (v >> self.leak_shift)
            if self.bias is not None:
                v = self.saturate(v + self.bias)
            fired = v >= self.threshold
            v = v - self.threshold * fired
            fired_by_step.append(np.flatnonzero(fired).tolist())
        return fired_by_step


def _integers(name: str, values: ArrayLike, bits: int = 63) -> np.ndarray:
    array = np.asarray(values)
    if not np.issubdtype(array.dtype, np.integer):
        raise InputError(f"{name} is of type {array.dtype}, integers are needed", mend="quantise first")
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    if array.size and (array.min() < low or array.max() > high):
        raise InputError(f"{name} spans {array.min()} to {array.max()}, {bits} bits hold {low} to {high}")
    return array.astype(np.int64)
