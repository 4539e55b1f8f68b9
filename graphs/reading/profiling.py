"""The activity of a torch module over many samples, as a network that comes with it."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

import numpy as np
from rich.progress import Progress

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.nodes.node import Rate
from costmodel.graphs.reading.imports import from_torch


def profile(
    module: Any,
    loader: Iterable[Any],
    name: str = "network",
    *,
    batches: int | None = None,
    over_time: bool = False,
    progress: bool = True,
) -> Network:
    """A network from a torch module, with its activity over the batches of a loader.

    Each node that fires has the mean rate over all of them, and the range that nine of ten batches lie in; the activity of each
    element is the mean.

    Args:
        module: the module.
        loader: batches: what ``forward`` takes, or a tuple or list that begins with it, as loaders give samples with their labels.
        name: what to call the network.
        batches: how many to take; None: all.
        over_time: as in `from_torch`.
        progress: whether a bar shows how far it is.

    Raises:
        InputError: there is no batch, one has other shapes than the first, or as `from_torch`.
    """
    total = batches if batches is not None else len(loader) if hasattr(loader, "__len__") else None  # type: ignore[arg-type]
    first: Network | None = None
    sums: dict[str, np.ndarray] = {}
    means: dict[str, list[float]] = {}
    count = 0
    with Progress(transient=True, disable=not progress) as bar:
        task = bar.add_task(f"profiling {name}", total=total)
        for batch in islice(loader, batches):
            sample = batch[0] if isinstance(batch, tuple | list) else batch
            found = from_torch(module, sample, name, over_time=over_time, measure=True)
            first = first or found
            _check(first, found)
            for key, array in found.elements.items():
                sums[key] = sums.get(key, 0) + array
            for key, node in found.nodes.items():
                if node.rate is not None:
                    means.setdefault(key, []).append(node.rate.mean)
            count += 1
            bar.advance(task)
    if first is None:
        raise InputError("the loader gave no batch", mend="give one with samples", where=name)
    return first.with_rates(_rates(means)).with_elements({key: array / count for key, array in sums.items()})


def _rates(means: dict[str, list[float]]) -> dict[str, Rate]:
    """Mean and range over batches."""
    found = {}
    for name, values in means.items():
        low, high = (float(np.quantile(values, q)) for q in (0.05, 0.95))
        mean = float(np.mean(values))
        source = f"measured as the module ran on {len(values)} batches"
        found[name] = Rate(mean=mean, low=min(low, mean), high=max(high, mean), kind="measured", source=source)
    return found


def _check(first: Network, found: Network) -> None:
    if found.timesteps != first.timesteps or found.shapes != first.shapes:
        what = f"a batch runs {found.timesteps} time steps through {len(found.nodes)} nodes, the first {first.timesteps} through"
        raise InputError(f"{what} {len(first.nodes)}", mend="give batches of one length and shape", where=first.name)
