"""What training minimises."""

import torch
from torch.nn import functional

from costmodel.graphs.network import Network
from costmodel.graphs.settings.training import Loss
from costmodel.validation.runner.response import Response


def cost(response: Response, scores: torch.Tensor, targets: torch.Tensor, network: Network, loss: Loss) -> torch.Tensor:
    """The loss of a batch: the mean over its samples.

    Args:
        response: of the network.
        scores: its scores, (B, K), or (T, B, K) where the readout reads at every step.
        targets: class numbers (B,), or values (B, T, K) to be predicted.
        network, loss: what is trained, and its loss.
    """
    if targets.dtype == torch.long:
        found = _of_classes(scores, targets, loss)
    else:
        wanted = targets.movedim(0, 1) if scores.ndim == 3 else targets
        found = functional.mse_loss(scores, wanted.to(scores))
    if loss.spike_cost:
        rates = [rate for name, rate in response.activity().items() if name not in (*network.inputs, *_last(network))]
        found = found + loss.spike_cost * torch.stack(rates).mean() if rates else found
    return found


def _of_classes(scores: torch.Tensor, targets: torch.Tensor, loss: Loss) -> torch.Tensor:
    if scores.ndim == 3:  # at every step
        targets = targets.repeat(len(scores))
        scores = scores.flatten(0, 1)
    if loss.type == "mean-squared-error":
        right = functional.one_hot(targets, scores.shape[1]).to(scores)
        return functional.mse_loss(scores, loss.wrong + (loss.correct - loss.wrong) * right)
    found = functional.cross_entropy(scores, targets)
    if loss.late_cost:
        found = found + loss.late_cost * torch.exp(-scores.gather(1, targets.unsqueeze(1))).mean()
    return found


def _last(network: Network) -> set[str]:
    """The output and what it passes on."""
    found = set(network.outputs)
    for name in network.outputs:
        if network.nodes[name].type == "output":
            found |= set(network.graph.pred[name])
    return found
