"""A part: the values that make a device class one real (or imagined) device, each with unit, interval, kind and source."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from costmodel.devices.device import Device, Param
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.settings.folder import Folder
from costmodel.graphs.settings.units import parse

PARTS = Path(__file__).parent / "parts"
COMMON = Path(__file__).parent / "common.toml"
CLASSES = Folder("costmodel.devices.classes", "device class", separator="_")
"""Values that every part shares unless it gives its own: what electricity costs, how long hardware is used."""

FAMILIES = ("cpu", "gpu", "tpu", "fpga", "fpaa", "memfpaa", "asic", "neuromorphic")
KINDS = ("measured", "published", "derived", "fitted", "assumed")


@dataclass(frozen=True)
class Constant:
    """A value of a part.

    Attributes:
        value: in SI; None where an optional parameter has none (``note`` says why).
        low, high: 90 % interval; both equal the value where it is exact.
        kind: measured, published, derived, fitted (to measurements of the whole device) or assumed.
        source: where it comes from.
        note: conditions, derivation, or why there is none.
    """

    value: float | None
    low: float | None
    high: float | None
    kind: str
    source: str
    note: str = ""


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
        _check_sense(name, value, self.device.params[name], self.name)
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
        return _consistent(replace(self, constants=constants))


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
    return {key: value for key, value in {**_document(PARTS / f"{base}.toml"), **document}.items() if key != "base"}


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
    given = {key: value for key, value in document.items() if key not in head}
    for name in given:
        if name not in device.params:
            raise InputError(f"unknown parameter '{name}'", mend=nearest(name, device.params), where=where)
    common = _document(COMMON)
    constants = {}
    for name, param in device.params.items():
        entry = given.get(name, common.get(name))
        if entry is None:
            mend = f"add [{name}] with value, range, kind and source ({param.meaning}, {param.unit})"
            raise InputError(f"the parameter '{name}' is missing", mend=mend, where=where)
        constants[name] = _constant(name, entry, param, where)
    supports = document["supports"]
    if not isinstance(supports, Mapping):
        raise InputError("'supports' is not a table", mend="write [supports] with neurons, rules and source", where=where)
    for key in ("neurons", "rules", "source"):
        if key not in supports:
            raise InputError(f"'supports.{key}' is missing", mend="say what runs on the part, and the source", where=where)
    for key in ("neurons", "rules"):
        if not isinstance(supports[key], list) or not all(isinstance(name, str) for name in supports[key]):
            raise InputError(f"'supports.{key}' is {supports[key]!r}", mend="write a list of names", where=where)
    catalogued = (PARTS / path.name).exists() and path.parent.resolve() != PARTS.resolve()
    made = Part(
        name=str(path) if catalogued else path.stem,
        title=document["title"],
        family=document["family"],
        device=device,
        constants=constants,
        neurons=tuple(supports["neurons"]),
        rules=tuple(supports["rules"]),
        supports_source=supports["source"],
        class_name=document["class"],
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


_KEYS = ("value", "range", "kind", "source", "note")


def _constant(name: str, entry: object, param: Param, where: str) -> Constant:
    """One constant, checked: unit, interval, kind and source."""
    place = f"{where}: [{name}]"
    if not isinstance(entry, Mapping):
        raise InputError("is not a table", mend="write value, range, kind and source under it", where=place)
    for key in entry:
        if key not in _KEYS:
            raise InputError(f"unknown key '{key}'", mend=nearest(key, _KEYS), where=place)
    source, kind = str(entry.get("source", "")).strip(), entry.get("kind")
    if kind not in KINDS:
        raise InputError(f"kind {kind!r} will not do", mend="write measured, published, derived, fitted or assumed", where=place)
    if not source:
        raise InputError("has no source", mend="say where the value comes from", where=place)
    note = str(entry.get("note", ""))
    if entry.get("value") == "none":
        if not param.optional or not note:
            raise InputError("'none' will not do", mend="only optional parameters may be none, with a note why", where=place)
        return Constant(None, None, None, kind, source, note)
    if "value" not in entry:
        raise InputError("has no value", mend=f'add value = "… {param.unit}"', where=place)
    try:
        value = parse(entry["value"], param.unit)
        interval = entry.get("range", [entry["value"]] * 2)
        if not isinstance(interval, list) or len(interval) != 2:
            raise InputError("the range is not [low, high]", mend="give two values")
        low, high = (parse(end, param.unit) for end in interval)
    except InputError as error:
        raise error.at(place) from None
    if not low <= value <= high:
        raise InputError(f"{value:g} lies outside its range {low:g} … {high:g}", mend="order low ≤ value ≤ high", where=place)
    for end in (low, value, high):
        _check_sense(name, end, param, where)
    if "range" not in entry and not param.whole and kind == "assumed":
        raise InputError("is assumed but has no range", mend="add range = [low, high]", where=place)
    return Constant(value, low, high, kind, source, note)


def _check_sense(name: str, value: float, param: Param, where: str) -> None:
    """Nothing is negative, a divisor is not 0, and a share is at most 1."""
    if value < 0:
        raise InputError(f"'{name}' is {value:g}", mend="nothing here can be negative", where=where)
    if value == 0 and not param.may_be_zero():
        raise InputError(f"'{name}' is 0", mend="give more than 0", where=where)
    if value > param.high:
        raise InputError(f"'{name}' is {value:g}", mend=f"give at most {param.high:g}", where=where)
