"""A constant of a part: a value with its interval, its kind and its source."""

from collections.abc import Mapping
from dataclasses import dataclass

from costmodel.devices.device import Param
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.settings.units import parse

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


_KEYS = ("value", "range", "kind", "source", "note")


def constant(name: str, entry: object, param: Param, where: str) -> Constant:
    """One constant of a part file, checked: unit, interval, kind and source.

    Args:
        name: of the parameter.
        entry: its table.
        param: what it is.
        where: the file.

    Raises:
        InputError: the table is at fault.
    """
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
        check_sense(name, end, param, where)
    if "range" not in entry and not param.whole and kind == "assumed":
        raise InputError("is assumed but has no range", mend="add range = [low, high]", where=place)
    return Constant(value, low, high, kind, source, note)


def check_sense(name: str, value: float, param: Param, where: str) -> None:
    """Nothing is negative, a divisor is not 0, and a share is at most 1.

    Raises:
        InputError: it is.
    """
    if value < 0:
        raise InputError(f"'{name}' is {value:g}", mend="nothing here can be negative", where=where)
    if value == 0 and not param.may_be_zero():
        raise InputError(f"'{name}' is 0", mend="give more than 0", where=where)
    if value > param.high:
        raise InputError(f"'{name}' is {value:g}", mend=f"give at most {param.high:g}", where=where)
