"""An adversary at the sensor."""

from typing import Annotated

from pydantic import Field, Strict

from costmodel.graphs.noise.noise import Noise
from costmodel.graphs.settings.fields import Seconds


class Adversarial(Noise):
    """A small spiking network that knows sample and class, and learns to move the sample within a bound so that it is mistaken.

    It learns beside the network, batch by batch, by the gradient of the network's loss (`validation.learning.adversary`).
    """

    type: str = "adversarial"
    bound: float = Field(gt=0, allow_inf_nan=False, description="most that a value is moved by")
    neurons: Annotated[int, Strict()] = Field(default=64, ge=1, le=2**20, description="neurons of its hidden layer")
    timesteps: Annotated[int, Strict()] = Field(default=10, ge=1, le=2**20, description="time steps it thinks for")
    tau: Seconds = Field(default=5e-3, gt=0, description="membrane time constant of its neurons, s; its steps are of 1 ms")
    learning_rate: float = Field(default=1e-2, gt=0, allow_inf_nan=False)
