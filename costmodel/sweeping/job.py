"""A sweep ready to run, here or on another machine: the printed loop, the space, and which points fit."""

import math
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from costmodel.devices.part import Part
from costmodel.estimates.estimating import Workload
from costmodel.sweeping.feasibility import feasible
from costmodel.sweeping.printed import Loop, compiled, printed
from costmodel.sweeping.program import METRICS, Program, Recorder
from costmodel.sweeping.space import Chunk, Space

_ONE_AT_A_TIME = threading.Lock()
"""The loop uses all cores itself, and numba's simplest threads cannot be shared."""


@dataclass(frozen=True)
class Job:
    """A sweep ready to run.

    Attributes:
        loop: the printed loop.
        space: the design points, the axes in the order of the loops.
        fits: whether each point fits, booleans that broadcast over the space's shape; None where all do.
    """

    loop: Loop
    space: Space
    fits: np.ndarray | None

    def compile(self, which: Literal["fill", "ends"]) -> None:
        """Compiles what a method needs, which else its first call does."""
        chunk = next(self.space.chunks(1))
        nothing = [np.empty((0, 1, 1))] * len(METRICS) if which == "fill" else [np.empty((0, len(METRICS), 2))]
        self._run("fill" if which == "fill" else "reduce", chunk, nothing, rows=0)

    def fill(self, chunk: Chunk) -> dict[str, np.ndarray]:
        """Every metric at every row of a chunk; infinite where a point does not fit."""
        shape = self.blocks(chunk)
        found = {name: np.empty(shape) for name in METRICS}
        self._run("fill", chunk, list(found.values()))
        return {name: values.ravel() for name, values in found.items()}

    def ends(self, chunk: Chunk) -> np.ndarray:
        """The least and the largest value of each metric in each block of the loop: (blocks, metrics, 2)."""
        found = np.empty((self.blocks(chunk)[0], len(METRICS), 2))
        self._run("reduce", chunk, [found])
        return found

    def blocks(self, chunk: Chunk) -> tuple[int, int, int]:
        """Rows, middle and inner points of a chunk in the loop."""
        outer, middle = len(self.loop.outer), len(self.loop.middle)
        shape = chunk.shape
        return math.prod(shape[:outer]), math.prod(shape[outer : outer + middle]), math.prod(shape[outer + middle :])

    def block(self, chunk: Chunk, number: int) -> Chunk:
        """One block of a chunk."""
        outer = len(self.loop.outer)
        index = np.unravel_index(number, chunk.shape[:outer]) if outer else ()
        slices = tuple((start + int(i), start + int(i) + 1) for (start, _), i in zip(chunk.slices, index, strict=False))
        return Chunk(chunk.first + number * math.prod(chunk.shape[outer:]), slices + chunk.slices[outer:])

    def fitting(self, chunk: Chunk) -> np.ndarray | bool:
        """Whether each row of a chunk fits, one value for each, or one for all."""
        if self.fits is None:
            return True
        cut = tuple(slice(*ends) if n > 1 else slice(None) for n, ends in zip(self.fits.shape, chunk.slices, strict=True))
        return np.broadcast_to(self.fits[cut], chunk.shape).ravel()

    def _run(self, which: str, chunk: Chunk, into: Sequence[np.ndarray], rows: int | None = None) -> None:
        coordinates = self.space.coordinates(chunk)
        outside = len(self.loop.outer) + len(self.loop.middle)
        inner = [np.ascontiguousarray(grid.ravel()) for grid in np.meshgrid(*coordinates[outside:], indexing="ij")]
        blocks = self.blocks(chunk)
        tables = np.empty((self.loop.tables, blocks[2]))
        functions = _compiled(self.loop.source)
        arguments: list[Any] = [blocks[0] if rows is None else rows, *blocks[1:]]
        arguments += [len(c) for c in coordinates[:outside]] + list(coordinates[:outside])
        if self.loop.masked and self.fits is not None:
            offsets = [np.arange(*ends) * stride for ends, stride in zip(chunk.slices, self._strides(), strict=True)]
            within = sum(np.meshgrid(*offsets[outside:], indexing="ij"))
            arguments += [*offsets[:outside], np.ascontiguousarray(np.ravel(within)), self.fits.ravel()]
        with _ONE_AT_A_TIME:
            if self.loop.tables:
                functions["tables"](blocks[2], *inner, tables)
            functions[which](*arguments, tables, *into)

    def _strides(self) -> list[int]:
        """Elements of the mask between neighbours along each axis; 0 where it does not vary."""
        shape = () if self.fits is None else self.fits.shape
        return [0 if n == 1 else math.prod(shape[i + 1 :]) for i, n in enumerate(shape)]


@lru_cache(maxsize=8)
def _compiled(source: str) -> Mapping[str, Callable[..., Any]]:
    return dict(zip(("tables", "fill", "reduce"), compiled(source), strict=True))


def prepare(workload: Workload, on: Part, space: Space) -> tuple[Job, Program]:
    """The job of a sweep, and its program.

    Raises:
        InputError: no point fits the part.
    """
    program = Recorder(workload, on, space.names).program()
    fits = feasible(workload, on, space)
    loop = printed(program, space.shape, masked=not bool(fits.all()))
    order = (*loop.outer, *loop.middle, *loop.inner)
    return Job(loop, space.ordered(order), np.ascontiguousarray(fits.transpose(order)) if loop.masked else None), program
