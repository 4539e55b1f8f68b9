"""A part: the values that make a device class one real (or imagined) device, each with unit, interval, kind and source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from costmodel.devices.boundary import BOUNDARIES, POWERS, Boundary, boundary, narrowest, within
from costmodel.devices.constant import Constant, check_sense, constant
from costmodel.devices.device import Device
from costmodel.devices.hosting import HostMode, host_modes
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.settings.folder import Folder

PARTS = Path(__file__).parent / "parts"
COMMON = Path(__file__).parent / "common.toml"
CLASSES = Folder("costmodel.devices.classes", "device class", separator="_")
"""Values that every part shares unless it gives its own: what electricity costs, how long hardware is used."""

LEFT = ("k_time", "k_energy")
"""How far the equations of a part were off tells nothing of one that is based on it."""
FAMILIES = ("cpu", "gpu", "tpu", "fpga", "fpaa", "memfpaa", "asic", "neuromorphic")


@dataclass(frozen=True)
class Part:
    """A device in the catalogue.

    Attributes:
        name, title, family: what it is called; family is one of `FAMILIES`.
        device: its class.
        constants: parameter name → `Constant`.
        neurons, rules: neuron types and learning rules that it runs; ("*",) for all.
        supports_source: where that comes from.
        class_name: name of the file of its class.
        powers: the standing powers of the file, those outside of the boundary too.
        boundary: what its energy counts.
        hosts: the ways in which it can be fed, by name; none where it has but one.
        host: the way that is taken.
    """

    name: str
    title: str
    family: str
    device: type[Device]
    constants: Mapping[str, Constant]
    neurons: tuple[str, ...]
    rules: tuple[str, ...]
    supports_source: str
    class_name: str
    powers: Mapping[str, Constant]
    boundary: Boundary
    hosts: Mapping[str, HostMode]
    host: str | None

    @cached_property
    def values(self) -> dict[str, float | None]:
        """Parameter → value."""
        return {name: constant.value for name, constant in self.constants.items()}

    @cached_property
    def uncertain(self) -> list[str]:
        """Parameters whose interval is wider than a point."""
        return [name for name, constant in self.constants.items() if constant.low != constant.high]

    def check(self, name: str, value: float) -> None:
        """That a parameter may have a value, whatever the others are.

        Raises:
            InputError: the part has no such parameter, or the value makes no sense.
        """
        if name not in self.constants:
            raise InputError(f"'{self.name}' has no parameter '{name}'", mend=nearest(name, self.constants))
        if name in POWERS and BOUNDARIES.index(POWERS[name]) > BOUNDARIES.index(self.boundary):
            mend = f"count it: --boundary {POWERS[name]}"
            raise InputError(f"'{name}' lies outside of the boundary '{self.boundary}' of '{self.name}'", mend=mend)
        check_sense(name, value, self.device.params[name], self.name)
        if self.device.params[name].whole and value != int(value):
            raise InputError(f"'{name}' of '{self.name}' counts things: {value:g} will not do", mend="give a whole number")

    def override(self, values: Mapping[str, float]) -> "Part":
        """The part with some values replaced, taken as exact.

        Raises:
            InputError: the part has no such parameter, or a value makes no sense, alone or beside the others.
        """
        constants = dict(self.constants)
        for name, value in values.items():
            self.check(name, value)
            constants[name] = Constant(value, value, value, "assumed", "set by the user")
        powers = {name: constants[name] if name in values else found for name, found in self.powers.items()}
        return _consistent(replace(self, constants=constants, powers=powers))

    def within(self, chosen: str, given: Mapping[str, float] | None = None) -> "Part":
        """The part whose energy counts what lies within a boundary.

        Args:
            chosen: "chip", "board" or "system".
            given: standing powers in place of the file's, taken as exact, W.

        Raises:
            InputError: there is no such boundary, or the part has no figure for what it adds.
        """
        reached = boundary(chosen)
        powers = dict(self.powers)
        for name, value in (given or {}).items():
            if name in powers:
                powers[name] = Constant(value, value, value, "assumed", "set by the user")
        counted = within(powers, reached, self.name)
        return replace(self, constants={**self.constants, **counted}, powers=powers, boundary=reached)

    def hosted(self, mode: str) -> "Part":
        """The part, fed in another way.

        Raises:
            InputError: it has no such mode, or none at all.
        """
        if not self.hosts:
            raise InputError(f"'{self.name}' has no host modes", mend="leave out host=")
        if mode not in self.hosts:
            raise InputError(f"'{self.name}' has no host mode '{mode}'", mend=nearest(mode, self.hosts))
        return replace(self, constants={**self.constants, **self.hosts[mode].constants}, host=mode)


def parts() -> list[str]:
    """Names of the catalogued parts, family by family."""
    return [name for name, _ in sorted(_families().items(), key=lambda item: (FAMILIES.index(item[1]), item[0]))]


@cache
def _families() -> dict[str, str]:
    return {path.stem: _document(path)["family"] for path in PARTS.glob("*.toml")}


@cache
def part(source: str) -> Part:
    """A part by its catalogue name, or from a part file (``.toml``).

    Raises:
        InputError: there is none, or its file is at fault.
    """
    path = Path(source)
    if path.suffix != ".toml":
        path = PARTS / f"{source}.toml"
        if not path.exists():
            raise InputError(f"there is no part '{source}'", mend=nearest(source, parts()) + " (or give a .toml part file)")
    return _part(_based(_document(path), path.name), path)


def from_text(text: str, name: str) -> Part:
    """A part from the text of a part file.

    Args:
        text: TOML.
        name: what the part, and errors in it, are called.

    Raises:
        InputError: the text is at fault.
    """
    return _part(_based(_parsed(text, name), name), Path(f"{name}.toml"))


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not TOML: {error}", mend="correct the file there", where=where) from None


@cache
def _document(path: Path) -> dict[str, Any]:
    try:
        return _parsed(path.read_text(encoding="utf-8"), path.name)
    except FileNotFoundError:
        raise InputError("there is no such part file", mend="check the path", where=str(path)) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", mend="give a .toml part file", where=str(path)) from None
    except UnicodeDecodeError as error:
        raise InputError(f"not TOML: {error}", mend="correct the file there", where=path.name) from None


def _based(document: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    """The document, with all that it does not say itself from the catalogued part that it names as its base."""
    if "base" not in document:
        return document
    base = document["base"]
    if base not in _families():
        raise InputError(f"there is no part '{base}' to be the base", mend=nearest(str(base), parts()), where=where)
    below = {key: value for key, value in _document(PARTS / f"{base}.toml").items() if key not in LEFT}
    modes = below.get("host", {})
    default = modes.get(modes.get("default"), {})
    if default.keys() & document.keys():  # what is fitted to one way of feeding the chip knows no other
        below |= {key: value for key, value in default.items() if key != "meaning"}
        del below["host"]
    return {key: value for key, value in {**below, **document}.items() if key != "base"}


def _part(document: Mapping[str, Any], path: Path) -> Part:
    where = path.name
    head = dict.fromkeys(("class", "family", "title", "supports"))
    for key in head:
        if key not in document:
            raise InputError(f"'{key}' is missing", mend=f"add '{key}' at the top", where=where)
    for key in ("class", "family", "title"):
        if not isinstance(document[key], str):
            raise InputError(f"'{key}' is {document[key]!r}", mend="write a text in quotes", where=where)
    if document["family"] not in FAMILIES:
        raise InputError(f"unknown family '{document['family']}'", mend=nearest(str(document["family"]), FAMILIES), where=where)
    try:
        device = CLASSES.load(document["class"]).DEVICE
    except InputError as error:
        raise error.at(where) from None
    hosts, host = host_modes(document.get("host"), device.params, where)
    of_host = hosts[host].constants if host is not None else {}
    given = {key: value for key, value in document.items() if key not in (*head, "host", "boundary")}
    for name in given:
        if name in of_host:
            raise InputError(f"'{name}' is given by its host modes too", mend=f"leave out [{name}], or [host]", where=where)
        if name not in device.params:
            raise InputError(f"unknown parameter '{name}'", mend=nearest(name, device.params), where=where)
    common = _document(COMMON)
    constants = {}
    for name, param in device.params.items():
        entry = given.get(name, common.get(name))
        if name in of_host:
            constants[name] = of_host[name]
            continue
        if entry is None:
            mend = f"add [{name}] with value, range, kind and source ({param.meaning}, {param.unit})"
            raise InputError(f"the parameter '{name}' is missing", mend=mend, where=where)
        constants[name] = constant(name, entry, param, where)
    supports = document["supports"]
    if not isinstance(supports, Mapping):
        raise InputError("'supports' is not a table", mend="write [supports] with neurons, rules and source", where=where)
    for key in ("neurons", "rules", "source"):
        if key not in supports:
            raise InputError(f"'supports.{key}' is missing", mend="say what runs on the part, and the source", where=where)
    for key in ("neurons", "rules"):
        if not isinstance(supports[key], list) or not all(isinstance(name, str) for name in supports[key]):
            raise InputError(f"'supports.{key}' is {supports[key]!r}", mend="write a list of names", where=where)
    powers = {name: constants[name] for name in POWERS}
    reached = boundary(document["boundary"]) if "boundary" in document else narrowest(powers, where)
    catalogued = (PARTS / path.name).exists() and path.parent.resolve() != PARTS.resolve()
    made = Part(
        name=str(path) if catalogued else path.stem,
        title=document["title"],
        family=document["family"],
        device=device,
        constants=constants | within(powers, reached, path.stem),
        neurons=tuple(supports["neurons"]),
        rules=tuple(supports["rules"]),
        supports_source=supports["source"],
        class_name=document["class"],
        powers=powers,
        boundary=reached,
        hosts=hosts,
        host=host,
    )
    return _consistent(made)


def _consistent(on: Part) -> Part:
    """The part, whose values can be together.

    Raises:
        InputError: they cannot.
    """
    if (found := on.device(on.values).contradiction()) is not None:
        raise InputError(found[0], mend=found[1], where=on.name)
    return on
