"""Synthesises what has not been synthesised yet, one circuit after another, and keeps what each took."""

import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from costmodel.graphs.errors import InputError
from costmodel.rtl.cost.core import core_cost
from costmodel.rtl.fitting.grid import grid
from costmodel.rtl.fitting.measured import FAMILIES, add, load
from costmodel.rtl.fitting.pieces import BLOCKS, block, designs
from costmodel.rtl.fitting.shapes import Shape, layer_of

BLOCKS_OF = {"ecp5-25f": 56, "ice40-hx8k": 32, "artix7-100t": 135}
"""Memory blocks of each part."""

SEED, FREQUENCY = 1, 100e6
"""Of the placement; the clock that it aims for, Hz."""


def measure(parts: Iterable[str], say=print) -> None:
    """All that the parts' files lack: queues and stages, whole networks, the grid."""
    for row in BLOCKS:
        for part in parts:
            _unless_known(part, "blocks", "block", row, lambda p, r=row: taken(block(r, FAMILIES[p]), p), say)
    for name in designs("ecp5"):
        for part in parts:
            _unless_known(part, "designs", "design", name, lambda p, n=name: whole(n, p), say)
    for shape in grid():
        for part in parts:
            _unless_known(part, "cores", "shape", shape.row(), lambda p, s=shape: core(s, p), say)


def _unless_known(part: str, kind: str, key: str, what: Any, made: Callable[[str], dict[str, Any]], say: Callable) -> None:
    if what not in [row[key] for row in load(part).get(kind, [])]:
        found = made(part)
        add(part, kind, {key: what} | found, SEED, FREQUENCY)
        say(part, what, {name: value for name, value in found.items() if name != "cells"}, flush=True)


def whole(name: str, part: str) -> dict[str, Any]:
    """What a network takes of a part."""
    from costmodel.rtl.system import System

    return taken(System(designs(FAMILIES[part])[name]), part)


def core(shape: Shape, part: str) -> dict[str, Any]:
    """What a core takes of a part; "refused" where it does not fit, at once where its memory blocks alone are too many."""
    from costmodel.rtl.blocks.core import LayerCore

    layer = layer_of(shape)
    if core_cost(layer, FAMILIES[part]).brams > BLOCKS_OF[part]:
        return {"refused": "too few memory blocks"}
    return taken(LayerCore(layer, FAMILIES[part]), part)


def taken(component: Any, part: str) -> dict[str, Any]:
    """What a component takes of a part: LUTs, flip-flops, blocks, multipliers, clock, and cells as mapped."""
    from costmodel.rtl.synthesis import synthesise

    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
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
