"""Circuits simulated: what their closed forms say, and what SPICE shows."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costmodel.devices.circuits.catalogue import make
from costmodel.devices.part import part
from costmodel.devices.spice import run
from costmodel.graphs.errors import InputError
from costmodel.graphs.settings.units import pretty
from costmodel.tabulating import Column, Table, number


@dataclass(frozen=True)
class Row:
    """A quantity, predicted and simulated, in SI."""

    quantity: str
    unit: str
    predicted: float
    simulated: float

    @property
    def error(self) -> float | None:
        """Predicted over simulated, less 1; None where one of them is not there."""
        if not self.simulated or not math.isfinite(self.simulated) or not math.isfinite(self.predicted):
            return None
        return self.predicted / self.simulated - 1

    def to_dict(self) -> dict[str, Any]:
        """As in ``spice --json``; null where something did not happen."""
        said, shown = (value if math.isfinite(value) else None for value in (self.predicted, self.simulated))
        return {"quantity": self.quantity, "unit": self.unit, "predicted": said, "simulated": shown, "error": self.error}


@dataclass(frozen=True)
class Simulated:
    """A circuit that was simulated.

    Attributes:
        name: of the circuit, or network.
        netlist: the deck.
        rows: what was compared.
        notes: in words.
    """

    name: str
    netlist: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def show(self) -> None:
        """A table for people."""
        Table((Column("quantity", self.name, lambda row: row.quantity), *COMPARED), self.rows).print()


def _told(value: float, unit: str) -> str:
    return pretty(value, "" if unit == "1" else unit, 4) if math.isfinite(value) else "–"


COMPARED = (
    Column("predicted", "predicted", lambda row: _told(row.predicted, row.unit), lambda row: row.predicted, "number"),
    Column("simulated", "simulated", lambda row: _told(row.simulated, row.unit), lambda row: row.simulated, "number"),
    number("error", "off by", lambda row: row.error, lambda error: "–" if error is None else f"{error:+.2%}", drop=1),
)
"""Of a quantity; where there is no room the error goes first."""


def settings(words: Iterable[str]) -> dict[str, str]:
    """Parameter → value as written.

    Raises:
        InputError: a word without "=".
    """
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise InputError(f"'{word}' will not do", mend="write PARAM=VALUE, as in r_on=10kΩ", where="--set")
        found[name] = value
    return found


def circuit(name: str, device: str | None, words: Iterable[str], failed: Path) -> Simulated:
    """Simulates a circuit.

    Args:
        name: of the circuit.
        device: part whose values are taken where names agree; None: the circuit's own.
        words: PARAM=VALUE, which go before those.
        failed: where a deck goes that SPICE does not finish.

    Raises:
        InputError: no such circuit, part or parameter; values that make no sense; SPICE is missing or did not finish.
    """
    given = {} if device is None else {key: value for key, value in part(device).values.items() if value is not None}
    made = make(name, given, settings(words))
    asked = made.job()
    shown, said = made.simulated(run(asked, failed)), made.predicted()
    rows = (Row(quantity, unit, float(said[quantity]), float(shown[quantity])) for quantity, unit in made.units.items())
    return Simulated(name, asked.text(), tuple(rows))
