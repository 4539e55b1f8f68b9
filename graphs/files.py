"""Files that are whole or not there."""

import os
import tempfile
from pathlib import Path

from costmodel.graphs.errors import InputError


def write(path: Path, text: str) -> None:
    """Writes a file whole, or not at all: to a temporary one beside it, then in its place.

    Raises:
        InputError: the folder does not exist or cannot be written.
    """
    write_bytes(path, text.encode("utf-8"))


def check_writable(path: Path) -> None:
    """Refuses a path that cannot become a file, before anything is written.

    Raises:
        InputError: it is a folder, or its folder does not exist.
    """
    if path.is_dir():
        raise InputError("is a folder", mend="give the name of a file", where=str(path))
    if not path.parent.is_dir():
        raise InputError("cannot write there (no such folder)", mend="choose a folder that exists", where=str(path))


def check_kind(path: Path, kind: str, *endings: str, where: str = "--out") -> None:
    """Refuses a file whose name says that it holds something else than is written, or that cannot be written.

    Args:
        path: of the file.
        kind: what is written, in words ("Parquet table").
        endings: that its name may have, in small letters, with their points.
        where: what errors call it.

    Raises:
        InputError: such a file.
    """
    check_writable(path)
    if path.suffix.lower() not in endings:
        *others, last = endings
        mend = f"let it end in {', '.join(others)} or {last}" if others else f"let it end in {last}"
        raise InputError(f"'{path.name}' is no {kind}", mend=mend, where=where)


def write_bytes(path: Path, content: bytes) -> None:
    """As `write`, for bytes."""
    check_writable(path)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise InputError(f"cannot write there ({error.strerror})", mend="choose a folder that exists", where=str(path)) from None
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def make_folder(path: Path) -> None:
    """Makes a folder and those above it, if they are not there.

    Raises:
        InputError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be made ({error.strerror})", mend="choose another folder", where=str(path)) from None
