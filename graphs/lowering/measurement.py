"""Measured activity and its file: what a run of the network keeps, and estimates take."""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from costmodel.graphs.elements import RECEIVED, STEPS, Elements
from costmodel.graphs.errors import InputError
from costmodel.graphs.files import write_bytes
from costmodel.graphs.nodes.node import Rate


@dataclass(frozen=True)
class Measurement:
    """How active a network was on some samples.

    Attributes:
        rates: node → its rate, with its range over the samples.
        elements: the same element by element; empty where only means were kept.
        file: that these come from.
    """

    rates: Mapping[str, Rate] = field(default_factory=dict)
    elements: Elements = field(default_factory=dict)
    file: Path | None = None


def of_traces(traces: Path) -> Measurement:
    """What the simulation measured that wrote these traces.

    Raises:
        InputError: no such file, or none of a simulation.
    """
    if not traces.is_file():
        raise InputError("no such file", mend="give a run's folder, or the traces that 'simulate --out' wrote", where=str(traces))
    file = beside(traces)
    elements = read(file)
    return Measurement(rates(elements, f"simulated: {traces.name}"), elements, file)


def rates(elements: Elements, source: str) -> dict[str, Rate]:
    """The mean events per element and step of every node that was measured by what it sends."""
    own = {name: array for name, array in elements.items() if not name.startswith((RECEIVED, STEPS))}
    return {name: Rate(mean=float(array.mean()), kind="measured", source=source) for name, array in own.items()}


def beside(traces: Path) -> Path:
    """Where a simulation keeps the activity of each element: traces.elements.npz for traces.npz."""
    return traces.with_suffix(".elements.npz")


def write(path: Path, elements: Elements) -> None:
    """Writes the activity of each element, compressed, whole or not at all.

    Raises:
        InputError: the file cannot be written.
    """
    stream, arrays = io.BytesIO(), dict(elements)
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    write_bytes(path, stream.getvalue())


def read(path: Path) -> dict[str, np.ndarray]:
    """What `write` wrote.

    Raises:
        InputError: there is no such file, or it is damaged.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            found = {name: stored[name] for name in stored.files}
    except FileNotFoundError:
        what, mend = "is missing, which holds the activity of each element", "simulate again, and leave both files together"
        raise InputError(what, mend=mend, where=str(path)) from None
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zipfile.error) as error:
        what = f"is damaged ({type(error).__name__})"
        raise InputError(what, mend="run or simulate the network again", where=str(path)) from None
    if any(array.dtype.kind not in "fiu" for array in found.values()):
        raise InputError("holds arrays that are no numbers", mend="run or simulate the network again", where=str(path))
    return found
