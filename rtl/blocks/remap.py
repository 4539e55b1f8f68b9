"""Blocks without state or delay: addresses rewritten, streams forked, steps left out."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false

from functools import reduce
from operator import and_

from amaranth.hdl import Array, Cat, Const, Module, Value, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.space import Space
from costmodel.rtl.token import Token


class Flatten(wiring.Component):
    """Addresses with rows and columns become those of a vector: (row · columns + column) · channels + channel."""

    def __init__(self, space: Space, value_bits: int = 0) -> None:
        self.space, self.flat = space, Space(space.elements)
        entry, exit_ = (Token(s.address_bits, value_bits) for s in (space, self.flat))
        super().__init__({"events": In(stream.Signature(entry)), "answers": Out(stream.Signature(exit_))})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        channel, column, row = _fields(self.space, self.events.payload.address)
        _pass(m, self.events, self.answers)
        number = (row * self.space.columns + column) * self.space.channels + channel
        m.d.comb += self.answers.payload.address.eq(number)
        return m


class Shrink(wiring.Component):
    """Addresses become those of windows of rows × columns side by side; events beyond the last whole window are left out.

    For sums over windows this is all: what follows adds up.
    """

    def __init__(self, space: Space, rows: int, columns: int, value_bits: int = 0) -> None:
        self.space, self.rows, self.columns = space, rows, columns
        self.windows = Space(space.channels, space.rows // rows, space.columns // columns)
        entry, exit_ = (Token(s.address_bits, value_bits) for s in (space, self.windows))
        super().__init__({"events": In(stream.Signature(entry)), "answers": Out(stream.Signature(exit_))})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        channel, column, row = _fields(self.space, self.events.payload.address)
        within = Const(1, 1)
        if self.space.columns % self.columns:
            within = within & (column < self.windows.columns * self.columns)
        if self.space.rows % self.rows:
            within = within & (row < self.windows.rows * self.rows)
        kept = within | self.events.payload.last
        _pass(m, self.events, self.answers, kept)
        bits = self.windows.bits
        window_column = _divided(column, self.columns, self.space.columns)[: bits["column"]]
        window_row = _divided(row, self.rows, self.space.rows)[: bits["row"]]
        m.d.comb += self.answers.payload.address.eq(Cat(channel, window_column, window_row))
        return m


class Fork(wiring.Component):
    """A token leaves by all ways at once, when all are ready.

    Members:
        events: what comes.
        answers0, answers1, …: where it goes.
    """

    def __init__(self, token: Token, ways: int) -> None:
        self.ways = ways
        answers = {f"answers{i}": Out(stream.Signature(token)) for i in range(ways)}
        super().__init__({"events": In(stream.Signature(token)), **answers})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        ways = [getattr(self, f"answers{i}") for i in range(self.ways)]
        m.d.comb += self.events.ready.eq(reduce(and_, (way.ready for way in ways)))
        for i, way in enumerate(ways):
            others = reduce(and_, (other.ready for j, other in enumerate(ways) if j != i), Const(1, 1))
            m.d.comb += [way.payload.eq(self.events.payload), way.valid.eq(self.events.valid & others)]
        return m


class DropFinal(wiring.Component):
    """Leaves out a sample's last step: within a loop nobody would receive it."""

    def __init__(self, token: Token) -> None:
        super().__init__({"events": In(stream.Signature(token)), "answers": Out(stream.Signature(token))})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        m.d.comb += self.answers.payload.eq(self.events.payload)
        _pass(m, self.events, self.answers, ~self.events.payload.final)
        return m


def _pass(m: Module, events, answers, kept: Value = Const(1, 1)) -> None:  # noqa: B008
    # All but the address goes through; what is not kept is taken and forgotten.
    for name in answers.payload.shape().members:
        if name != "address":
            m.d.comb += answers.payload[name].eq(events.payload[name])
    m.d.comb += [answers.valid.eq(events.valid & kept), events.ready.eq(answers.ready | ~kept)]


def _fields(space: Space, address: Value) -> tuple[Value, Value, Value]:
    bits = space.bits
    first, second = bits["channel"], bits["channel"] + bits["column"]
    return address[:first], address[first:second], address[second:]


def _divided(value: Value, by: int, count: int) -> Value:
    if by & (by - 1) == 0:
        return value >> by.bit_length() - 1
    width = ((count - 1) // by).bit_length()
    return Array(Const(place // by, unsigned(width)) for place in range(count))[value]
