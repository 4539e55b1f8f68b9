"""What a search is asked for, from the words of the command line."""

from collections.abc import Iterable, Sequence

from costmodel.devices.part import Part
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.network import Network
from costmodel.searching.candidates import OBJECTIVES
from costmodel.sweeping.space import Range, is_network_parameter, read_range


def read_objectives(word: str) -> tuple[str, ...]:
    """The objectives of a word such as ``latency,energy``.

    Raises:
        InputError: an unknown one, or one given twice.
    """
    found = tuple(piece.strip() for piece in word.split(","))
    for piece in found:
        if piece not in OBJECTIVES:
            raise InputError(f"'{piece}' is no objective", mend=nearest(piece, OBJECTIVES), where="--minimise")
    if len(set(found)) < len(found):
        raise InputError(f"'{word}' names an objective twice", mend="name each once", where="--minimise")
    return found


def read_ranges(words: Iterable[str], network: Network, on: Sequence[Part]) -> dict[str, list[Range]]:
    """Part → its ranges; a parameter of devices varies on those parts that have it.

    Raises:
        InputError: a word is no range, or of nothing that the network or any part has.
    """
    found: dict[str, list[Range]] = {part.name: [] for part in on}
    for word in words:
        name = word.partition("=")[0]
        having = [part for part in on if name in part.constants]
        shared = is_network_parameter(name) or "." in name or not having
        for part in on if shared else having:
            try:
                over, count = read_range(word, network, part)
                if count is not None:
                    raise InputError("a search has no N", mend="write P=LO:HI or P=LO:HI:log")
                if any(known.name == over.name for known in found[part.name]):
                    raise InputError(f"'{over.name}' varies twice", mend="give it once")
            except InputError as error:
                raise error.at(f"--over {word}") from None
            found[part.name].append(over)
    for name, ranges in found.items():
        if not ranges:
            raise InputError(
                f"nothing varies on '{name}'", mend="give --over one of its parameters, or leave it out", where="--over"
            )
    return found
