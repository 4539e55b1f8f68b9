"""Synthesises what has not been synthesised yet, one circuit after another, and keeps what each took."""

import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from graphs.errors import InputError
from rtl.fitting.grid import grid
from rtl.fitting.measured import FAMILIES, add, load
from rtl.fitting.shapes import Shape, layer_of

SEED, FREQUENCY = 1, 100e6
"""Of the placement; the clock that it aims for, Hz."""


def measure(parts: Iterable[str], say=print) -> None:
    """All of the grid that the parts' files lack."""
    for shape in grid():
        for part in parts:
            if shape.row() not in [row["shape"] for row in load(part)["cores"]]:
                row = {"shape": shape.row()} | core(shape, part)
                add(part, "cores", row, SEED, FREQUENCY)
                say(part, shape.name, {key: value for key, value in row.items() if key not in ("shape", "cells")}, flush=True)


def core(shape: Shape, part: str) -> dict[str, Any]:
    """What a core takes of a part; "refused" where it does not fit."""
    from rtl.blocks.core import LayerCore

    return taken(LayerCore(layer_of(shape), FAMILIES[part]), part)


def taken(component: Any, part: str) -> dict[str, Any]:
    """What a component takes of a part: LUTs, flip-flops, blocks, multipliers, clock, and cells as mapped."""
    from rtl.synthesis import synthesise

    start = time.monotonic()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        try:
            found = synthesise(component, part, Path(folder), seed=SEED, frequency=FREQUENCY)
        except InputError as refusal:
            return {"refused": str(refusal).split(":")[0]}
    kept = ("luts", "ffs", "brams", "dsps", "fmax_hz")
    return {
        **{name: getattr(found, name) for name in kept},
        "cells": dict(sorted(found.cells.items())),
        "seconds": round(time.monotonic() - start, 1),
    }
