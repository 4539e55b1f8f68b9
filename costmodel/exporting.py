"""A network as a file of another kind, by the suffix of its name."""

import importlib
from pathlib import Path
from typing import NamedTuple

from costmodel.graphs.errors import InputError
from costmodel.graphs.files import check_writable, write_bytes
from costmodel.graphs.installing import install
from costmodel.graphs.network import Network

EXPORTERS = {
    ".nir": "costmodel.graphs.exporting.nir",
    ".json": "costmodel.graphs.exporting.network_file",
    ".py": "costmodel.validation.exported.module",
}
"""Suffix → the file whose ``contents(network, path)`` gives the files, and what they say otherwise than the network, in words."""


class Exported(NamedTuple):
    """What an export wrote.

    Attributes:
        files: the file asked for, and after it those beside it.
        told: what the files say otherwise than the network, or not at all, in words.
    """

    files: tuple[Path, ...]
    told: tuple[str, ...]


def export(network: Network, path: str | Path) -> Exported:
    """Writes a network as a NIR file (``.nir``), a network file (``.json``) or a torch module (``.py``), with its arrays.

    Each file is written whole, then put in place; the one asked for comes last, so that what it names is there.

    Raises:
        InputError: a suffix that is not known, a node that the format cannot say, or a place that cannot be written.
    """
    path = Path(path)
    if path.suffix not in EXPORTERS:
        what = f"'{path.suffix or path.name}' is no kind of file that a network is written to"
        raise InputError(what, mend="let it end in .nir, .json or .py", where="--to")
    check_writable(path)
    try:
        exporter = importlib.import_module(EXPORTERS[path.suffix])
    except ImportError as error:
        what = f"{error.name} is needed to write a torch module, and not installed"
        raise InputError(what, mend=install("torch")) from None
    files, told = exporter.contents(network, path)
    for each in files:
        check_writable(each)
    for each in reversed(files):
        write_bytes(each, files[each])
    return Exported(tuple(files), tuple(told))
