"""Spikes held back by whole time steps."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false

from collections.abc import Sequence

from amaranth.hdl import Array, Cat, Const, Module, Mux, Signal, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.blocks.bitmap import Bitmap
from costmodel.rtl.blocks.one_hot import index, without_lowest
from costmodel.rtl.space import Space
from costmodel.rtl.token import Token


class Delay(wiring.Component):
    """A ring of bitmaps, one for each step that a spike can lie ahead. At the end of a step its map is read word by word and
    cleared, and its spikes are sent. Nothing can be lost: a map has a bit for every element.

    A spike takes two cycles; the end of a step two for each word, one for each spike that is sent, and two; the end of a sample
    besides one for every word of all maps, which are cleared.

    Args:
        space: the elements.
        steps: for every element, by hardware number, the steps that its spikes are held back; or one number for all.
        family: of the FPGA.
    """

    def __init__(self, space: Space, steps: Sequence[int] | int, family: str) -> None:
        self.space, self.steps, self.family = space, steps, family
        self.maps = (steps if isinstance(steps, int) else max(steps)) + 1
        signature = stream.Signature(Token(space.address_bits))
        super().__init__({"events": In(signature), "answers": Out(signature)})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        m.submodules.ahead = ahead = Bitmap(self.space.address_bits, self.family, self.maps)
        token, answer = self.events.payload, self.answers.payload
        now, map_, word = (Signal(range(n)) for n in (self.maps, self.maps, ahead.words))
        pending, final = Signal(1 << ahead.place_bits), Signal()
        remaining = without_lowest(pending)
        last_word = word == ahead.words - 1
        m.d.comb += answer.final.eq(final)

        def next_word() -> None:
            m.d.sync += word.eq(word + 1)
            m.next = "FETCH"
            with m.If(last_word):
                m.next = "END"
                with m.If(final):
                    m.next = "CLEAR"

        with m.FSM():
            with m.State("TAKE"):
                m.d.comb += [self.events.ready.eq(1), ahead.map.eq(self._map(now, token.address)), ahead.address.eq(token.address)]
                m.d.sync += [final.eq(token.final), word.eq(0), map_.eq(0)]
                with m.If(self.events.valid):
                    m.d.comb += ahead.read.eq(1)
                    m.next = "SET"
                    with m.If(token.last):
                        m.next = "FETCH"
            with m.State("SET"):
                m.d.comb += ahead.set_bit.eq(1)
                m.next = "TAKE"
            with m.State("FETCH"):
                m.d.comb += [ahead.map.eq(now), ahead.address.eq(word << ahead.place_bits), ahead.read.eq(1)]
                m.next = "LOAD"
            with m.State("LOAD"):
                m.d.comb += [ahead.map.eq(now), ahead.address.eq(word << ahead.place_bits), ahead.clear.eq(1)]
                m.d.sync += pending.eq(ahead.word)
                with m.If(ahead.word.any()):
                    m.next = "SEND"
                with m.Else():
                    next_word()
            with m.State("SEND"):
                m.d.comb += [self.answers.valid.eq(1), answer.address.eq(Cat(index(pending & ~remaining), word))]
                with m.If(self.answers.ready):
                    m.d.sync += pending.eq(remaining)
                    with m.If(~remaining.any()):
                        next_word()
            with m.State("CLEAR"):
                m.d.comb += [ahead.map.eq(map_), ahead.address.eq(word << ahead.place_bits), ahead.clear.eq(1)]
                m.d.sync += word.eq(Mux(last_word, 0, word + 1))
                with m.If(last_word):
                    m.d.sync += map_.eq(map_ + 1)
                    with m.If(map_ == self.maps - 1):
                        m.next = "END"
            with m.State("END"):
                m.d.comb += [self.answers.valid.eq(1), answer.last.eq(1)]
                with m.If(self.answers.ready):
                    m.d.sync += now.eq(Mux(final | (now == self.maps - 1), 0, now + 1))
                    m.next = "TAKE"
        return m

    def _map(self, now: Signal, address) -> Mux:
        """The map of the step in which a spike of this step is sent."""
        if isinstance(self.steps, int):
            steps = Const(self.steps)
        else:
            entries = [0] * (1 << self.space.address_bits)
            for number, step in enumerate(self.steps):
                entries[int(self.space.address(number))] = int(step)
            steps = Array(Const(entry, unsigned((self.maps - 1).bit_length())) for entry in entries)[address]
        at = now + steps
        return Mux(at >= self.maps, at - self.maps, at)
