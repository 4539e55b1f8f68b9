"""Networks from files: network files, NIR files, and shipped examples by name."""

import json
import zlib
from pathlib import Path
from tokenize import TokenError
from zipfile import BadZipFile

import numpy as np

from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.lowering import measurement
from costmodel.graphs.network import Network
from costmodel.graphs.reading.dialects import FOR_NIR_ALONE, PLAIN, Dialect
from costmodel.graphs.reading.importers import netx, nir

EXAMPLES = Path(__file__).parents[1] / "examples"


class Source(str):
    """The name of a network or its file, and the dialect that a NIR file of that name is written in."""

    by: Dialect

    def __new__(cls, name: str, by: Dialect = PLAIN) -> "Source":
        """The name, which knows its dialect."""
        self = super().__new__(cls, name)
        self.by = by
        return self


def dialect_of(source: str | Path) -> Dialect:
    """What a name says besides; `PLAIN` where it is a name alone."""
    return source.by if isinstance(source, Source) else PLAIN


def load(source: str | Path, by: Dialect | None = None) -> Network:
    """A network from a network file (``.json``), a NIR file (``.nir``), or the name of a shipped example.

    Args:
        source: the file or name.
        by: the dialect that a NIR file is written in; None: as the source says.

    Raises:
        InputError: there is no such file or example, or it is at fault; a dialect for a file that leaves nothing open.
    """
    path, by = Path(source), dialect_of(source) if by is None else by
    if path.suffix == ".nir":
        document, arrays, told = nir.read(path, by=by)
        return Network.from_document(document, arrays, path.name, tuple(told))
    if path.suffix in netx.SUFFIXES and by == PLAIN:
        document, arrays, told = netx.read(path)
        return Network.from_document(document, arrays, path.name, tuple(told))
    if by != PLAIN:
        raise InputError("a network file says itself how its neurons step", mend=FOR_NIR_ALONE, where=str(source))
    if path.suffix != ".json":
        shipped = examples()
        if path.suffix in (".pt", ".pth", ".pt2"):
            mend = f"make one of it first, as in costmodel import {path.name} --out {path.stem}.json"
            raise InputError("a torch module is no network file", mend=mend, where=str(source))
        if str(source) not in shipped:
            mend = nearest(str(source), shipped) + " (or give a .json or .nir file)"
            raise InputError(f"there is no example named '{source}'", mend=mend)
        path = EXAMPLES / f"{source}.json"
    return _read(path)


def examples() -> list[str]:
    """Names of the shipped example networks."""
    return sorted(path.stem for path in EXAMPLES.glob("*.json") if not path.stem.endswith(".provenance"))


def _read(path: Path) -> Network:
    where = path.name
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError("there is no such file", mend="check the path", where=str(path)) from None
    except IsADirectoryError:
        raise InputError("this is a folder", mend="give the file inside it", where=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("this is no text file", mend="a network file is JSON in UTF-8", where=str(path)) from None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", mend="check the path", where=str(path)) from None
    except json.JSONDecodeError as error:
        place = f"{where}: line {error.lineno} column {error.colno}"
        raise InputError(f"not JSON: {error.msg}", mend="correct the file there", where=place) from None
    except (RecursionError, ValueError) as error:
        raise InputError(f"not a network file: {error}", mend="a network file nests a few levels deep", where=where) from None
    arrays = {}
    nodes = document.get("nodes") if isinstance(document, dict) else None
    for node in nodes if isinstance(nodes, list) else []:
        if isinstance(node, dict) and isinstance(node.get("weights"), str) and isinstance(node.get("id"), str):
            arrays[node["id"]] = _arrays(path.parent / node["weights"], node["id"], f"{where}: node '{node['id']}'")
    activity = document.get("activity") if isinstance(document, dict) else None
    elements = measurement.read(path.parent / activity) if isinstance(activity, str) else None
    return Network.from_document(document, arrays, where, elements=elements)


def _arrays(path: Path, node: str, where: str) -> dict[str, np.ndarray]:
    """A node's arrays: those named ``NODE.array`` in a file shared by several nodes, else those with plain names."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            prefix = f"{node}."
            own = {key: key.removeprefix(prefix) for key in stored.files if key.startswith(prefix)}
            shared = {name: stored[key] for key, name in own.items() if "." not in name}
            found = shared or {key: stored[key] for key in stored.files if "." not in key}
    except FileNotFoundError:
        raise InputError(f"there is no weights file '{path.name}'", mend="put it beside the network file", where=where) from None
    except (
        OSError,
        ValueError,
        TypeError,
        KeyError,
        EOFError,
        MemoryError,
        SyntaxError,
        BadZipFile,
        zlib.error,
        TokenError,
    ) as error:
        mend = "write it with numpy.savez"
        raise InputError(f"'{path.name}' is no .npz of plain arrays ({type(error).__name__})", mend=mend, where=where) from None
    if not found:
        mend = f"name them '{node}.weight' and so on, or 'weight'"
        raise InputError(f"'{path.name}' holds no array of this node", mend=mend, where=where)
    return found
