"""The space of a sweep: axes with their values, and the points as rows of a table, the last axis running fastest."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from costmodel.devices.part import Part
from costmodel.estimates.request import NETWORK_PARAMETERS
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.lowering.activity import is_spiking
from costmodel.graphs.network import Network
from costmodel.graphs.settings.units import parse

WIDTH = "features."
"""How the width of a layer is called: ``features.NODE``."""

_COUNTS = {"timesteps": 2**31, "batch": 2**31, "bits": 64}
"""Parameters of the network that count things, and their largest values."""


@dataclass(frozen=True)
class Range:
    """The values that a parameter may take.

    Attributes:
        name: of the parameter.
        low, high: ends, both included, in SI.
        unit: of both.
        log: whether values are spaced evenly in the logarithm.
        whole: whether it counts things.
    """

    name: str
    low: float
    high: float
    unit: str = "1"
    log: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Axis:
    """Values of a range, evenly spaced; whole numbers that round to the same one are one.

    Attributes:
        over: the range.
        asked: how many values were asked for.

    Raises:
        InputError: fewer than 2, or more than there are whole numbers.
    """

    over: Range
    asked: int

    def __post_init__(self) -> None:
        over = self.over
        if self.asked < 2:
            raise InputError(f"N is {self.asked}", mend=f"give 2 or more values, or fix it with --set {over.name}=…")
        most = int(over.high - over.low) + 1
        if over.whole and self.asked > most:
            what = f"there are {most} whole numbers from {over.low:g} to {over.high:g}, not {self.asked}"
            raise InputError(what, mend=f"give an N of at most {most}")

    @cached_property
    def count(self) -> int:
        """How many values there are."""
        return len(self._logarithmic) if self.over.whole and self.over.log else self.asked

    def values(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        """Some of the values, all of them by default."""
        over, stop = self.over, self.count if stop is None else stop
        if over.whole and over.log:
            return self._logarithmic[start:stop]
        share = np.arange(start, stop) / (self.count - 1)
        values = over.low * (over.high / over.low) ** share if over.log else over.low + (over.high - over.low) * share
        values[share == 1] = over.high
        return np.floor(values + 0.5) if over.whole else values

    @cached_property
    def _logarithmic(self) -> np.ndarray:
        return np.unique(np.floor(np.geomspace(self.over.low, self.over.high, self.asked) + 0.5))


@dataclass(frozen=True)
class Chunk:
    """Some consecutive rows: a sub-grid.

    Attributes:
        first: number of its first row.
        slices: for each axis, start and stop.
    """

    first: int
    slices: tuple[tuple[int, int], ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        return tuple(stop - start for start, stop in self.slices)

    @property
    def rows(self) -> int:
        """How many there are."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Space:
    """A grid of design points."""

    axes: tuple[Axis, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the axes."""
        return tuple(axis.over.name for axis in self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        return tuple(axis.count for axis in self.axes)

    @property
    def rows(self) -> int:
        """How many points there are."""
        return math.prod(self.shape)

    def ordered(self, order: Iterable[int]) -> "Space":
        """The same points with the axes in another order."""
        return Space(tuple(self.axes[i] for i in order))

    def chunks(self, most: int) -> Iterator[Chunk]:
        """All rows in order, at most ``most`` at a time: one axis is cut, those before it take one value at a time."""
        cut, behind = len(self.shape) - 1, 1
        while cut > 0 and behind * self.shape[cut] <= most:
            behind *= self.shape[cut]
            cut -= 1
        length = max(1, min(self.shape[cut], most // behind))
        first = 0
        for outer in np.ndindex(self.shape[:cut]):
            for start in range(0, self.shape[cut], length):
                stop = min(start + length, self.shape[cut])
                slices = (*((i, i + 1) for i in outer), (start, stop), *((0, n) for n in self.shape[cut + 1 :]))
                chunk = Chunk(first, slices)
                yield chunk
                first += chunk.rows

    def coordinates(self, chunk: Chunk) -> tuple[np.ndarray, ...]:
        """Values along each axis of a chunk."""
        return tuple(axis.values(*ends) for axis, ends in zip(self.axes, chunk.slices, strict=True))

    def point(self, row: int) -> dict[str, float]:
        """Parameter → value at a row."""
        where = np.unravel_index(row, self.shape)
        return {a.over.name: float(a.values(int(i), int(i) + 1)[0]) for a, i in zip(self.axes, where, strict=True)}


def read_space(words: Iterable[str], network: Network, on: Part) -> Space:
    """The space of ``P=LO:HI:N[:log]`` words.

    Raises:
        InputError: a word is no range, or names no parameter of the network or the part.
    """
    axes: dict[str, Axis] = {}
    for word in words:
        try:
            over, count = read_range(word, network, on)
            if over.name.startswith(WIDTH):
                raise InputError("a layer's width is no axis of a grid", mend="search over it: costmodel pareto")
            if over.name in axes:
                raise InputError(f"'{over.name}' is swept twice", mend="give it once")
            if count is None:
                raise InputError("N is missing", mend=f"write {word.partition('=')[0]}=LO:HI:N, as in r_on=1kΩ:100kΩ:50:log")
            axes[over.name] = Axis(over, count)
        except InputError as error:
            raise error.at(f"--over {word}") from None
    if not axes:
        raise InputError("nothing is swept", mend="give --over P=LO:HI:N, as in r_on=1kΩ:100kΩ:50:log", where="--over")
    if "rate" in axes and any(name.startswith("rate.") for name in axes):
        raise InputError("'rate' and the rate of a node are both swept", mend="sweep one of them", where="--over")
    return Space(tuple(axes.values()))


def read_range(word: str, network: Network, on: Part) -> tuple[Range, int | None]:
    """The range of a ``P=LO:HI[:N][:log]`` word, and N where it is given.

    Raises:
        InputError: it is no range, an empty one, or of no parameter.
    """
    name, _, text = word.partition("=")
    pieces = text.split(":")
    log = pieces[-1] == "log"
    pieces = pieces[:-1] if log else pieces
    if not name or len(pieces) not in (2, 3) or not all(pieces):
        raise InputError(f"'{word}' is no range", mend="write P=LO:HI:N or P=LO:HI:N:log, as in r_on=1kΩ:100kΩ:50:log")
    unit = _unit(name, network, on)
    low, high = (parse(piece, unit) for piece in pieces[:2])
    if not low < high:
        raise InputError(f"the range from {low:g} to {high:g} is empty", mend="give LO below HI")
    if log and low <= 0:
        raise InputError(f"logarithmic spacing cannot begin at {low:g}", mend="give a LO above 0, or leave out ':log'")
    whole = name in _COUNTS or name.startswith(WIDTH) or (name in on.constants and on.device.params[name].whole)
    for end in (low, high):
        _check(name, end, network, on)
    count = None
    if len(pieces) == 3:
        number = parse(pieces[2], "1")
        if number != int(number):
            raise InputError(f"N is {pieces[2]}", mend="give a whole number")
        count = int(number)
    return Range(name, low, high, unit, log, whole), count


def is_network_parameter(name: str) -> bool:
    """Whether a name is one of the network's parameters, not a device's."""
    return name in NETWORK_PARAMETERS or name.startswith("rate.")


def _unit(name: str, network: Network, on: Part) -> str:
    """The unit of a parameter of the network or of a part."""
    if name.startswith("rate."):
        node = name.removeprefix("rate.")
        if node not in network.nodes:
            raise InputError(f"there is no node '{node}'", mend=nearest(node, network.nodes))
        return "1"
    if name.startswith(WIDTH):
        having = [node["id"] for node in network.settings.nodes if "features" in node]
        if name.removeprefix(WIDTH) not in having:
            raise InputError(f"no layer '{name.removeprefix(WIDTH)}' has a width", mend=nearest(name.removeprefix(WIDTH), having))
        return "1"
    if name in NETWORK_PARAMETERS:
        return "1"
    if name not in on.constants:
        raise InputError(f"'{on.name}' has no parameter '{name}'", mend=nearest(name, {*NETWORK_PARAMETERS, *on.constants}))
    if on.values[name] is None and name not in on.device.chosen:
        raise InputError(f"'{name}' of '{on.name}' has no value to vary", mend=f"give one first with --set {name}=…")
    return on.device.params[name].unit


def _check(name: str, value: float, network: Network, on: Part) -> None:
    """That a parameter may have a value."""
    if name in _COUNTS or name.startswith(WIDTH):
        most = _COUNTS.get(name, 2**31)
        if value != int(value) or not 1 <= value <= most:
            raise InputError(f"{name} is {value:g}", mend=f"give whole numbers from 1 to {most}")
    elif is_network_parameter(name):
        nodes = network.nodes
        limited = [n for n in nodes if is_spiking(nodes[n])] if name == "rate" else [name.removeprefix("rate.")]
        most = min((network.rate_limit(n) for n in limited), default=math.inf)
        if not 0 <= value <= most:
            raise InputError(f"a rate of {value:g}", mend=f"give from 0 to {most:g}")
    else:
        on.check(name, value)


def network_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """What of some values is the network's: timesteps, batch, bits, and "rates" by node ("*" for all)."""
    rates = {"*" if n == "rate" else n.removeprefix("rate."): v for n, v in values.items() if n == "rate" or n.startswith("rate.")}
    return {**{name: values[name] for name in _COUNTS if name in values}, "rates": rates}
