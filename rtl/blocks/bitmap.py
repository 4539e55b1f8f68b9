"""A memory of one bit for each address: which elements have sent."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false

from amaranth.hdl import Const, Module, Signal, Value
from amaranth.lib import memory, wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.memories import attributes


class Bitmap(wiring.Component):
    """2^address_bits bits in words of up to 16, ``maps`` times over. A word is read in one cycle and may be written in the next.

    Members:
        map, address: a bit; the word is read where ``read``.
        is_set: whether the bit read in the cycle before is set.
        word: the word read in the cycle before.
        set_bit: sets that bit.
        clear: writes zeros to the word that ``map`` and ``address`` name.
    """

    def __init__(self, address_bits: int, family: str, maps: int = 1) -> None:
        self.family, self.maps = family, maps
        self.place_bits = min(address_bits, 4)
        self.words = 1 << address_bits - self.place_bits
        members = {"map": In(range(maps)), "address": In(address_bits), "read": In(1), "set_bit": In(1), "clear": In(1)}
        super().__init__({**members, "is_set": Out(1), "word": Out(1 << self.place_bits)})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        depth = self.maps * self.words
        m.submodules.bits = bits = memory.Memory(
            shape=1 << self.place_bits, depth=depth, init=[], attrs=attributes(self.family, depth)
        )
        read, write = bits.read_port(), bits.write_port()
        asked = self.map * self.words + (self.address >> self.place_bits)
        last, place = Signal(range(depth)), Signal(self.place_bits)
        one: Value = Const(1, 1) << place
        with m.If(self.read):
            m.d.sync += [last.eq(asked), place.eq(self.address[: self.place_bits])]
        m.d.comb += [
            *(read.addr.eq(asked), read.en.eq(self.read), self.word.eq(read.data), self.is_set.eq((read.data & one).any())),
            *(write.addr.eq(last), write.data.eq(read.data | one), write.en.eq(self.set_bit | self.clear)),
        ]
        with m.If(self.clear):
            m.d.comb += [write.addr.eq(asked), write.data.eq(0)]
        return m
