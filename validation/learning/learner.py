"""A network under a learning rule: what the training loop trains."""

from typing import Any

import torch
from torch import nn
from torch.nn.utils import parametrize

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.boundary import Input
from costmodel.validation.neurons.kernel import check_device
from costmodel.validation.neurons.layer import NeuronLayer
from costmodel.validation.runner.parts import NetworkParts
from costmodel.validation.runner.response import Response, SteppedResponse, counted, measured


class Learner(nn.Module):
    """A network whose backward pass gives the gradients of its rule.

    Args:
        network: the network.
        model: what runs it.
    """

    def __init__(self, network: Network, model: NetworkParts) -> None:
        super().__init__()
        self.network, self.model = network, model
        self.input = input_node(network)
        self.kept = {*counted(network), network.output}
        self.measured = self.kept | measured(network)

    def arranged(self, values: torch.Tensor) -> torch.Tensor:
        """Samples (S, batch, *any shape) in the shape that the input's encoder takes.

        Raises:
            InputError: they have another number of elements.
        """
        wanted = self.input.encoder.sample_shape(self.input.shape)
        if values[0, 0].numel() != torch.Size(wanted).numel():
            what = f"its samples have shape {list(values.shape[2:])}, and the input takes {list(wanted)}"
            raise InputError(what, mend=f'give the input "shape" {list(values.shape[2:])}', where=f"node '{self.input.id}'")
        return values.reshape(*values.shape[:2], *wanted)

    def disturbed(self, values: torch.Tensor) -> torch.Tensor:
        """Samples, arranged, as a sensor with the network's noise gives them.

        Raises:
            InputError: as `arranged`.
        """
        return self.model.noise.values(self.arranged(values), training=self.training)

    def encode(self, values: torch.Tensor, dice: torch.Generator) -> Any:
        """What the network sees of samples (S, batch, *shape).

        Args:
            values: S is 1 for samples that stand still.
            dice: where random encoders draw from.

        Raises:
            InputError: samples that the encoder cannot take.
        """
        return self.input.encoder.encode(self.disturbed(values), self.network.timesteps, self.network.dt, dice)

    def on(self, device: str) -> "Learner":
        """This learner, moved to a torch device.

        Raises:
            InputError: it does not run there.
        """
        if any(isinstance(part, NeuronLayer) and part.backend == "fused" for part in self.modules()):
            check_device(torch.device(device).type)
        return self.to(device)

    def forward(self, encoded: Any) -> Response:
        """The response to what `encode` gave."""
        with parametrize.cached():  # weights of one pass are drawn once
            kept = self.kept if self.training else self.measured
            return SteppedResponse(self.network, self.model(encoded, kept), self.network.dt)

    def after_batch(self, response: Response, pace: float) -> None:
        """Anything that the rule does besides gradients, after the optimiser's step.

        Args:
            response: to the batch.
            pace: what is left of the learning rate that the run started with, from 0 to 1.
        """

    def arrays(self) -> dict[str, dict[str, torch.Tensor]]:
        """Weights, delays and parameters per node, as they are now, by their names in a network file."""
        from costmodel.validation.runner.trained import arrays

        return arrays(self.network, self.model)


def input_node(network: Network) -> Input:
    """The one input.

    Raises:
        InputError: there are several.
    """
    if len(network.inputs) != 1:
        what = f"the network has {len(network.inputs)} inputs ({', '.join(network.inputs)})"
        raise InputError(what, mend="a benchmark feeds one", where=network.where)
    node = network.nodes[network.inputs[0]]
    if not isinstance(node, Input):
        raise TypeError(f"node '{node.id}' is no input")
    return node
