"""The walks of an event over the accumulators that it reaches: one access a cycle, as `rtl.reach` lists them."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false

from collections.abc import Sequence

from amaranth.hdl import Array, Const, Module, Mux, Signal, Value, unsigned
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from costmodel.graphs.nodes.window import Axis
from costmodel.rtl.reach import ConvReach, DenseReach
from costmodel.rtl.space import Space


class Walk(wiring.Component):
    """Base: an address loaded in one cycle is walked from the next one on.

    Args:
        space: of the addresses.
        words: accumulator words there are.
        rows: weight words there are.

    Members:
        load: takes ``address``.
        active: an access is made in this cycle, to accumulator word ``word`` with weight word ``row``.
        last: it is the last one of its event (or there is none).
    """

    def __init__(self, space: Space, words: int, rows: int) -> None:
        self.space = space
        super().__init__(
            {
                "address": In(space.address_bits),
                "load": In(1),
                "active": Out(1),
                "last": Out(1),
                "word": Out(range(words)),
                "row": Out(range(rows)),
            }
        )

    def field(self, name: str) -> Value:
        """A field of the address."""
        start = 0
        for field, bits in self.space.bits.items():
            if field == name:
                return self.address[start : start + bits]
            start += bits
        raise KeyError(name)


class DenseWalk(Walk):
    """All words in rising order, the weight word a constant stride further each time."""

    def __init__(self, space: Space, reach: DenseReach) -> None:
        super().__init__(space, reach.groups, reach.depth)
        self.reach = reach

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        m.d.comb += self.last.eq(self.word == self.reach.groups - 1)
        with m.If(self.load):
            m.d.sync += [self.active.eq(1), self.word.eq(0), self.row.eq(self.address)]
        with m.Elif(self.active):
            m.d.sync += [self.active.eq(~self.last), self.word.eq(self.word + 1), self.row.eq(self.row + self.reach.inputs)]
        return m


class ConvWalk(Walk):
    """Groups within columns within rows of the outputs that see the event."""

    def __init__(self, space: Space, reach: ConvReach) -> None:
        super().__init__(space, reach.rows.outputs * reach.columns.outputs * reach.groups, reach.depth)
        self.reach = reach

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        reach, rows, columns = self.reach, self.reach.rows, self.reach.columns
        row = _Taps(reach, rows, columns.kernel * reach.groups, columns.outputs * reach.groups, self.field("row"))
        column = _Taps(reach, columns, reach.groups, reach.groups, self.field("column"))
        word = row.word + column.word
        weight = self.field("channel") * (rows.kernel * columns.kernel * reach.groups) + row.row + column.row

        group = Signal(range(reach.groups))
        columns_all, columns_left = Signal(range(columns.kernel + 1)), Signal(range(columns.kernel + 1))
        rows_left = Signal(range(rows.kernel + 1))
        word_start, row_start = Signal.like(self.word), Signal.like(self.row)
        group_end, column_end = group == reach.groups - 1, columns_left <= 1
        m.d.comb += self.last.eq(group_end & column_end & (rows_left <= 1))
        with m.If(self.load):
            m.d.sync += [
                self.active.eq((row.count != 0) & (column.count != 0)),
                *(group.eq(0), columns_all.eq(column.count), columns_left.eq(column.count), rows_left.eq(row.count)),
                *(self.word.eq(word), word_start.eq(word), self.row.eq(weight), row_start.eq(weight)),
            ]
        with m.Elif(self.active):
            next_row_word, next_row_row = word_start - row.word_step, row_start + row.row_step
            m.d.sync += [self.active.eq(~self.last), group.eq(Mux(group_end, 0, group + 1))]
            with m.If(~group_end):
                m.d.sync += [self.word.eq(self.word + 1), self.row.eq(self.row + 1)]
            with m.Elif(~column_end):
                back = reach.groups - 1
                m.d.sync += [
                    columns_left.eq(columns_left - 1),
                    self.word.eq(self.word - (column.word_step + back)),
                    self.row.eq(self.row + (column.row_step - back)),
                ]
            with m.Else():
                m.d.sync += [
                    *(rows_left.eq(rows_left - 1), columns_left.eq(columns_all)),
                    *(self.word.eq(next_row_word), word_start.eq(next_row_word)),
                    *(self.row.eq(next_row_row), row_start.eq(next_row_row)),
                ]
        return m


class _Taps:
    """What the walk needs along one axis, looked up by the event's place on it.

    Attributes:
        count: taps that see it.
        word, row: contributions of the first to the accumulator's and the weight's address.
        word_step, row_step: from one tap to the next, the former downwards.
    """

    def __init__(self, reach: ConvReach, axis: Axis, row_stride: int, word_stride: int, place: Value) -> None:
        counts, first, output = zip(*reach.taps(axis), strict=True)
        self.count = _table(counts, place)
        self.row = _table([tap * row_stride for tap in first], place)
        self.word = _table([at * word_stride for at in output], place)
        self.row_step, self.word_step = reach.tap_step(axis) * row_stride, reach.output_step(axis) * word_stride


def _table(entries: Sequence[int], place: Value) -> Value:
    width = max(entries).bit_length()
    if len(set(entries)) == 1 or not len(place):
        return Const(entries[0], unsigned(max(width, 1)))
    return Array(Const(entry, unsigned(width)) for entry in entries)[place]
