"""One run: a network trained on a benchmark under a rule, tested, and kept."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.noise.noise import Noise
from costmodel.graphs.reading.writing import document
from costmodel.validation.benchmarks import benchmark_names, load_benchmark
from costmodel.validation.learning.evaluation import Evaluation
from costmodel.validation.learning.teaching import learner
from costmodel.validation.learning.training import SILENT, Progress, Trainer, settings
from costmodel.validation.records.folder import RunFolder, commit


@dataclass(frozen=True)
class Run:
    """What came out of a run.

    Attributes:
        network: as it was trained: with the rule, epochs and so on that were asked for.
        seed: of the run.
        trainer: the trained network, its benchmark and its epochs.
        evaluation: of the test set after the last epoch.
    """

    network: Network
    seed: int
    trainer: Trainer
    evaluation: Evaluation

    def notes(self) -> list[str]:
        """What somebody who reads the result should know, in words."""
        network, told = self.network, list(self.network.assumptions)
        known = [name for name, node in network.synapse_nodes() if node.trained and "weight" in network.arrays.get(name, {})]
        if known and self.trainer.epochs_done:
            told.append(f"training started from the weights that {', '.join(known)} came with; --fresh draws them anew")
        return told

    def rates(self) -> dict[str, dict[str, Any]]:
        """The rate field of every node, as measured on the test set."""
        here = commit()
        source = (
            f"{self.evaluation.samples:,} test samples of {self.trainer.benchmark.name} after "
            f"{len(self.trainer.epochs_done)} epochs, seed {self.seed}; 5–95 % over the samples"
            + (f"; costmodel at {here[:10]}" if here else "")
        )
        return self.evaluation.rates(source)

    def result(self) -> dict[str, Any]:
        """As in ``run --json``, and what else is known."""
        e = self.evaluation
        return {
            "accuracy": e.accuracy,
            "smape": e.smape,
            "test_samples": e.samples,
            "seed": self.seed,
            "network": self.network.name,
            "benchmark": self.trainer.benchmark.name,
            "rule": self.trainer.settings.rule,
            "rates": {name: float(each.mean()) for name, each in e.activity.items()},
            "spikes_per_sample": {name: float(each.mean()) * self._events(name) for name, each in e.activity.items()},
            "measured": self.rates(),
            "confusion": None if e.confusion is None else e.confusion.tolist(),
            "epochs": self.trainer.epochs_done,
        }

    def _events(self, name: str) -> float:
        return math.prod(self.network.shapes[name][1]) * self.network.timesteps

    def arrays(self) -> dict[str, np.ndarray]:
        """The arrays of the trained network, keyed ``NODE.array``."""
        trained = {name: {k: v.numpy() for k, v in own.items()} for name, own in self.trainer.learner.arrays().items()}
        merged = {name: {**self.network.arrays.get(name, {}), **trained.get(name, {})} for name in self.network.nodes}
        return {f"{name}.{key}": array for name, own in merged.items() for key, array in own.items()}

    def draw(self, folder: Path) -> None:
        """Writes the figures: learning curve, confusions, and the spikes and membranes of one test sample."""
        from costmodel.validation.records import figures
        from costmodel.validation.runs.example import example

        network, confused = self.network, self.evaluation.confusion
        if self.trainer.epochs_done:
            figures.save(figures.learning_curve(self.trainer.epochs_done), folder / "learning-curve.png")
        if confused is not None:
            figures.save(figures.confusion(confused), folder / "confusion.png")
        spikes, traces = example(self.trainer)
        if spikes:
            sizes = {name: math.prod(network.shapes[name][1]) for name in spikes}
            figures.save(figures.raster(spikes, sizes, network.timesteps * network.dt), folder / "raster.png")
        if traces:
            figures.save(figures.membranes(traces, network.dt), folder / "membranes.png")

    def document(self, weights: str = "weights.npz") -> dict[str, Any]:
        """The trained network as a network document that names its weights' file."""
        return document(self.network, self.rates(), weights, {name.rpartition(".")[0] for name in self.arrays()})


def prepared(network: Network, training: Mapping[str, Any], benchmark: str | None = None, noise: Sequence[Noise] = ()) -> Network:
    """The network with some of what its file says of training replaced.

    Args:
        network: the network.
        training: keys of the file's ``training``; those that are None stay as they are.
        benchmark: the task; None: the file's.
        noise: noises besides the file's.

    Raises:
        InputError: a setting makes no sense.
    """
    fields = network.settings.model_dump(mode="json", exclude_unset=True)
    known = {**(fields.get("training") or {}), **{name: value for name, value in training.items() if value is not None}}
    disturbed = [*fields.get("noise", []), *(one.model_dump(exclude_unset=True) for one in noise)]
    fields |= {"training": known} if known else {}
    fields |= {"noise": disturbed} if disturbed else {}
    fields |= {"benchmark": benchmark} if benchmark else {}
    return Network.from_document({**fields, "nodes": network.settings.nodes}, network.arrays, network.where)


def run(
    network: Network,
    *,
    seed: int | None = None,
    data: Path | None = None,
    out: Path | None = None,
    resume: bool = False,
    until: float | None = None,
    device: str = "cpu",
    progress: Progress = SILENT,
) -> Run:
    """Trains and tests a network on its benchmark under its rule.

    Args:
        network: the network, its ``training`` and ``benchmark`` as they are to be.
        seed: of weights, of the samples' order, of random encoders and noise; None: 0, or that of the run gone on with.
        data: where the benchmark's files are.
        out: folder to keep the run in.
        resume: go on with the run that the folder holds.
        until: test accuracy to stop at.
        device: torch device.
        progress: who is told.

    Raises:
        InputError: no benchmark, one that is not on disk, a rule that does not fit, or a run that went wrong.
    """
    name = network.settings.benchmark
    if name is None:
        raise InputError(
            "no benchmark is named", mend=f"give --benchmark, one of {', '.join(benchmark_names())}", where=network.where
        )
    folder = None if out is None else RunFolder(out)
    kept = None
    if folder is not None and resume:
        seed = resumed_seed(folder, network, seed)
        kept = folder.load()
    seed = seed or 0
    task = load_benchmark(name, seed, data)
    trainer = Trainer(learner(network, settings(network).rule, seed), task, seed, device)
    if folder is not None and not resume:
        folder.start(config(network, seed, task.source))
    if kept is not None:
        trainer.go_on(kept)
    evaluation = trainer.run(folder, progress, until)
    done = Run(network, seed, trainer, evaluation)
    if folder is not None and out is not None:
        folder.finish(done.result(), done.document(), done.arrays(), evaluation.elements)
        done.draw(out)
    return done


def config(network: Network, seed: int, source: str) -> dict[str, Any]:
    """What a run's folder says of what was run."""
    return {"seed": seed, "data": source, "network": _document(network)}


def _document(network: Network) -> dict[str, Any]:
    return {**network.settings.model_dump(mode="json", exclude_unset=True), "nodes": network.settings.nodes}


def resumed_seed(folder: RunFolder, network: Network, seed: int | None) -> int:
    """The seed of the run that a folder holds.

    Raises:
        InputError: it is of another network, or of another seed than the one given. Epochs may differ.
    """
    known = folder.config()
    before, now = (json.loads(json.dumps(one)) for one in (known["network"], _document(network)))
    for one in (before, now):
        one.get("training", {}).pop("epochs", None)
    if before != now:
        changed = [key for key in {*before, *now} if before.get(key) != now.get(key)]
        what = f"the run there has other settings ({', '.join(sorted(changed))})"
        raise InputError(what, mend="resume with the same network and options, or choose another folder", where=str(folder.path))
    if seed is not None and seed != known["seed"]:
        raise InputError(f"the run there has seed {known['seed']}", mend="leave --seed out", where=str(folder.path))
    return known["seed"]
