"""Every circuit of this folder, by name."""

import dataclasses
import importlib
import pkgutil
import re
import sys
from collections.abc import Mapping
from functools import cache

from costmodel.devices.circuits.circuit import AnalogCircuit
from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.settings.units import parse


@cache
def circuits() -> dict[str, type[AnalogCircuit]]:
    """Name → class."""
    package = importlib.import_module("costmodel.devices.circuits")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"costmodel.devices.circuits.{module.name}")
    found, waiting = {}, [AnalogCircuit]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if isinstance(vars(kind).get("name"), str):
                found[kind.name] = kind
    return dict(sorted(found.items()))


def title(kind: type[AnalogCircuit]) -> str:
    """What a circuit is, in a few words: how its file begins, up to the first colon or full stop."""
    return re.split(r"[:.]", sys.modules[kind.__module__].__doc__ or "", maxsplit=1)[0]


def make(name: str, given: Mapping[str, float], said: Mapping[str, str]) -> AnalogCircuit:
    """A circuit.

    Args:
        name: of it.
        given: values in SI, as a part has them; those that the circuit does not have are left out.
        said: values as somebody wrote them, with units.

    Raises:
        InputError: no such circuit or parameter, or values that make no sense.
    """
    known = circuits()
    if name not in known:
        raise InputError(f"there is no circuit '{name}'", mend=nearest(name, known))
    kind = known[name]
    fields = {field.name: field for field in dataclasses.fields(kind) if "unit" in field.metadata}
    values = {key: _whole(fields[key], value) for key, value in given.items() if key in fields}
    for key, text in said.items():
        if key not in fields:
            raise InputError(f"the circuit '{name}' has no parameter '{key}'", mend=nearest(key, fields))
        values[key] = _whole(fields[key], parse(text, fields[key].metadata["unit"]))
    return kind(**values)


def _whole(field: dataclasses.Field, value: float) -> float | int:
    """Counts are whole numbers."""
    return int(value) if isinstance(field.default, int) and value == int(value) else value
