"""An adversary at the sensor: a small spiking network that learns to move samples so that the network under attack is mistaken."""

from typing import Any

import torch
from torch.nn import functional

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.noise.adversarial import Adversarial
from costmodel.validation.learning.learner import Learner
from costmodel.validation.runner.model import NetworkModel

STEP = 1e-3
"""Length of the adversary's time steps, s."""


class Adversary:
    """Sees sample and class, and moves the sample within a bound: values + bound · tanh(what its leaky readout holds at the end).

    Args:
        noise: how large it is, and its bound.
        attacked: the network under attack.
        classes: number of classes.
        seed: of its weights.
        device: torch device that the network under attack is on.

    Raises:
        InputError: the network's encoder lets no gradient through.
    """

    def __init__(self, noise: Adversarial, attacked: Learner, classes: int, seed: int, device: str = "cpu") -> None:
        if not attacked.input.encoder.differentiable:
            what = f"an adversary needs a gradient through the encoder, and '{attacked.input.encoder.type}' has none"
            raise InputError(what, mend='use "direct", "poisson" or, with spike times, "latency"', where=attacked.network.where)
        self.noise, self.attacked, self.classes = noise, attacked, classes
        shape = attacked.input.encoder.sample_shape(attacked.input.shape)
        size = torch.Size(shape).numel()
        self.model = NetworkModel(_network(noise, size + classes, size), seed=seed).to(device).train()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=noise.learning_rate)

    def moved(self, values: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Samples (S, batch, *shape), arranged, as the adversary leaves them; of sequences every step is moved alike."""
        known = torch.cat([values.mean(dim=0).flatten(1), functional.one_hot(targets, self.classes).to(values)], dim=1)
        held = self.model(known.expand(self.noise.timesteps, *known.shape), {"out"})["out"][-1]
        return values + self.noise.bound * torch.tanh(held).reshape(values.shape[1:])

    def learn(self, values: torch.Tensor, targets: torch.Tensor, dice: torch.Generator) -> None:
        """A step towards a larger loss of the network under attack, whose weights stay as they are."""
        scores = self.attacked(self.attacked.encode(self.moved(values, targets), dice)).scores()
        gain = functional.cross_entropy(scores.mean(dim=0) if scores.ndim == 3 else scores, targets)
        self.optimizer.zero_grad()
        (-gain).backward(inputs=list(self.model.parameters()))
        self.optimizer.step()

    def state(self) -> dict[str, Any]:
        """All that going on needs."""
        return {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict()}

    def go_on(self, kept: dict[str, Any]) -> None:
        """Goes on from what `state` gave."""
        self.model.load_state_dict(kept["model"])
        self.optimizer.load_state_dict(kept["optimizer"])


def _network(noise: Adversarial, inputs: int, outputs: int) -> Network:
    r = 1 / (1 - torch.exp(torch.tensor(-STEP / noise.tau)).item())
    nodes = [
        {"id": "in", "type": "input", "shape": [inputs], "encoder": "direct"},
        {"id": "fc1", "type": "linear", "features": noise.neurons},
        {"id": "lif", "type": "lif", "tau": noise.tau, "r": r},
        {"id": "fc2", "type": "linear", "features": outputs},
        {"id": "out", "type": "li", "tau": noise.tau, "r": r},
    ]
    return Network.from_document({"name": "adversary", "dt": STEP, "timesteps": noise.timesteps, "nodes": nodes}, where="adversary")
