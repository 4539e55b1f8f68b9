"""Networks from elsewhere: NIR graphs and torch modules, in memory or from files."""

from pathlib import Path
from typing import Any

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.reading.dialects import PLAIN, Dialect, dialect
from costmodel.graphs.reading.loading import load
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


def from_torch(module: Any, sample: Any, name: str = "network", *, over_time: bool = False, measure: bool = False) -> Network:
    """A network from a torch module, by one run of it: of torch's layers and functions, and of neurons that are known.

    Args:
        module: the module. Its ``forward`` may run one time step or many.
        sample: what ``forward`` takes: a tensor or array, batch and time where the module wants them, several of them in a tuple;
            or a shape (a tuple of one number is one sample without its batch).
        name: what to call it.
        over_time: ``forward`` takes one time step, and the sample's first axis counts time steps.
        measure: whether the network comes with the activity of the run, element by element; the sample must then be one.

    Raises:
        InputError: the module does something that no network does; it is named, with its place and what to change.
    """
    from costmodel.graphs.reading.importers.torch_module import from_torch as convert

    found = convert(module, sample, name, over_time=over_time, measure=measure)
    return Network.from_document(found.document, found.arrays, name, tuple(found.told), found.elements)


def network_of(given: Any, sample: Any = None) -> Network:
    """A network from what a user has at hand: a network, a name or file of one, a NIR graph, or a torch module and its sample.

    Args:
        given: that.
        sample: of a torch module: what its ``forward`` takes; its activity on it comes with the network.

    Raises:
        InputError: it is none of these, it is at fault, or a module came without its sample.
    """
    if isinstance(given, Network):
        return given
    if isinstance(given, str | Path):
        return load(given)
    if type(given).__name__ == "NIRGraph":
        return from_nir(given)
    if not hasattr(given, "named_modules"):
        what = f"a {type(given).__name__} is no network"
        raise InputError(what, mend="give a network, its name or file, a NIR graph, or a torch module with sample=")
    if sample is None:
        raise InputError("a torch module says not what it takes", mend="give sample=, a batch as its forward takes it")
    return from_torch(given, sample, type(given).__name__, measure=not _is_shape(sample))


def _is_shape(sample: Any) -> bool:
    return isinstance(sample, tuple | list) and all(isinstance(size, int) for size in sample)


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
