"""Networks from elsewhere: NIR graphs and torch modules, in memory or from files."""

from pathlib import Path
from typing import Any

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.reading.dialects import PLAIN, Dialect, dialect
from costmodel.graphs.settings.folder import Folder

IMPORTERS = Folder("costmodel.graphs.reading.importers", "importer")
"""One file each: ``SUFFIXES``, and ``read(path, sample, by)``, which gives a network document, the arrays of its nodes, and what
was taken for granted, in words."""


def from_nir(
    graph: Any,
    name: str = "network",
    *,
    writer: str | None = None,
    dt: float | None = None,
    integrator: str | None = None,
    reset: str | None = None,
) -> Network:
    """A network from a ``nir.NIRGraph`` in memory. NIR holds equations alone; what its writer's steps were is given besides.

    Args:
        graph: the graph.
        name: what to call it.
        writer: the framework that wrote it, as in "snntorch" (`graphs.reading.dialects.WRITERS`).
        dt: length of a time step, s.
        integrator: "exact" or "euler".
        reset: what a spike does: "subtract" the threshold, set to "zero", or to the file's "value".

    Raises:
        InputError: a node has no counterpart here; it names the node.
    """
    from costmodel.graphs.reading.importers.nir import from_nir as convert

    document, arrays, told = convert(graph, name, dialect(writer, dt, integrator, reset))
    return Network.from_document(document, arrays, name, tuple(told))


def from_torch(module: Any, sample: Any, name: str = "network") -> Network:
    """A network from a snnTorch or Sinabs module, through its NIR exporter.

    Args:
        module: the module.
        sample: a tensor or shape that it takes, batch first; a tuple of one number is one sample without its batch.
        name: what to call it.

    Raises:
        InputError: the module cannot be exported; it says what to change.
    """
    from costmodel.graphs.reading.importers.torch_module import from_torch as convert

    return Network.from_document(*convert(module, sample, name), where=name)


def read(path: Path, sample: tuple[int, ...] | None = None, by: Dialect = PLAIN) -> tuple[dict, dict, list[str]]:
    """The document and arrays of a file of another library, by the importer of its suffix; and what was taken for granted.

    Args:
        path: the file.
        sample: the shape of what the network takes, where the file does not tell it.
        by: the dialect that it is written in, where it leaves something open.

    Raises:
        InputError: the file is at fault, or no importer reads its kind.
    """
    known = {suffix: importer for importer in map(IMPORTERS.load, IMPORTERS.names()) for suffix in importer.SUFFIXES}
    if path.suffix not in known:
        *others, last = known
        mend = f"give a {', '.join(others)} or {last} file"
        raise InputError(f"'{path.suffix or path.name}' is not known", mend=mend, where=str(path))
    return known[path.suffix].read(path, sample, by)
