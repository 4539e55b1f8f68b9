"""Writes fitted values into a part file, leaving all else in it as it stands."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from costmodel.devices.part import part
from costmodel.graphs.errors import InputError
from costmodel.graphs.files import write as write_text


def write(path: Path, values: Mapping[str, float], spread: Mapping[str, float], rows: Sequence[str]) -> None:
    """Replaces value, range and source of the given parameters, whose kind is "fitted".

    Args:
        path: the part file.
        values: parameter → value, SI.
        spread: parameter → half its 90 % interval, in decades.
        rows: ids of the rows that they were fitted to.

    Raises:
        InputError: the file has no such parameter of kind "fitted".
    """
    text, params = path.read_text(encoding="utf-8"), part(str(path)).device.params
    for name, value in values.items():
        block = re.search(rf"^\[{name}\]\n(?:(?!\[).*\n?)*", text, flags=re.MULTILINE)
        if block is None or 'kind = "fitted"' not in block[0]:
            raise InputError(f"'{name}' is not marked as fitted", mend='give it kind = "fitted"', where=path.name)
        unit, factor = params[name].unit, 10 ** spread[name]
        ends = [_written(end, unit) for end in (value / factor, min(value * factor, params[name].high))]
        lines = {
            "value": _written(value, unit),
            "range": f"[{', '.join(ends)}]",
            "source": f'"fitted to {", ".join(rows)} (validation/scoreboard/published/fit.py)"',
        }
        new = block[0]
        for key, told in lines.items():
            new = re.sub(rf"^{key} = .*$", lambda _, key=key, told=told: f"{key} = {told}", new, flags=re.MULTILINE)
        text = text.replace(block[0], new)
    write_text(path, text)


def _written(value: float, unit: str) -> str:
    """A value of TOML: a number where there is no unit, else a text."""
    return f"{value:.6g}" if unit == "1" else f'"{value:.6g} {unit}"'
