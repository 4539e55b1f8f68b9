"""Progress of a run on standard error: a bar for the epoch, and a line after each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from costmodel.graphs.network import Network
from costmodel.validation.learning.training import Progress as Told
from costmodel.validation.learning.training import settings


@contextmanager
def counted(what: str) -> Iterator[Callable[[int, int, str], None]]:
    """Shows a bar of jobs: done, of how many, and which ended last; for as long as the context lasts."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total, _: bar.update(task, completed=done, total=total)


@contextmanager
def shown(network: Network) -> Iterator[Told]:
    """Shows how far a run is, for as long as the context lasts."""
    console = Console(stderr=True)
    epochs = settings(network).epochs
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("loading", total=None)
        phase = ""

        def batch(what: str, done: int, total: int) -> None:
            nonlocal phase
            if what != phase:
                phase = what
                bar.reset(task, total=total, description=what)
            bar.advance(task, done)

        def epoch(metrics: dict[str, Any]) -> None:
            nonlocal phase
            phase = ""
            bar.console.print(line(metrics, epochs), markup=False, highlight=False)

        yield Told(batch, epoch)


def line(metrics: dict[str, Any], epochs: int | None) -> str:
    """An epoch in a line."""
    share = metrics["accuracy"]
    told = f"sMAPE {metrics['smape']:.2f}" if share is None else f"accuracy {100 * share:.2f} %"
    return f"epoch {metrics['epoch']}/{epochs}: loss {metrics['loss']:.4f}, {told}, {metrics['seconds']:.1f} s"
