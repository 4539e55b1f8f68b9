"""``costmodel to-accuracy``: time, operations, energy and money until a network has learnt its task, on every device."""

from pathlib import Path
from typing import Annotated, Any

import typer

from costmodel.commands.options import Batch, Devices, Json, NetworkArgument
from costmodel.commands.training import Benchmark, Data, Epochs, LearningRate, On, Rule, Seed, Threads


def run(
    network: NetworkArgument,
    target: Annotated[str, typer.Option("--target", metavar="A", help="test accuracy, as in 0.9 or 90%")],
    device: Devices = None,
    run_: Annotated[Path | None, typer.Option("--run", metavar="DIR", help="a run that is there, instead of a new one")] = None,
    benchmark: Benchmark = None,
    rule: Rule = None,
    epochs: Epochs = None,
    seed: Seed = None,
    batch: Batch = None,
    learning_rate: LearningRate = None,
    data: Data = None,
    on: On = "cpu",
    threads: Threads = None,
    json: Json = False,
) -> None:
    """Trains NETWORK from weights drawn anew until its test accuracy is A, and says what that training takes on each part."""
    from costmodel.commands.training import asked_for, torch_needed
    from costmodel.devices.part import part, parts
    from costmodel.estimates.reaching import curve, trained, training_operations
    from costmodel.graphs.errors import InputError
    from costmodel.output import print_json, print_notes

    chosen = [part(name) for name in (device or parts())]
    wanted = accuracy(target)
    with torch_needed():
        from costmodel.validation.learning.training import settings
        from costmodel.validation.records.folder import RunFolder
        from costmodel.validation.runs.progress import shown
        from costmodel.validation.runs.run import run as train
    asked = asked_for(network, None, benchmark, rule, epochs, batch, learning_rate, [], True, on, threads)
    if run_ is not None:
        folder = RunFolder(run_)
        asked, done = folder.network(), folder.epochs()
    else:
        with shown(asked) as progress:
            done = train(asked, seed=seed, data=data, until=wanted, device=on, progress=progress).trainer.epochs_done
    if not done or done[0]["accuracy"] is None:
        raise InputError("the benchmark has no accuracy: it predicts values", mend="take one that tells classes apart")
    found = curve(done, wanted, settings(asked).batch or 1)
    reaches, counted = trained(asked, found, chosen), training_operations(asked, found)
    print_notes(asked.assumptions)
    if json:
        print_json(document(asked, found, counted, reaches))
    else:
        from costmodel.estimates.tables import show_reaches

        show_reaches(asked, found, counted, reaches)


def accuracy(word: str) -> float:
    """An accuracy from 0 to 1, or in per cent.

    Raises:
        InputError: it is none.
    """
    from costmodel.graphs.errors import InputError

    number, percent = (word[:-1], True) if word.endswith("%") else (word, False)
    try:
        value = float(number) / (100 if percent else 1)
    except ValueError:
        value = -1.0
    if not 0 < value <= 1:
        raise InputError(f"'{word}' is no accuracy", mend="write a share or per cent, as in 0.9 or 90%", where="--target")
    return value


def document(network: Any, found: Any, counted: dict[str, float], reaches: list[Any]) -> dict[str, Any]:
    """The JSON document."""
    from dataclasses import asdict

    return {
        "schema": 1,
        "network": network.name,
        "benchmark": network.settings.benchmark,
        "rule": network.settings.training.rule if network.settings.training else "bptt",
        **asdict(found),
        "operations": counted,
        "devices": [reach.to_dict() for reach in reaches],
    }
