"""What a network does on samples it has not learnt from: its answers, and how active it is."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch

from costmodel.graphs.elements import STEPS
from costmodel.graphs.errors import InputError
from costmodel.validation.benchmarks.benchmark import Samples
from costmodel.validation.benchmarks.smape import smape
from costmodel.validation.learning.learner import Learner


@dataclass(frozen=True)
class Evaluation:
    """The answers to some samples.

    Attributes:
        samples: how many.
        accuracy: share of the right ones; None where values are predicted.
        smape: symmetric mean absolute percentage error; None where classes are told apart.
        confusion: samples of class i that were taken for class j, (classes, classes); None where values are predicted.
        activity: input or population → events per element and time step in every sample, (samples,).
        elements: the same of every element, the mean over samples, as `costmodel.graphs.lowering.activity.Activity` takes it.
    """

    samples: int
    accuracy: float | None
    smape: float | None
    confusion: np.ndarray | None
    activity: dict[str, np.ndarray]
    elements: dict[str, np.ndarray] = field(default_factory=dict)

    def rates(self, source: str) -> dict[str, dict[str, object]]:
        """The rate field of every node for a network file: the mean over samples, and the 5 and 95 % of them as its range."""
        found = {}
        for name, each in self.activity.items():
            low, high = np.percentile(each, [5, 95])
            mean = float(each.mean())
            values = {"mean": mean, "low": min(float(low), mean), "high": max(float(high), mean)}
            found[name] = {k: float(f"{v:.6g}") for k, v in values.items()} | {"kind": "measured", "source": source}
        return found


@torch.no_grad()
def evaluate(
    learner: Learner,
    samples: Samples,
    batch: int,
    dice: torch.Generator,
    *,
    each: Callable[[int], object] = lambda done: None,
    device: str = "cpu",
    change: Callable[[torch.Tensor, torch.Tensor], torch.Tensor] = lambda values, targets: values,
) -> Evaluation:
    """Runs all samples.

    Args:
        learner: the network, in evaluation mode during this.
        samples: what it has not learnt from.
        batch: samples run together.
        dice: where random encoders draw from.
        each: called with the number of samples done after every batch.
        device: torch device that the network is on.
        change: what becomes of samples, arranged as the encoder takes them, and their targets before the network sees them.

    Raises:
        InputError: samples that the network cannot take.
    """
    was_training = learner.training
    learner.eval()
    network, targets = learner.network, samples.targets
    answers, activity, events, profile = [], {}, {}, {}
    for indexes in torch.arange(len(samples)).split(batch):
        values = learner.arranged(samples.batch(indexes, network.timesteps, network.dt).to(device))
        values = change(values, targets[indexes])
        response = learner(learner.encode(values, dice))
        scores = response.scores()
        if targets.dtype == torch.long:
            check_classes(learner, scores.shape[-1], int(targets.max()) + 1)
            scores = scores.mean(dim=0) if scores.ndim == 3 else scores
            answers.append(scores.argmax(dim=1).cpu())
        else:
            answers.append((scores.movedim(0, 1) if scores.ndim == 3 else scores).cpu())
        for name, rate in response.activity().items():
            activity.setdefault(name, []).append(rate.cpu())
        for name, found in response.events().items():
            events[name] = events.get(name, 0) + found.cpu()
        for name, found in response.profile().items():
            profile[STEPS + name] = profile.get(STEPS + name, 0) + found.cpu()
        each(len(indexes))
    learner.train(was_training)
    told = torch.cat(answers)
    seen = {name: torch.cat(parts).double().numpy() for name, parts in activity.items()}
    elements = {name: found.numpy() / (len(samples) * network.timesteps) for name, found in events.items()}
    elements |= {name: found.numpy() / len(samples) for name, found in profile.items()}
    if targets.dtype != torch.long:
        return Evaluation(len(samples), None, smape(told, targets.to(told)), None, seen, elements)
    classes = int(targets.max()) + 1
    confusion = torch.zeros((classes, max(classes, int(told.max()) + 1)), dtype=torch.long)
    confusion.index_put_((targets, told), torch.ones_like(told), accumulate=True)
    return Evaluation(len(samples), float((told == targets).double().mean()), None, confusion.numpy(), seen, elements)


def check_classes(learner: Learner, outputs: int, classes: int) -> None:
    """Refuses a network with fewer outputs than there are classes.

    Raises:
        InputError: it has.
    """
    if outputs < classes:
        what = f"the output has {outputs} elements, and there are {classes} classes"
        raise InputError(what, mend=f'give the last weighted node "features": {classes}', where=learner.network.where)
