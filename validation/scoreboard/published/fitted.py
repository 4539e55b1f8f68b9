"""Writes fitted values into a part file, leaving all else in it as it stands."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from costmodel.devices.part import part
from costmodel.graphs.errors import InputError
from costmodel.graphs.files import write as write_text

BY = "validation/scoreboard/published/fit.py"


def write(path: Path, values: Mapping[str, float], spread: Mapping[str, float], rows: Sequence[str], by: str = BY) -> None:
    """Replaces value, range and source of the given parameters, whose kind is "fitted".

    Args:
        path: the part file.
        values: parameter, or "host.MODE.parameter" → value, SI.
        spread: parameter → half its 90 % interval, in decades.
        rows: ids of the rows that they were fitted to.
        by: the program.

    Raises:
        InputError: the file has no such parameter of kind "fitted".
    """
    text, params = path.read_text(encoding="utf-8"), part(str(path)).device.params
    for name, value in values.items():
        block = re.search(rf"^\[{re.escape(name)}\]\n(?:(?!\[).*\n?)*", text, flags=re.MULTILINE)
        if block is None or 'kind = "fitted"' not in block[0]:
            raise InputError(f"'{name}' is not marked as fitted", mend='give it kind = "fitted"', where=path.name)
        param, factor = params[name.rpartition(".")[2]], 10 ** spread[name]
        unit = param.unit
        ends = [_written(end, unit) for end in (value / factor, min(value * factor, param.high))]
        lines = {
            "value": _written(value, unit),
            "range": f"[{', '.join(ends)}]",
            "source": f'"fitted to {", ".join(rows)} ({by})"',
        }
        new = block[0]
        for key, told in lines.items():
            new = re.sub(rf"^{key} = .*$", lambda _, key=key, told=told: f"{key} = {told}", new, flags=re.MULTILINE)
        text = text.replace(block[0], new)
    write_text(path, text)


def _written(value: float, unit: str) -> str:
    """A value of TOML: a number where there is no unit, else a text."""
    return f"{value:.6g}" if unit == "1" else f'"{value:.6g} {unit}"'
