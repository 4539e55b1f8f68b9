"""A network as a file, by the exporter of its suffix."""

from pathlib import Path
from typing import NamedTuple

from costmodel.graphs.errors import InputError
from costmodel.graphs.files import check_writable, write_bytes
from costmodel.graphs.network import Network
from costmodel.graphs.settings.folder import Folder

EXPORTERS = Folder("costmodel.graphs.exporting.exporters", "exporter")
"""One file each: ``SUFFIX``, and ``contents(network, path)``, which gives files, and what is said otherwise in them, in words."""


class Exported(NamedTuple):
    """What an export wrote.

    Attributes:
        files: the file asked for, and after it those beside it.
        told: what the files say otherwise than the network, or not at all, in words.
    """

    files: tuple[Path, ...]
    told: tuple[str, ...]


def export(network: Network, path: str | Path) -> Exported:
    """Writes a network as a ``.nir`` or ``.json`` file, with its arrays.

    Each file is written whole, then put in place; the one asked for comes last, so that what it names is there.

    Raises:
        InputError: a suffix that is not known, a node that the format cannot say, or a place that cannot be written.
    """
    path = Path(path)
    known = {exporter.SUFFIX: exporter for exporter in map(EXPORTERS.load, EXPORTERS.names())}
    if path.suffix not in known:
        *others, last = sorted(known)
        what = f"'{path.suffix or path.name}' is no kind of file that a network is written to"
        raise InputError(what, mend=f"let it end in {', '.join(others)} or {last}", where="--to")
    files, told = known[path.suffix].contents(network, path)
    for each in files:
        check_writable(each)
    for each in reversed(files):
        write_bytes(each, files[each])
    return Exported(tuple(files), tuple(told))
