"""Quantities with units, parsed at the edge with pint; inside, everything is a float in SI."""

import math
import re
from functools import cache
from tokenize import TokenError

from costmodel.graphs.errors import InputError

_QUANTITY = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*$")
_EXPONENT = re.compile(r"(?:\*\*|\^)\s*\(?\s*[+-]?[\d.]+")
_LONE_DIGIT = re.compile(r"(?<!\w)\d")

_NO_UNIT = (
    ValueError,
    TypeError,
    AttributeError,
    AssertionError,
    KeyError,
    SyntaxError,
    RecursionError,
    ArithmeticError,
    TokenError,
)
"""What pint raises on a text that is no unit; its own errors are among them."""

_EXAMPLES = {"s": "10 ms", "ohm": "10 kΩ", "V": "0.2 V", "J": "24 pJ", "W": "30 mW", "Hz": "100 MHz",
             "B/s": "819 GB/s", "B": "16 GB", "m**2": "4 mm**2", "F": "2 fF", "A": "1 nA", "USD": "30 USD"}  # fmt: skip


@cache
def registry():
    """The unit registry: pint's own units, money, and the counts that papers write as units."""
    import pint

    units = pint.UnitRegistry(cache_folder=":auto:")
    units.define("USD = [currency] = usd")
    for count in ("synop", "spike", "MAC", "op", "neuron", "event", "cell", "step", "sample", "call"):
        units.define(f"{count} = []")
    return units


_POWERS = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
COMMON = {(f"{prefix}{unit}", unit): power for unit in ("s", "V", "A", "W", "J", "Hz", "F", "ohm", "B", "B/s")
          for prefix, power in _POWERS.items()} | {
    ("KiB", "B"): 1024.0, ("MiB", "B"): 1048576.0, ("nm", "m"): 1e-9, ("um**2", "m**2"): 1e-12, ("mm**2", "m**2"): 1e-6,
    ("op/s", "op/s"): 1.0, ("pJ/byte", "J/B"): 1e-12, ("years", "s"): 31557600.0, ("USD", "USD"): 1.0,
    ("USD / hour", "USD/s"): 0.0002777777777777778, ("USD / kWh", "USD/J"): 2.7777777777777776e-07,
}  # fmt: skip
"""(text, unit) → factor, as pint has it: what the catalogue and most files are written in, so that pint need not be loaded."""


@cache
def factor(text: str, unit: str) -> float:
    """What one ``text`` is in ``unit``: ``factor("ns", "s")`` is 1e-9.

    Raises:
        InputError: ``text`` is no unit, or of another dimension than ``unit``.
    """
    if (text, unit) in COMMON:
        return COMMON[text, unit]
    import pint

    units = registry()
    try:
        return float(units.Quantity(1.0, text).to(unit).magnitude)
    except pint.DimensionalityError:
        mend = f"write it in {unit}" + (f", as in '{_EXAMPLES[unit]}'" if unit in _EXAMPLES else "")
        raise InputError(f"the unit '{text}' does not measure what '{unit}' does", mend=mend) from None
    except _NO_UNIT:
        raise InputError(f"'{text}' is not a unit", mend=f"write it in {unit}") from None


def parse(value: object, unit: str) -> float:
    """A finite number in ``unit``, from a number (taken as being in ``unit``) or a text such as ``"3.5 ns"``.

    Raises:
        InputError: not a number, not finite, or of the wrong dimension.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise InputError(f"{value!r} is not a quantity", mend=f"write a number, or a text with a unit of {unit}")
    if isinstance(value, str):
        match = _QUANTITY.match(value)
        if not match:
            raise InputError(f"'{value}' is not a quantity", mend=f"write a number and a unit of {unit}")
        number, suffix = float(match[1]), _unit_alone(value, match[2], unit)
        suffix = f"1 {suffix}" if suffix.startswith("/") else suffix
        number *= factor(suffix, unit) if suffix else 1.0
    else:
        number = float(value)
    if not math.isfinite(number):
        raise InputError(f"{value!r} is not finite", mend="write a finite number")
    return number


def _unit_alone(text: str, suffix: str, unit: str) -> str:
    """What stands behind the number of ``text``, if it is a unit alone: pint passes over commas, and multiplies numbers.

    Raises:
        InputError: a decimal comma, a separator of thousands, or another number is in it.
    """
    if "," in suffix or _LONE_DIGIT.search(_EXPONENT.sub("", re.sub(r"^1\s*/", "/", suffix))):
        mend = "write one number with a point for its decimals and nothing between its thousands"
        mend += f", as in '{_EXAMPLES[unit]}'" if unit in _EXAMPLES else ""
        raise InputError(f"'{text}' is not a quantity", mend=mend)
    return suffix


_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P"}


_YEAR = 365.25 * 86400.0
_EVERYDAY = {"m**2": (1e-6, "mm²"), "USD/J": (1 / 3.6e6, "USD/kWh"), "USD/s": (1 / 3600, "USD/h")}
"""Units that people read in others than SI: the scale and the name."""


def rounded(value: float, digits: int = 3) -> str:
    """A number to so many significant digits, without an exponent between 0.001 and a million: "740", "0.069"."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    power = math.floor(math.log10(abs(value)))
    if not -4 <= power <= 6:
        return f"{value:.{digits}g}"
    places = max(digits - 1 - power, 0)
    text = f"{round(value, digits - 1 - power):,.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text


def prefixed(value: float, unit: str) -> tuple[float, str]:
    """The scale and the prefixed unit in which a value reads best: ``prefixed(3.5e-9, "s")`` is (1e-9, "ns")."""
    if unit in _EVERYDAY:
        return _EVERYDAY[unit]
    if unit == "s" and abs(value) > _YEAR / 10:
        return _YEAR, "years"
    if unit in ("", "1") or not unit[0].isalpha() or unit.startswith("USD") or value == 0 or not math.isfinite(value):
        return 1.0, "" if unit == "1" else unit
    power = 3 * math.floor(math.log10(abs(value)) / 3)
    power += 3 if abs(value) / 10.0**power >= 999.5 else 0
    power = min(max(power, -15), 15)
    return 10.0**power, f"{_PREFIXES[power]}{unit}"


def pretty(value: float | None, unit: str = "", digits: int = 3) -> str:
    """A number for people, with an SI prefix where the unit takes one: ``pretty(3.5e-9, "s")`` is "3.5 ns"."""
    if value is None:
        return "–"
    scale, name = prefixed(value, unit)
    return f"{rounded(value / scale, digits)} {name}".rstrip()
