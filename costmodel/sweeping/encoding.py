"""Row groups that are encoded once: the next one of the same shape differs only in its numbers.

pyarrow encodes a parameter as a dictionary of its values and the number of the value at each row, which takes it ten times as long
as computing the costs. But these numbers are the same in all row groups of a shape, and everything is uncompressed: so pyarrow
encodes a template with values of no meaning, they are found in it, and each row group puts its own in their place.
"""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

Buffer = bytes | memoryview

_PROBE = 64
"""Bytes by which the continuation of a column is found behind a page's header."""


class Template:
    """The encoding of row groups of one shape.

    Args:
        names: of the parameters, then of the costs.
        whole: for each parameter whether it is a whole number.
        shape: values of each parameter; rows are their combinations, the last running fastest.
    """

    def __init__(self, names: Sequence[str], whole: Sequence[bool], shape: Sequence[int]) -> None:
        rows, dice = int(np.prod(shape)), np.random.default_rng(0)
        columns = [dice.integers(2**52, 2**53, n) if w else dice.random(n) for n, w in zip(shape, whole, strict=True)]
        columns += [dice.random(rows) for _ in names[len(shape) :]]
        encoded = _encoded(names, columns, shape)
        self.pieces: list[tuple[bytes, int, int, int]] = []
        """What goes before some values, and which: the column, its first byte, and the one behind its last."""
        end = 0
        for number, column in enumerate(columns):
            for at, first, last in _found(encoded, column.tobytes(), end):
                self.pieces.append((encoded[end:at], number, first, last))
                end = at + last - first
        self.end = encoded[end:]

    def filled(self, columns: Sequence[np.ndarray]) -> list[Buffer]:
        """The pieces of a Parquet file with these values of the parameters, and costs of the rows."""
        views = [np.ascontiguousarray(column).data.cast("B") for column in columns]
        found: list[Buffer] = []
        for before, number, first, last in self.pieces:
            found += [before, views[number][first:last]]
        return [*found, self.end]


@lru_cache(maxsize=4)
def template(names: tuple[str, ...], whole: tuple[bool, ...], shape: tuple[int, ...]) -> Template:
    """The template for a shape, made once."""
    return Template(names, whole, shape)


def _encoded(names: Sequence[str], columns: Sequence[np.ndarray], shape: Sequence[int]) -> bytes:
    """Rows as a Parquet file of one row group, by pyarrow."""
    import pyarrow
    from pyarrow import parquet

    indices = (np.broadcast_to(index.astype(np.int32), shape).ravel() for index in np.indices(shape, sparse=True))
    arrays = [pyarrow.DictionaryArray.from_arrays(index, values) for index, values in zip(indices, columns, strict=False)]
    arrays += [pyarrow.array(values) for values in columns[len(shape) :]]
    schema = pyarrow.schema([pyarrow.field(name, a.type, nullable=False) for name, a in zip(names, arrays, strict=True)])
    table = pyarrow.table(arrays, schema=schema)
    sink = pyarrow.BufferOutputStream()
    with parquet.ParquetWriter(
        sink,
        schema,
        compression="none",
        use_dictionary=list(names[: len(shape)]),
        dictionary_pagesize_limit=1 << 30,
        write_statistics=False,
        store_schema=False,
    ) as writer:
        writer.write_table(table, row_group_size=table.num_rows)
    return sink.getvalue().to_pybytes()


def _found(encoded: bytes, values: bytes, start: int) -> list[tuple[int, int, int]]:
    """Where the bytes of a column are: for each page its place, and the first and last byte of the column there."""
    found, first = [], 0
    while first < len(values):
        at = encoded.find(values[first : first + _PROBE], start)
        if at < 0:
            raise RuntimeError("pyarrow did not write the values of a column as they are")
        length = len(values) - first
        here = np.frombuffer(encoded, np.uint8, min(length, len(encoded) - at), at)
        differs = here != np.frombuffer(values, np.uint8, len(here), first)
        length = int(np.argmax(differs)) if differs.any() else len(here)
        length -= length % 8
        found.append((at, first, first + length))
        first, start = first + length, at + length
    return found
