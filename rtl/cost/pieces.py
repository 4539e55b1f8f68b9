"""What lies between cores: queues, and the stages that change addresses or hold spikes."""

from dataclasses import dataclass, field, replace
from functools import reduce

from costmodel.graphs.equations.algebra import Value, choose, minimum
from costmodel.rtl.cost.fitted import coefficients, weighted
from costmodel.rtl.cost.memory import address_bits, small, written_blocks, written_flip_flops, written_luts, written_stack
from costmodel.rtl.cost.multipliers import has_multipliers, product
from costmodel.rtl.cost.resources import FpgaCost
from costmodel.rtl.readout import Readout
from costmodel.rtl.space import Space

REGISTERS = "registers around a stage"
"""The part of a period that a stage without registers has only while it is measured alone."""


@dataclass(frozen=True)
class Piece:
    """A block between cores.

    Attributes:
        terms: what its LUTs beyond those of memories are linear in.
        ffs, brams, dsps, memory_luts: counted.
        times: what its shortest period is linear in; empty where it only passes tokens on.
    """

    terms: dict[str, Value]
    ffs: Value = 0
    brams: Value = 0
    dsps: Value = 0
    memory_luts: Value = 0
    times: dict[str, Value] = field(default_factory=dict)


def piece_cost(piece: Piece, family: str) -> FpgaCost:
    """Of a piece."""
    packed = piece.ffs if family == "ice40" else 0
    found = packed + piece.memory_luts + weighted(piece.terms, family, "piece luts")
    timed = piece.times and coefficients(family, "piece period")
    fmax = 1e9 / weighted(piece.times, family, "piece period") if timed else None
    return FpgaCost(found, piece.ffs, piece.brams, piece.dsps, fmax)


def behind(before: Piece, stage: Piece) -> Piece:
    """A stage without registers, its period that of the whole path from the piece before."""
    logic = {name: value for name, value in stage.times.items() if name != REGISTERS}
    return replace(stage, times={**before.times, **logic})


def queue(family: str, token_bits: Value, depth: Value) -> Piece:
    """Of so many tokens, each of address, value, and two bits."""
    place, held = address_bits(depth), address_bits(depth + 1)
    block = choose(small(family, depth), 0, 1)
    return Piece(
        terms={"queues": 1, "queue counter bits": 2 * place + held, "queue mux bits": _muxed(family, depth, token_bits)},
        ffs=2 * place + held + 1 + written_flip_flops(family, depth, token_bits),
        brams=written_blocks(family, depth, token_bits),
        memory_luts=written_luts(family, depth, token_bits),
        times={"queues": 1, "queue counter bits": held, "blocks": block},
    )


def delay(family: str, space: Space, maps: Value, varied: Value) -> Piece:
    """A ring of ``maps`` bitmaps, one more than the steps that a spike is held back; 1 where these are ``varied``."""
    place, words = _bitmap(space)
    map_bits, depth = address_bits(maps), maps * words
    width = 2**place
    counters = address_bits(words) + 2 * map_bits + address_bits(depth) + place
    terms = {"delays": 1, "bitmap address bits": address_bits(depth), "bitmap word bits": width}
    return Piece(
        terms={**terms, "delay table bits": varied * map_bits * 2**space.address_bits},
        ffs=4 + width + counters + written_flip_flops(family, depth, width),
        brams=written_blocks(family, depth, width),
        memory_luts=written_luts(family, depth, width),
        times={"bitmaps": 1, "delays": 1, "bitmap blocks": choose(small(family, depth), 0, 1)},
    )


def max_pool(family: str, windows: Space) -> Piece:
    """Over windows of spikes."""
    place, words = _bitmap(windows)
    width = 2**place
    return Piece(
        terms={"pools": 1, "bitmap address bits": address_bits(words), "bitmap word bits": width},
        ffs=2 + windows.address_bits + 2 + 2 * address_bits(words) + place + written_flip_flops(family, words, width),
        brams=written_blocks(family, words, width),
        memory_luts=written_luts(family, words, width),
        times={"bitmaps": 1, "bitmap blocks": choose(small(family, words), 0, 1)},
    )


def flatten(family: str, space: Space) -> Piece:
    """Addresses with rows and columns to those of a vector: two products by constants, and two sums."""
    row, place = space.bits["row"], address_bits(space.rows * space.columns)
    flat = address_bits(space.elements)
    products = [(row, space.columns, place), (place, space.channels, flat)]
    blocks = [constant_product(family, *one) if has_multipliers(family) else 0 for one in products]
    adders = logic = 0
    for (width, factor, wanted), block in zip(products, blocks, strict=True):
        if width and factor & (factor - 1):  # else fields lie side by side
            adders += wanted - _zeros(factor)
            logic += 0 if block else width * (factor.bit_count() - 1)
    return Piece(
        terms={"address sums": adders, "address products": logic},
        dsps=sum(blocks),
        times={"address sums": adders, "address blocks": sum(blocks), "address products": logic, REGISTERS: 1},
    )


def shrink(space: Space, rows: int, columns: int) -> Piece:
    """Addresses to those of windows: a division by a constant along each axis, as a table unless it is a power of two."""
    table = 0
    for size, by in ((space.rows, rows), (space.columns, columns)):
        if by & (by - 1):
            table += size * ((size - 1) // by).bit_length()
    left_out = sum(address_bits(size) for size, by in ((space.rows, rows), (space.columns, columns)) if size % by)
    return Piece(terms={"division table bits": table, "window comparisons": left_out})


def fork(ways: Value) -> Piece:
    """A stream to several."""
    return Piece(terms={"forked ways": ways})


def readout(family: str, read: Readout) -> Piece:
    """Of a sample's class. First spikes take registers alone; scores a memory, and one sum or comparison for each bit."""
    place = address_bits(read.classes)
    if read.kind == "first":
        return Piece(terms={"first spikes": 1}, ffs=place + 3, times={"first spikes": 1})
    width, largest = read.score_bits + read.count_bits, read.score_bits if read.count_bits else 0
    block = choose(small(family, read.classes), 0, 1)
    return Piece(
        terms={
            "readouts": 1,
            "readout address bits": place,
            "readout score bits": read.score_bits,
            "readout sum bits": read.score_bits if read.kind == "sum" else 0,
            "readout maximum bits": largest + read.count_bits,
            "readout mux bits": _muxed(family, read.classes, width),
        },
        ffs=4 * place + read.value_bits + 5 + read.score_bits + read.count_bits + written_flip_flops(family, read.classes, width),
        brams=written_blocks(family, read.classes, width),
        memory_luts=written_luts(family, read.classes, width),
        times={"readouts": 1, "readout score bits": read.score_bits, "readout maximum bits": largest, "readout blocks": block},
    )


def drop_final() -> Piece:
    """Leaves out the last step."""
    return Piece(terms={"steps left out": 1})


def constant_product(family: str, width: int, factor: int, wanted: int) -> Value:
    """Blocks of a product of ``width`` bits by a constant, of which ``wanted`` bits are used; powers of two take none."""
    zeros = _zeros(factor)
    odd = factor >> zeros
    return 0 if odd == 1 else product(family, width, odd.bit_length(), minimum(width + odd.bit_length(), wanted - zeros))


def _zeros(factor: int) -> int:
    return (factor & -factor).bit_length() - 1


def _bitmap(space: Space) -> tuple[int, int]:
    place = min(space.address_bits, 4)
    return place, 2 ** (space.address_bits - place)


def _muxed(family: str, depth: Value, width: Value) -> Value:
    return (written_stack(family, depth, width) - 1) * width


def total(costs: list[FpgaCost]) -> FpgaCost:
    """All together; the slowest sets the clock."""
    clocks = [cost.fmax_hz for cost in costs if cost.fmax_hz is not None]
    return FpgaCost(
        luts=sum(cost.luts for cost in costs),
        ffs=sum(cost.ffs for cost in costs),
        brams=sum(cost.brams for cost in costs),
        dsps=sum(cost.dsps for cost in costs),
        fmax_hz=reduce(minimum, clocks) if clocks else None,
    )
