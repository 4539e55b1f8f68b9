"""``costmodel run``: trains and tests a network in torch: accuracy, rates, learning curve."""

from pathlib import Path
from typing import Annotated

import typer

from costmodel.commands.options import Batch, Json, NetworkArgument, Timesteps
from costmodel.commands.training import Benchmark, Data, Epochs, Fresh, LearningRate, Noises, On, Rule, Seed, Threads


def run(
    network: NetworkArgument,
    benchmark: Benchmark = None,
    rule: Rule = None,
    epochs: Epochs = None,
    seed: Seed = None,
    batch: Batch = None,
    learning_rate: LearningRate = None,
    timesteps: Timesteps = None,
    noise: Noises = None,
    fresh: Fresh = False,
    data: Data = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="folder to keep the run in")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="go on with the run in DIR")] = False,
    on: On = "cpu",
    threads: Threads = None,
    json: Json = False,
) -> None:
    """Trains NETWORK on its benchmark and tests it; DIR keeps settings, metrics, checkpoints and the trained network."""
    from costmodel.commands.training import asked_for, torch_needed
    from costmodel.graphs.errors import InputError
    from costmodel.output import print_json, print_notes

    if resume and out is None:
        raise InputError("there is no folder to go on in", mend="give --out DIR", where="--resume")
    asked = asked_for(network, timesteps, benchmark, rule, epochs, batch, learning_rate, noise or [], fresh, on, threads)
    with torch_needed():
        from costmodel.validation.runs.progress import shown
        from costmodel.validation.runs.run import run as train
        from costmodel.validation.runs.tables import show_run
    with shown(asked) as progress:
        done = train(asked, seed=seed, data=data, out=out, resume=resume, device=on, progress=progress)
    print_notes(done.notes())
    if json:
        from costmodel.validation.records.folder import RunFolder

        print_json(done.result() | {"elements": None if out is None else str(RunFolder(out).elements)})
    else:
        show_run(done, out)
