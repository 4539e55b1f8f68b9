"""A Parquet file that grows row group by row group, and goes on after a kill.

Row groups are written to ``FILE.part``; a line in ``FILE.journal`` says that one is complete. Whoever begins again with the same
key cuts off what is incomplete and continues. In the end one footer over all row groups makes it a plain Parquet file, which is
renamed to ``FILE``. (Until then each row group is a Parquet file of its own within ``FILE.part``. Their footers, 1 kB each, stay
between the row groups, where nobody reads them.)
"""

import io
import json
import os
import shutil
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, Self

from costmodel.graphs.errors import InputError
from costmodel.graphs.files import write
from costmodel.graphs.settings.units import pretty
from costmodel.sweeping.encoding import Buffer
from costmodel.sweeping.footers import moved

_MAGIC = b"PAR1"


class GrowingTable:
    """A Parquet file that is being written; used as a context, it stays resumable when left early.

    Args:
        path: of the file.
        key: what the table is of; rows are kept only under the same key.

    Attributes:
        rows: how many there are already.

    Raises:
        InputError: the folder cannot be written.
    """

    def __init__(self, path: Path, key: str) -> None:
        self.path = path
        self.part, self.journal = (path.with_name(f"{path.name}.{end}") for end in ("part", "journal"))
        self._ends, self.rows = self._resumed(key)
        try:
            if not self._ends:
                self.part.write_bytes(b"")
                self.journal.write_text(json.dumps({"key": key}) + "\n")
            self._file: BinaryIO = self.part.open("r+b")
            self._log = self.journal.open("a")
        except OSError as error:
            what = f"cannot be written ({error.strerror})"
            raise InputError(what, mend="give a file in a folder of yours", where=str(path)) from None
        self._file.truncate(self._ends[-1] if self._ends else 0)
        self._file.seek(0, os.SEEK_END)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._log.close()

    def append(self, encoded: Iterable[Buffer], rows: int) -> None:
        """Writes a row group: the pieces of a Parquet file of its own."""
        for piece in encoded:
            self._file.write(piece)
        self._file.flush()
        self.rows += rows
        self._ends.append(self._file.tell())
        self._log.write(json.dumps({"end": self._ends[-1], "rows": self.rows}) + "\n")
        self._log.flush()

    def finish(self) -> None:
        """Writes the footer over all row groups, and gives the file its name."""
        metadata = self._footer(0, self._ends[0])
        for start, end in pairwise(self._ends):
            metadata.append_row_groups(self._footer(start, end))
        whole = io.BytesIO()
        metadata.write_metadata_file(whole)
        self._file.seek(0, os.SEEK_END)
        self._file.write(whole.getvalue()[len(_MAGIC) :])
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._log.close()
        self.part.replace(self.path)
        self.journal.unlink()

    def _footer(self, start: int, end: int) -> Any:
        """The footer of the row group at a place in the file, with the offsets that it has there."""
        import pyarrow
        from pyarrow import parquet

        self._file.seek(end - 8)
        length = int.from_bytes(self._file.read(4), "little")
        self._file.seek(end - 8 - length)
        footer = moved(self._file.read(length), start)
        return parquet.read_metadata(pyarrow.BufferReader(_MAGIC + footer + len(footer).to_bytes(4, "little") + _MAGIC))

    def _resumed(self, key: str) -> tuple[list[int], int]:
        """Ends of the complete row groups of an earlier run with the same key, and their rows."""
        if not (self.journal.exists() and self.part.exists()):
            return [], 0
        text = self.journal.read_text(encoding="utf-8")
        complete = text[: text.rfind("\n") + 1]  # a kill may leave half a line at the end
        try:
            head, *groups = [json.loads(line) for line in complete.splitlines()] or [{}]
        except ValueError as error:
            mend = "remove it, or give another file"
            raise InputError(f"is not the journal of a sweep ({error})", mend=mend, where=str(self.journal)) from None
        if head.get("key") != key:
            return [], 0
        size = self.part.stat().st_size
        whole = [group for group in groups if group["end"] <= size]
        write(self.journal, "".join(json.dumps(line) + "\n" for line in (head, *whole)))
        return [group["end"] for group in whole], whole[-1]["rows"] if whole else 0


def check_room(path: Path, needed: float, rows: int) -> None:
    """That a table fits the disk.

    Args:
        path: of its file.
        needed: bytes.
        rows: how many rows it has.

    Raises:
        InputError: there is no such folder, or no room.
    """
    folder = path.resolve().parent
    if not folder.is_dir():
        raise InputError("there is no such folder", mend=f"make it first: mkdir -p {path.parent}", where=str(path))
    if path.is_dir():
        raise InputError("is a folder", mend="give a file name, as in sweep.parquet", where=str(path))
    part = path.with_name(f"{path.name}.part")
    free = shutil.disk_usage(folder).free + (part.stat().st_size if part.exists() else 0)
    if needed > free:
        what = f"{rows:,} rows take {pretty(needed, 'B')}, and {pretty(free, 'B')} are free"
        raise InputError(what, mend="give fewer values, or leave out --out for the best points alone", where=str(path))
