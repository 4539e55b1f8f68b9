"""Footers of Parquet files that were written one behind the other into one file.

A footer is a struct of Thrift's compact protocol; its offsets count from where its own file begins. pyarrow joins footers, but
cannot move one: that takes adding a number to the offsets, and copying all the rest as it is. (github.com/apache/parquet-format:
parquet.thrift; github.com/apache/thrift: doc/specs/thrift-compact-protocol.md.)
"""

from collections.abc import Callable

_ROW_GROUPS, _COLUMNS, _METADATA = 4, 1, 3
_OFFSETS = {
    (_ROW_GROUPS, 5),  # of the row group
    *((_ROW_GROUPS, _COLUMNS, field) for field in (2, 4, 6)),  # of the column's metadata, and of its indexes
    *((_ROW_GROUPS, _COLUMNS, _METADATA, field) for field in (9, 10, 11, 14)),  # of its pages and its filter
}
"""Paths of field numbers, lists left out, to numbers that are places in the file."""

_LONG, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 6, 7, 8, 9, 10, 11, 12


def moved(footer: bytes, by: int) -> bytes:
    """A footer with every offset so much larger.

    Args:
        footer: the Thrift struct alone, without its length and the magic bytes.
        by: bytes before the file that it belongs to.
    """
    copier = _Copier(footer, lambda path, number: number + by if path in _OFFSETS and number > 0 else number)
    copier.struct(())
    return bytes(copier.copied)


class _Copier:
    """Copies a struct, numbers of 64 bits by way of a function of their path.

    Args:
        source: the struct.
        change: (path, number) → number.
    """

    def __init__(self, source: bytes, change: Callable[[tuple[int, ...], int], int]) -> None:
        self.source, self.change = source, change
        self.copied = bytearray()
        self.at = 0

    def struct(self, path: tuple[int, ...]) -> None:
        """Fields until the one that stops."""
        field = 0
        while header := self._byte():
            kind, delta = header & 15, header >> 4
            field = field + delta if delta else _signed(self._number())
            if kind > 2:  # 1 and 2 are true and false
                self._value(kind, (*path, field))

    def _value(self, kind: int, path: tuple[int, ...]) -> None:
        if kind == _LONG:
            self._write(_unsigned(self.change(path, _signed(self._read()))))
        elif kind in (4, 5):
            self._number()
        elif kind in (1, 2, 3):
            self._byte()
        elif kind == _DOUBLE:
            self._bytes(8)
        elif kind == _BINARY:
            self._bytes(self._number())
        elif kind in (_LIST, _SET):
            header = self._byte()
            for _ in range(self._number() if header >> 4 == 15 else header >> 4):
                self._value(header & 15, path)
        elif kind == _MAP:
            if count := self._number():
                kinds = self._byte()
                for _ in range(count):
                    self._value(kinds >> 4, path)
                    self._value(kinds & 15, path)
        elif kind == _STRUCT:
            self.struct(path)
        else:
            raise ValueError(f"no Thrift type {kind}")

    def _bytes(self, count: int) -> bytes:
        found = self.source[self.at : self.at + count]
        self.at += count
        self.copied += found
        return found

    def _byte(self) -> int:
        return self._bytes(1)[0]

    def _read(self) -> int:
        """A number of seven bits a byte, the lowest first; not copied."""
        number, shift = 0, 0
        while True:
            byte = self.source[self.at]
            self.at += 1
            number |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return number

    def _write(self, number: int) -> None:
        while number > 127:
            self.copied.append(number & 127 | 128)
            number >>= 7
        self.copied.append(number)

    def _number(self) -> int:
        number = self._read()
        self._write(number)
        return number


def _signed(number: int) -> int:
    """0, 1, 2, 3, … are 0, −1, 1, −2, …"""
    return (number >> 1) ^ -(number & 1)


def _unsigned(number: int) -> int:
    return number << 1 if number >= 0 else ~number << 1 | 1
