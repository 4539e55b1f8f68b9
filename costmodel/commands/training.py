"""Options and first steps of the commands that train."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from costmodel.graphs.network import Network

Benchmark = Annotated[str | None, typer.Option("--benchmark", metavar="B", help="the task; by default the file's")]
Rule = Annotated[str | None, typer.Option("--rule", metavar="R", help="the learning rule; by default the file's")]
Epochs = Annotated[int | None, typer.Option("--epochs", metavar="N", help="passes over the training set")]
Seed = Annotated[int | None, typer.Option("--seed", metavar="S", help="of weights, order, encoders and noise; 0 by default")]
LearningRate = Annotated[float | None, typer.Option("--learning-rate", help="of the optimiser")]
Fresh = Annotated[bool, typer.Option("--fresh", help="draw the weights anew that the network comes with")]
Data = Annotated[Path | None, typer.Option("--data", metavar="PATH", help="where the benchmark's files are")]
Noises = Annotated[
    list[str] | None,
    typer.Option("--noise", metavar="TYPE[:KEY=VALUE,…]", help="what disturbs it, as memfpaa:hfox; repeat for more"),
]
On = Annotated[str, typer.Option("--on", metavar="cpu|cuda", help="where torch runs it")]
Threads = Annotated[int | None, typer.Option("--threads", metavar="N", help="of torch; 1 is fastest for small networks")]


@contextmanager
def torch_needed() -> Iterator[None]:
    """Says what to install where an import fails.

    Raises:
        InputError: a package is missing.
    """
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.installing import install

    try:
        yield
    except ImportError as error:
        what = f"{error.name} is needed to run a network, and not installed"
        raise InputError(what, mend=install("torch")) from None


def asked_for(
    network: str,
    timesteps: int | None,
    benchmark: str | None,
    rule: str | None,
    epochs: int | None,
    batch: int | None,
    learning_rate: float | None,
    noise: list[str],
    fresh: bool,
    on: str,
    threads: int | None,
) -> "Network":
    """The network as the command line wants it trained, torch being set up.

    Raises:
        InputError: anything at fault.
    """
    from costmodel.graphs.noise.noise import read_noise
    from costmodel.graphs.reading.loading import load

    loaded = load(network)
    if timesteps is not None:
        loaded = loaded.with_timesteps(timesteps)
    disturbed = [read_noise(word) for word in noise]
    with torch_needed():
        from costmodel.validation.runner.process import start_torch
        from costmodel.validation.runs.run import prepared
    start_torch(on, threads)
    training = {"rule": rule, "epochs": epochs, "batch": batch, "learning_rate": learning_rate}
    return prepared(loaded.without_weights() if fresh else loaded, training, benchmark, disturbed)
