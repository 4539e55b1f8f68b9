"""Networks from elsewhere: NIR graphs and torch modules, in memory or from files."""

from pathlib import Path
from typing import Any

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network


def from_nir(graph: Any, name: str = "network") -> Network:
    """A network from a ``nir.NIRGraph`` in memory.

    Raises:
        InputError: a node has no counterpart here; it names the node.
    """
    from costmodel.graphs.reading.importers.nir import from_nir as convert

    return Network.from_document(*convert(graph, name), where=name)


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


def read(path: Path, shape: tuple[int, ...] | None = None) -> tuple[dict, dict]:
    """The document and arrays of a NIR file or a saved torch module.

    Raises:
        InputError: the file is at fault, or of neither kind.
    """
    if path.suffix == ".nir":
        from costmodel.graphs.reading.importers.nir import read_nir

        return read_nir(path)
    if path.suffix in (".pt", ".pth"):
        from costmodel.graphs.reading.importers.torch_module import read_torch

        return read_torch(path, shape)
    raise InputError(f"'{path.suffix or path.name}' is not known", mend="give a .nir, .pt or .pth file", where=str(path))
