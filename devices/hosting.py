"""Host modes: how a chip is fed, each with constants of its own.

"Host time" of a chip is several things: spikes that lie on the chip already take none, processors on the chip feed it in
microseconds a step, a program on a host computer in hundreds. So a part names its modes, and one of them is the default.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from costmodel.devices.constant import Constant, constant
from costmodel.devices.device import Param
from costmodel.graphs.errors import InputError, nearest


@dataclass(frozen=True)
class HostMode:
    """A way to feed a chip.

    Attributes:
        name: as in ``--set host=NAME``.
        meaning: where input comes from and answers go.
        constants: parameter → its value in this mode.
    """

    name: str
    meaning: str
    constants: Mapping[str, Constant]


def host_modes(entry: object, params: Mapping[str, Param], where: str) -> tuple[dict[str, HostMode], str | None]:
    """The modes of a part file's ``[host]`` table, and the default one; none where there is no such table.

    Args:
        entry: the table: ``default``, and a table for each mode with ``meaning`` and constants.
        params: the parameters of the device class.
        where: the file.

    Raises:
        InputError: the table is at fault.
    """
    if entry is None:
        return {}, None
    place = f"{where}: [host]"
    if not isinstance(entry, Mapping):
        raise InputError("is not a table", mend='write default = "MODE" and [host.MODE] tables', where=place)
    tables = {name: table for name, table in entry.items() if name != "default"}
    modes = {name: _mode(name, table, params, where) for name, table in tables.items()}
    default = entry.get("default")
    if default not in modes:
        raise InputError(f"the default {default!r} is none of its modes", mend=nearest(str(default), modes), where=place)
    names = {frozenset(mode.constants) for mode in modes.values()}
    if len(names) != 1:
        raise InputError("its modes do not set the same parameters", mend="give each mode all that any of them has", where=place)
    return modes, str(default)


def _mode(name: str, table: object, params: Mapping[str, Param], where: str) -> HostMode:
    place = f"{where}: [host.{name}]"
    if not isinstance(table, Mapping) or not isinstance(table.get("meaning"), str):
        raise InputError("has no meaning", mend='add meaning = "where input comes from and answers go"', where=place)
    constants = {}
    for key, entry in table.items():
        if key == "meaning":
            continue
        if key not in params:
            raise InputError(f"unknown parameter '{key}'", mend=nearest(key, params), where=place)
        constants[key] = constant(f"host.{name}.{key}", entry, params[key], where)
    return HostMode(name, table["meaning"], constants)
