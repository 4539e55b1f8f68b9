"""Tokens as bytes: the format on a board's line, in hardware and for the program at the other end.

A token is a fixed number of bytes, as many as its bits need; the lowest byte comes first. Bit 0 of the first byte is bit 0
of the address; after the address come the value in two's complement, ``last`` and ``final``; bits beyond those are 0. There
is nothing between tokens, so both ends count bytes from the board's start.
"""
# Amaranth makes members and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportArgumentType=false

from collections.abc import Iterable
from typing import NamedTuple

from amaranth.hdl import Cat, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from costmodel.graphs.errors import InputError
from costmodel.rtl.token import Token


class Event(NamedTuple):
    """The fields of a :class:`~costmodel.rtl.token.Token` as numbers; ``value`` is 0 where events are spikes."""

    address: int = 0
    value: int = 0
    last: bool = False
    final: bool = False


def byte_count(token: Token) -> int:
    """Bytes of a token."""
    return -(-token.size // 8)


def encode(token: Token, events: Iterable[Event]) -> bytes:
    """The bytes of events, to send to a board.

    Args:
        token: the layout of the board's input.
        events: in order; a step is its events, then one with ``last``.

    Raises:
        InputError: if an address or a value does not fit its width.
    """
    out = bytearray()
    for event in events:
        if not 0 <= event.address < 1 << token.address_bits:
            raise InputError(f"address {event.address} does not fit {token.address_bits} bits without sign")
        if event.value and not -(1 << token.value_bits) <= 2 * event.value < 1 << token.value_bits:
            raise InputError(f"value {event.value} does not fit {token.value_bits} bits with sign")
        word = event.address | (event.value % (1 << token.value_bits)) << token.address_bits
        word |= (event.last | event.final << 1) << token.address_bits + token.value_bits
        out += word.to_bytes(byte_count(token), "little")
    return bytes(out)


def decode(token: Token, data: bytes) -> list[Event]:
    """The events in bytes that a board has sent.

    Args:
        token: the layout of the board's output.
        data: whole tokens.

    Raises:
        InputError: if the last token is not complete.
    """
    size, events = byte_count(token), []
    if len(data) % size:
        raise InputError(f"{len(data)} bytes are not whole tokens of {size}", mend="read on until they are")
    for start in range(0, len(data), size):
        word = int.from_bytes(data[start : start + size], "little")
        address, word = word % (1 << token.address_bits), word >> token.address_bits
        value, flags = word % (1 << token.value_bits), word >> token.value_bits
        if 2 * value >= 1 << token.value_bits and token.value_bits:
            value -= 1 << token.value_bits
        events.append(Event(address, value, bool(flags & 1), bool(flags & 2)))
    return events


class Packer(wiring.Component):
    """Bytes to tokens.

    Args:
        token: the layout of a token.

    Members:
        bytes: none is taken while a token waits.
        tokens: a token is there from the cycle after its last byte until it is taken.
    """

    def __init__(self, token: Token) -> None:
        self.token = token
        super().__init__({"bytes": In(stream.Signature(8)), "tokens": Out(stream.Signature(token))})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        count = byte_count(self.token)
        held = Signal(8 * count)
        index = Signal(range(count))
        m.d.comb += [
            self.tokens.payload.eq(held[: self.token.size]),
            self.bytes.ready.eq(~self.tokens.valid),
        ]
        with m.If(self.tokens.valid & self.tokens.ready):
            m.d.sync += self.tokens.valid.eq(0)
        with m.If(self.bytes.valid & self.bytes.ready):
            m.d.sync += [held.eq(Cat(held[8:], self.bytes.payload)), index.eq(index + 1)]
            with m.If(index == count - 1):
                m.d.sync += [index.eq(0), self.tokens.valid.eq(1)]
        return m


class Unpacker(wiring.Component):
    """Tokens to bytes.

    Args:
        token: the layout of a token.

    Members:
        tokens: the next is taken when all bytes of the one before have left.
        bytes: a token's bytes, the first from the cycle after it was taken.
    """

    def __init__(self, token: Token) -> None:
        self.token = token
        super().__init__({"tokens": In(stream.Signature(token)), "bytes": Out(stream.Signature(8))})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        count = byte_count(self.token)
        held = Signal(8 * count)
        left = Signal(range(count + 1))
        m.d.comb += [
            self.tokens.ready.eq(left == 0),
            self.bytes.valid.eq(left != 0),
            self.bytes.payload.eq(held[:8]),
        ]
        with m.If(self.tokens.valid & self.tokens.ready):
            m.d.sync += [held.eq(self.tokens.payload.as_value()), left.eq(count)]
        with m.Elif(self.bytes.valid & self.bytes.ready):
            m.d.sync += [held.eq(held >> 8), left.eq(left - 1)]
        return m
