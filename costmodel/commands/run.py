"""``costmodel run``: trains and tests a network in torch: accuracy, rates, learning curve."""

from pathlib import Path
from typing import Annotated

import typer

from costmodel.commands.options import Batch, Json, NetworkArgument, Timesteps


def run(
    network: NetworkArgument,
    benchmark: Annotated[str | None, typer.Option("--benchmark", metavar="B", help="the task; by default the file's")] = None,
    rule: Annotated[str | None, typer.Option("--rule", metavar="R", help="the learning rule; by default the file's")] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", metavar="N", help="passes over the training set")] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="S", help="of weights, order, encoders and noise; 0 by default")
    ] = None,
    batch: Batch = None,
    learning_rate: Annotated[float | None, typer.Option("--learning-rate", help="of the optimiser")] = None,
    timesteps: Timesteps = None,
    data: Annotated[Path | None, typer.Option("--data", metavar="PATH", help="where the benchmark's files are")] = None,
    noise: Annotated[
        list[str] | None, typer.Option("--noise", metavar="TYPE[:KEY=VALUE,…]", help="what disturbs it; repeat for more")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="folder to keep the run in")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on with the run in DIR")] = False,
    on: Annotated[str, typer.Option("--on", metavar="cpu|cuda", help="where torch runs it")] = "cpu",
    threads: Annotated[int | None, typer.Option("--threads", metavar="N", help="of torch; 1 is fastest for small networks")] = None,
    json: Json = False,
) -> None:
    """Trains NETWORK on its benchmark and tests it; DIR keeps settings, metrics, checkpoints and the trained network."""
    from costmodel.output import print_json, print_notes
    from graphs.errors import InputError
    from graphs.network import load
    from graphs.noise.noise import read_noise

    loaded = load(network)
    if timesteps is not None:
        loaded = loaded.with_timesteps(timesteps)
    try:
        from validation.process import start_torch
        from validation.progress import shown
        from validation.run import prepared
        from validation.run import run as train
    except ImportError as error:
        what = f"{error.name} is needed to run a network, and not installed"
        raise InputError(what, mend='pip install "costmodel[torch]"') from None
    if resume and out is None:
        raise InputError("there is no folder to go on in", mend="give --out DIR", where="--resume")
    start_torch(on, threads)
    disturbed = [read_noise(word) for word in noise or []]
    training = {"rule": rule, "epochs": epochs, "batch": batch, "learning_rate": learning_rate}
    asked = prepared(loaded, training, benchmark, disturbed)
    with shown(asked) as progress:
        done = train(asked, seed=seed, data=data, out=out, resume=resume, device=on, progress=progress)
    print_notes(done.notes())
    if json:
        print_json(done.result())
    else:
        from validation.tables import show_run

        show_run(done, out)
