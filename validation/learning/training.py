"""The training loop: epochs over a benchmark, each of them kept."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.summary import summarise
from costmodel.graphs.network import Network
from costmodel.graphs.noise.adversarial import Adversarial
from costmodel.graphs.settings.training import Decay, Training
from costmodel.validation.benchmarks.benchmark import Benchmark
from costmodel.validation.learning.adversary import Adversary
from costmodel.validation.learning.evaluation import Evaluation, check_classes, evaluate
from costmodel.validation.learning.faults import check_finite, too_large
from costmodel.validation.learning.learner import Learner
from costmodel.validation.learning.loss import cost
from costmodel.validation.records.folder import RunFolder
from costmodel.validation.runner.response import Response

DEFAULTS = {"epochs": 10, "batch": 64, "learning_rate": 1e-3}
"""Where neither the file nor anybody else says."""

BATCHES_TESTED_TOGETHER = 2
"""Training batches whose number of samples is tested at once: without a backward pass they need less memory than one."""


@dataclass(frozen=True)
class Progress:
    """What a run tells while it goes on: ``batch(phase, done, total)`` within an epoch, ``epoch(metrics)`` after it."""

    batch: Callable[[str, int, int], object] = lambda phase, done, total: None
    epoch: Callable[[dict[str, Any]], object] = lambda metrics: None


SILENT = Progress()
"""Tells nobody."""


class Trainer:
    """A network that learns a benchmark.

    Args:
        learner: the network under its rule.
        benchmark: the task.
        seed: of the order of the samples, of random encoders, and of noise.
        device: torch device to run on.

    Raises:
        InputError: the benchmark does not fit the network, or its rule does not run on the device.
    """

    def __init__(self, learner: Learner, benchmark: Benchmark, seed: int = 0, device: str = "cpu") -> None:
        self.learner, self.benchmark, self.seed, self.device = learner.on(device), benchmark, seed, device
        self.network: Network = learner.network
        self.settings = settings(self.network)
        self.epochs_done: list[dict[str, Any]] = []
        self.noise = self.learner.model.noise
        self.adversary = self._adversary()
        self.optimizer = optimizer(self.learner, self.settings)
        self.schedule = _schedule(self.optimizer, self.settings)
        self.last: Evaluation | None = None

    def _adversary(self) -> Adversary | None:
        """The adversary that the network's noise asks for.

        Raises:
            InputError: nothing can be attacked: values are predicted, or no gradient passes the encoder.
        """
        for noise in self.noise.noises:
            if isinstance(noise, Adversarial):
                if self.benchmark.classes is None:
                    raise InputError("an adversary needs classes, and the benchmark predicts values", mend="leave it out")
                return Adversary(noise, self.learner, self.benchmark.classes, self.seed, self.device)
        return None

    def run(self, folder: RunFolder | None = None, progress: Progress = SILENT, until: float | None = None) -> Evaluation:
        """Trains epoch after epoch, to the last, or until the test accuracy reaches ``until``.

        Args:
            folder: where every epoch is kept; None keeps nothing.
            progress: who is told.
            until: accuracy to stop at.

        Returns:
            What the network does on the test set after the last epoch.

        Raises:
            InputError: the loss is no longer a number, or memory does not suffice.
        """
        while len(self.epochs_done) < (self.settings.epochs or 0) and not self._reached(until):
            metrics = self.epoch(progress)
            self.epochs_done.append(metrics)
            if folder is not None:
                folder.save(self.state(), self.epochs_done)
            progress.epoch(metrics)
        return self.test(progress) if self.last is None else self.last

    def _reached(self, accuracy: float | None) -> bool:
        done = self.epochs_done
        return accuracy is not None and bool(done) and done[-1]["accuracy"] >= accuracy

    def epoch(self, progress: Progress) -> dict[str, Any]:
        """One pass over the training set and one over the test set; its metrics."""
        number = len(self.epochs_done) + 1
        dice = torch.Generator().manual_seed(hash_of(self.seed, number))
        start, total, right, activity = time.perf_counter(), 0.0, 0, Mean()
        self.learner.train()
        rate = self.optimizer.param_groups[0]["lr"]
        self.noise.begin(hash_of(self.seed, number))
        for done, indexes in enumerate(batches := list(self._batches(dice))):
            self.noise.progress = (number - 1 + done / len(batches)) / (self.settings.epochs or 1)
            loss, good, active = self._batch(indexes, number, dice)
            total, right = total + loss * len(indexes), right + good
            activity.add(active, len(indexes))
            progress.batch("train", len(indexes), len(self.benchmark.train))
        self.schedule.step()
        seconds = time.perf_counter() - start
        self.last = self.test(progress)
        samples = len(self.benchmark.train)
        rates = {name: min(value, self.network.rate_limit(name)) for name, value in activity.mean().items()}
        work = summarise(self.network, Activity(self.network, rates=rates)).work
        return {
            "epoch": number,
            "accuracy": self.last.accuracy,
            "smape": self.last.smape,
            "loss": total / samples,
            "train_accuracy": right / samples if self.benchmark.classes else None,
            "seconds": seconds,
            "synops": work.effective_synops * samples,
            "samples": samples,
            "learning_rate": rate,
            "rates": rates,
        }

    def test(self, progress: Progress = SILENT) -> Evaluation:
        """What the network does on the test set. The same draws every time."""
        dice, total = torch.Generator().manual_seed(hash_of(self.seed, 0)), len(self.benchmark.test)
        self.noise.begin(hash_of(self.seed, 0))
        return evaluate(
            self.learner,
            self.benchmark.test,
            BATCHES_TESTED_TOGETHER * (self.settings.batch or 1),
            dice,
            each=lambda done: progress.batch("test", done, total),
            device=self.device,
            change=self._attacked,
        )

    def _attacked(self, values: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        """Test samples as the adversary leaves them, where there is one that attacks then."""
        if self.adversary is None or not self.adversary.noise.acts(training=False):
            return values
        return self.adversary.moved(values, targets.to(values.device))

    def _batches(self, dice: torch.Generator) -> Iterator[torch.Tensor]:
        """Numbers of samples, in an order of this epoch's own."""
        yield from torch.randperm(len(self.benchmark.train), generator=dice).split(self.settings.batch or 1)

    def _batch(self, indexes: torch.Tensor, epoch: int, dice: torch.Generator) -> tuple[float, int, dict[str, float]]:
        """One step of the optimiser: its loss, samples told right, and the activity."""
        train, network = self.benchmark.train, self.network
        targets = train.targets[indexes].to(self.device)
        values = self.learner.arranged(train.batch(indexes, network.timesteps, network.dt).to(self.device))
        try:
            values, loss, scores, response = self._gradients(values, targets, dice)
        except (MemoryError, RuntimeError) as error:
            raise too_large(error, len(indexes), lambda size: self._goes_through(indexes[:size]), network.where) from error
        check_finite(loss, self.learner, values, epoch, dice)
        trained = [p for group in self.optimizer.param_groups for p in group["params"]]
        if self.settings.clip is not None:
            nn.utils.clip_grad_norm_(trained, self.settings.clip)
        self.optimizer.step()
        self.learner.after_batch(response, self._pace())
        right = 0
        if self.benchmark.classes is not None:
            told = (scores.mean(dim=0) if scores.ndim == 3 else scores).argmax(dim=1)
            right = int((told == targets).sum())
        active = {name: float(rate.detach().mean()) for name, rate in response.activity().items()}
        return float(loss.detach()), right, active

    def _goes_through(self, indexes: torch.Tensor) -> bool:
        """Whether memory holds a forward and backward pass of these samples."""
        network = self.network
        try:
            values = self.benchmark.train.batch(indexes, network.timesteps, network.dt).to(self.device)
            response = self.learner(self.learner.encode(values, torch.Generator().manual_seed(0)))
            response.scores().sum().backward()
        except (MemoryError, RuntimeError):
            return False
        return True

    def _gradients(
        self, values: torch.Tensor, targets: torch.Tensor, dice: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, Response]:
        """What the network was given, the loss, the scores and the response; every trained parameter has its gradient then."""
        if self.adversary is not None and self.adversary.noise.acts(training=True):
            self.adversary.learn(values, targets, dice)
            values = self.adversary.moved(values, targets).detach()
        response = self.learner(self.learner.encode(values, dice))
        scores = response.scores()
        if self.benchmark.classes is not None:
            check_classes(self.learner, scores.shape[-1], self.benchmark.classes)
        loss = cost(response, scores, targets, self.network, self.settings.loss)
        self.optimizer.zero_grad()
        loss.backward()
        return values, loss, scores, response

    def _pace(self) -> float:
        """What is left of the learning rate that the run started with."""
        group = self.optimizer.param_groups[0]
        return float(group["lr"] / group["initial_lr"])

    def state(self) -> dict[str, Any]:
        """All that going on needs."""
        return {
            "model": self.learner.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "adversary": None if self.adversary is None else self.adversary.state(),
        }

    def go_on(self, kept: dict[str, Any]) -> None:
        """Goes on from what a folder kept.

        Raises:
            InputError: it belongs to another network.
        """
        try:
            self.learner.load_state_dict(kept["model"])
            self.optimizer.load_state_dict(kept["optimizer"])
        except (RuntimeError, ValueError, KeyError) as error:
            what = f"the checkpoint is of another network ({str(error).splitlines()[0]})"
            raise InputError(what, mend="resume with the network it was started with") from None
        self.schedule.load_state_dict(kept["schedule"])
        if self.adversary is not None:
            self.adversary.go_on(kept["adversary"])
        self.epochs_done = list(kept["epochs"])


class Mean:
    """The mean of named numbers over samples."""

    def __init__(self) -> None:
        self.total: dict[str, float] = {}
        self.count = 0

    def add(self, values: dict[str, float], samples: int) -> None:
        """Adds the means of so many samples."""
        self.count += samples
        for name, value in values.items():
            self.total[name] = self.total.get(name, 0.0) + value * samples

    def mean(self) -> dict[str, float]:
        """The mean over all samples."""
        return {name: value / self.count for name, value in self.total.items()}


def settings(network: Network) -> Training:
    """The network's training settings, with what it leaves open filled in."""
    given = network.settings.training or Training()
    return given.model_copy(update={name: value for name, value in DEFAULTS.items() if getattr(given, name) is None})


def hash_of(seed: int, epoch: int) -> int:
    """A seed of its own for every epoch of every run."""
    return (seed * 1_000_003 + epoch) % 2**63


def optimizer(learner: Learner, training: Training) -> torch.optim.Optimizer:
    """The optimiser that training settings ask for.

    Raises:
        InputError: nothing in the network is trained.
    """
    parameters = [p for p in learner.parameters() if p.requires_grad]
    if not parameters:
        raise InputError("nothing in the network is trained", mend='let a node have "trained": true', where=learner.network.where)
    rate, decay = training.learning_rate or DEFAULTS["learning_rate"], training.weight_decay
    if training.optimizer == "adam":
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=decay)
    return torch.optim.SGD(parameters, lr=rate, momentum=0.9 if training.optimizer == "momentum" else 0.0, weight_decay=decay)


def _schedule(optimizer: torch.optim.Optimizer, training: Training) -> torch.optim.lr_scheduler.LRScheduler:
    if isinstance(training.schedule, Decay):
        return torch.optim.lr_scheduler.StepLR(optimizer, training.schedule.every, training.schedule.factor)
    if training.schedule == "cosine":
        return torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, training.epochs or 1)
    return torch.optim.lr_scheduler.ConstantLR(optimizer, factor=1.0)
