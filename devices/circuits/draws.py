"""Random members of a circuit's whole range: the grid on which closed forms are held against SPICE."""

import dataclasses
import math
from typing import TypeVar

import numpy as np

from costmodel.devices.circuits.circuit import AnalogCircuit
from costmodel.graphs.errors import InputError

Kind = TypeVar("Kind", bound=AnalogCircuit)

TRIALS = 20_000
"""Draws after which a range is taken to be empty."""


def draws(kind: type[Kind], count: int, seed: int, **fixed: float) -> list[Kind]:
    """Circuits whose parameters are log-uniform over their ranges (uniform where a range includes 0 or less).

    What the circuit itself refuses as contradictory is drawn again, so the grid covers everything that it accepts.

    Args:
        kind: the circuit.
        count: how many.
        seed: of the generator.
        fixed: parameters that are not drawn.

    Raises:
        InputError: the ranges hold next to no circuit that `check` accepts.
    """
    random, found = np.random.default_rng(seed), []
    for _ in range(TRIALS):
        try:
            found.append(kind(**{**_drawn(kind, random), **fixed}))
        except InputError:
            continue
        if len(found) == count:
            return found
    raise InputError(f"{TRIALS} draws gave {len(found)} circuits of {count}", mend="widen the ranges", where=kind.name)


def _drawn(kind: type[AnalogCircuit], random: np.random.Generator) -> dict[str, float]:
    values = {}
    for field in dataclasses.fields(kind):
        if "low" not in field.metadata:
            continue
        low, high = field.metadata["low"], field.metadata["high"]
        share = random.random()
        value = low * math.exp(share * math.log(high / low)) if low > 0 else low + share * (high - low)
        value = min(max(value, low), high)
        values[field.name] = round(value) if isinstance(field.default, int) else value
    return values
