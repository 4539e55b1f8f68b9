"""A software mock of BrainScaleS-2."""

from typing import TYPE_CHECKING

from pydantic import Field

from costmodel.graphs.noise.noise import Noise
from costmodel.graphs.noise.spike_jitter import SpikeJitter
from costmodel.graphs.noise.threshold_spread import ThresholdSpread
from costmodel.graphs.settings.fields import Seconds

if TYPE_CHECKING:
    import torch

LEVELS = 63
"""Weights are whole numbers from −63 to 63: 6 bits, and a sign by the synapse's row (Pehle et al., Front. Neurosci. 2022)."""


class BrainScaleS2(Noise):
    """Weights of 6 bits that saturate, spikes that jitter, thresholds that differ.

    The chip's synapses take 6 µs; ``jitter`` is relative to that. Jitter of 0.1 µs: the mock of jaxsnn (Müller et al. 2024).
    """

    type: str = "brainscales2"
    largest_weight: float = Field(gt=0, allow_inf_nan=False, description="what the largest weight, 63, stands for")
    jitter: float = Field(default=0.1 / 6, ge=0, allow_inf_nan=False, description="deviation of a spike time, in tau_syn")
    tau_syn: Seconds = Field(gt=0, description="synaptic time constant of the network, s, which is 6 µs on the chip")
    threshold_spread: float = Field(default=0.0, ge=0, lt=1, description="relative deviation of thresholds left by calibration")

    def weights(self, weight: "torch.Tensor", dice: "torch.Generator") -> "torch.Tensor":
        """Whole numbers of steps, saturating; gradients pass straight through within the range."""
        step = self.largest_weight / LEVELS
        within = weight.clamp(-self.largest_weight, self.largest_weight)
        return within + ((within / step).round() * step - within).detach()

    def parameters(self, name: str, value: "torch.Tensor", neurons: int, dice: "torch.Generator") -> "torch.Tensor":
        """As `ThresholdSpread`."""
        return ThresholdSpread(deviation=self.threshold_spread).parameters(name, value, neurons, dice)

    def spikes(self, sent: "torch.Tensor", dt: float, dice: "torch.Generator") -> "torch.Tensor":
        """As `SpikeJitter`."""
        return SpikeJitter(deviation=self.jitter * self.tau_syn).spikes(sent, dt, dice)

    def times(self, times: "torch.Tensor", dice: "torch.Generator") -> "torch.Tensor":
        """As `SpikeJitter`."""
        return SpikeJitter(deviation=self.jitter * self.tau_syn).times(times, dice)
