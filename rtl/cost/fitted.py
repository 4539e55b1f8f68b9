"""Coefficients of fitted equations, from `rtl/measured/coefficients.json`, which ``python -m costmodel.rtl.fitting fit`` writes."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from costmodel.graphs.equations.algebra import Value
from costmodel.graphs.errors import InputError, nearest

FILE = Path(__file__).parent.parent / "measured" / "coefficients.json"

FAMILIES = ("ice40", "ecp5", "xilinx")
"""Families of FPGAs with equations: measured on iCE40 HX8K and ECP5 25F as placed, and on the 7 series as mapped."""


@cache
def _file() -> dict[str, Any]:
    return json.loads(FILE.read_text(encoding="utf-8"))


def check(family: str) -> None:
    """Refuses what is no family.

    Raises:
        InputError: if it is none.
    """
    if family not in FAMILIES:
        raise InputError(f"no equations for FPGAs of the family '{family}'", mend=nearest(family, FAMILIES))


def coefficients(family: str, equation: str) -> dict[str, float]:
    """Term → coefficient; empty where the family has no such equation.

    Args:
        family: of FPGAs.
        equation: "core luts", "core period", "piece luts", "piece period"; periods are in ns.
    """
    check(family)
    return _file()[family].get(equation, {})


def provenance(family: str) -> dict[str, Any]:
    """What the coefficients were fitted to, when, and how far they are from it: see docs/fpga-resources.md."""
    check(family)
    return _file()[family]["provenance"]


def weighted(terms: Mapping[str, Value], family: str, equation: str) -> Value:
    """Σ coefficient · term."""
    known = coefficients(family, equation)
    return sum(known[name] * term for name, term in terms.items() if known.get(name))
