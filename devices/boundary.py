"""What an energy counts: the chip's own rails, its board too, or the host computer besides.

Publications differ in it, by factors: a Loihi draws 0.1 W on its rails, and a board of many with its host tens of watts. A part
has the standing power of each apart, where there is a source for it; what lies outside the boundary is left out.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, cast, get_args

from costmodel.devices.constant import Constant
from costmodel.graphs.errors import InputError, nearest

Boundary = Literal["chip", "board", "system"]
BOUNDARIES: tuple[Boundary, ...] = get_args(Boundary)
"""From the inside out."""
POWERS: Mapping[str, Boundary] = {"p_chip": "chip", "p_board": "board", "p_host": "system"}
"""Standing power → the narrowest boundary that has it within."""


def boundary(word: str) -> Boundary:
    """The boundary of that name.

    Raises:
        InputError: there is none.
    """
    if word not in BOUNDARIES:
        raise InputError(f"there is no boundary '{word}'", mend=nearest(word, BOUNDARIES))
    return cast("Boundary", word)


def narrowest(powers: Mapping[str, Constant], where: str) -> Boundary:
    """The innermost boundary of whose power there is a figure.

    Args:
        powers: the constants of `POWERS`.
        where: the part's file.

    Raises:
        InputError: there is no figure at all.
    """
    for name, within in POWERS.items():
        if powers[name].value is not None:
            return within
    names = ", ".join(f"[{name}]" for name in POWERS)
    raise InputError("no standing power is given", mend=f"add one of {names} (W)", where=where)


def reachable(powers: Mapping[str, Constant]) -> list[Boundary]:
    """The boundaries that a part has figures for: none is without the power that it adds, nor beyond one that has none."""
    first = BOUNDARIES.index(narrowest(powers, ""))
    found: list[Boundary] = []
    for name, within in list(POWERS.items())[first:]:
        if powers[name].value is None:
            break
        found.append(within)
    return found


def within(powers: Mapping[str, Constant], chosen: Boundary, where: str) -> dict[str, Constant]:
    """The powers that count: those outside are none.

    Args:
        powers: the constants of `POWERS`, all of them.
        chosen: what counts.
        where: the part's name.

    Raises:
        InputError: the part has no figure for one of those within.
    """
    if chosen not in reachable(powers):
        name = next(name for name, each in POWERS.items() if powers[name].value is None and each in _up_to(chosen))
        has = " or ".join(f"--boundary {each}" for each in reachable(powers))
        mend = f"use {has}, or give the figure, as in --set {where}.{name}=1W"
        raise InputError(f"'{where}' has no {name}, which the boundary '{chosen}' counts ({powers[name].note})", mend=mend)
    outside = {"value": None, "low": None, "high": None, "note": f"outside of the boundary '{chosen}'"}
    counted = _up_to(chosen)
    return {name: powers[name] if each in counted else replace(powers[name], **outside) for name, each in POWERS.items()}


def _up_to(chosen: Boundary) -> tuple[Boundary, ...]:
    return BOUNDARIES[: BOUNDARIES.index(chosen) + 1]
