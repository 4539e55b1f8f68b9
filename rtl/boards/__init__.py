"""Boards that a core runs on: their pins, the serial line to it, and the bitstream."""

from pathlib import Path
from typing import cast

from amaranth.lib import wiring

from costmodel.graphs.errors import InputError, nearest
from costmodel.rtl.boards import icebreaker, ulx3s
from costmodel.rtl.boards.board import Board
from costmodel.rtl.boards.top import Top
from costmodel.rtl.synthesis import PlacedPart, find_part
from costmodel.rtl.verilog import convert

__all__ = ["BOARDS", "Board", "Top", "bitstream", "find_board"]

BOARDS: dict[str, Board] = {board.name: board for module in (icebreaker, ulx3s) for board in module.BOARDS}


def find_board(name: str) -> Board:
    """The board of that name.

    Raises:
        InputError: if there is none.
    """
    if name not in BOARDS:
        raise InputError(f"no board is named '{name}'", mend=nearest(name, BOARDS))
    return BOARDS[name]


def bitstream(core: wiring.Component, board: str, folder: Path, *, seed: int = 1, system: bool = False) -> Path:
    """Make the file that configures a board with a core behind its serial line: see :class:`Top`.

    Args:
        core: with the streams ``events`` and ``answers``, in the domain ``sync``.
        board: a name in ``BOARDS``.
        folder: where the tools' files and logs go; it is made, and what is there is overwritten.
        seed: of the placement; another may help a core that just misses the clock.
        system: use tools on PATH instead of the YoWASP packages.

    Returns:
        The file in that folder, for iceprog (iCEBreaker) or openFPGALoader (ULX3S).

    Raises:
        InputError: if the board is unknown, the core lacks a stream, a tool is not installed or fails, the core does not fit
            or is too slow for the board's clock.
    """
    place = find_board(board)
    part = cast(PlacedPart, find_part(place.part))
    design = convert(Top(core, place), "top")
    folder.mkdir(parents=True, exist_ok=True)
    return part.bitstream(design, place.pins, folder, seed=seed, frequency=place.clock_hz, system=system)
