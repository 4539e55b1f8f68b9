"""What a whole `Design` takes: its cores, and the queues and stages between them, as `rtl.system.System` puts them
together."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from costmodel.rtl.cost.core import core_cost
from costmodel.rtl.cost.fitted import check
from costmodel.rtl.cost.pieces import (
    Piece,
    behind,
    delay,
    drop_final,
    flatten,
    fork,
    max_pool,
    piece_cost,
    queue,
    readout,
    shrink,
    total,
)
from costmodel.rtl.cost.resources import FpgaCost
from costmodel.rtl.cost.sizes import widths_sizes
from costmodel.rtl.design import STAGE_QUEUE, Delayed, Design, Flattened, Link, Shrunk, after

MARKS = 2
"""Bits of a token that mark the ends of steps and samples."""


def resources(design: Design, family: str | None = None) -> FpgaCost:
    """Of a design: the sum over its blocks, and the clock of the slowest.

    Args:
        design: the hardware.
        family: "ice40", "ecp5" or "xilinx"; None: the design's own.

    Raises:
        InputError: no such family.
    """
    return total(list(parts(design, family).values()))


def widths_resources(designs: Sequence[Design], families: Collection[str]) -> dict[str, FpgaCost]:
    """Of one design with several P and R, by family of FPGAs: columns with an entry for each.

    Args:
        designs: the same design as `rtl.planning.parallel.widened` makes it.
        families: of FPGAs.
    """
    sizes = [widths_sizes([one.layers[name] for one in designs]) for name in designs[0].layers]
    found = {}
    for family in families:
        whole = total([*(core_cost(core, family) for core in sizes), *between(designs[0], family).values()])
        taken = {name: value for name, value in vars(whole).items() if value is not None}
        found[family] = replace(whole, **{name: np.broadcast_to(value, len(designs)) for name, value in taken.items()})
    return found


def parts(design: Design, family: str | None = None) -> dict[str, FpgaCost]:
    """Of each core, and of what lies on the ways from each source, by name."""
    family = family or design.family
    check(family)
    return {f"core {name}": core_cost(layer, family) for name, layer in design.layers.items()} | between(design, family)


def between(design: Design, family: str) -> dict[str, FpgaCost]:
    """Of what lies on the ways from each source, and of the readout, by name."""
    found = {}
    for source in (design.source, *design.layers):
        for name, piece in _from(design, source, family):
            found[name] = piece_cost(piece, family).plain()
    if design.readout is not None:
        found["readout"] = piece_cost(readout(family, design.readout), family).plain()
    return found


def _from(design: Design, source: str, family: str) -> Iterator[tuple[str, Piece]]:
    """The blocks behind a source."""
    links = design.out_of(source)
    ways = len(links) + (source == design.output)
    if ways != 1:
        yield f"fork {source}", fork(ways)
    for link in links:
        for i, (kind, piece) in enumerate(_along(design, link, family)):
            yield f"{kind} {link.source} → {link.target} {link.port}.{i}", piece


def _along(design: Design, link: Link, family: str) -> Iterator[tuple[str, Piece]]:
    """The blocks of a link. What has no registers lengthens the path from the block before, or from the core into the
    queue."""
    space, bits = design.space(link.source), design.value_bits_of(link.source)
    before = queue(family, space.address_bits + bits + MARKS, link.depth)
    for stage in link.stages:
        if isinstance(stage, Flattened):
            yield "flatten", behind(before, flatten(family, space))
        elif isinstance(stage, Shrunk):
            yield "shrink", shrink(space, stage.rows, stage.columns)
        space = after(space, stage)
        if isinstance(stage, Delayed) or (isinstance(stage, Shrunk) and stage.largest):
            yield "queue", queue(family, space.address_bits + MARKS, STAGE_QUEUE)
        if isinstance(stage, Delayed):
            steps = stage.steps if isinstance(stage.steps, int) else int(stage.steps.max())
            before = delay(family, space, steps + 1, int(not isinstance(stage.steps, int)))
            yield "delay", before
        elif isinstance(stage, Shrunk) and stage.largest:
            before = max_pool(family, space)
            yield "max pool", before
    if design.late(link):
        yield "drop final", drop_final()
    yield "queue", queue(family, space.address_bits + bits + MARKS, link.depth)
