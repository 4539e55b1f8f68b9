"""The maximum of spikes over windows: the first spike of a window in a step passes, those after it do not."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false

from amaranth.hdl import Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.blocks.bitmap import Bitmap
from costmodel.rtl.space import Space
from costmodel.rtl.token import Token


class MaxPool(wiring.Component):
    """Takes addresses of windows (`rtl.blocks.remap.Remap` makes them). A spike takes two cycles, the end of a step one for each
    word of the `Bitmap`, and two.

    Args:
        space: the windows.
        family: of the FPGA.
    """

    def __init__(self, space: Space, family: str) -> None:
        self.space, self.family = space, family
        signature = stream.Signature(Token(space.address_bits))
        super().__init__({"events": In(signature), "answers": Out(signature)})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        m.submodules.seen = seen = Bitmap(self.space.address_bits, self.family)
        token, sent = self.events.payload, Signal.like(self.events.payload)
        clearing = Signal(range(seen.words))
        m.d.comb += self.answers.payload.eq(sent)
        with m.FSM():
            with m.State("TAKE"):
                m.d.comb += [self.events.ready.eq(1), seen.address.eq(token.address), seen.read.eq(self.events.valid)]
                m.d.sync += sent.eq(token)
                with m.If(self.events.valid):
                    m.next = "SPIKE"
                    with m.If(token.last):
                        m.next = "CLEAR"
            with m.State("SPIKE"):
                m.d.comb += [self.answers.valid.eq(~seen.is_set), seen.set_bit.eq(1)]
                with m.If(self.answers.ready | seen.is_set):
                    m.next = "TAKE"
            with m.State("CLEAR"):
                m.d.comb += [seen.clear.eq(1), seen.address.eq(clearing << seen.place_bits)]
                m.d.sync += clearing.eq(clearing + 1)
                with m.If(clearing == seen.words - 1):
                    m.next = "END"
            with m.State("END"):
                m.d.comb += self.answers.valid.eq(1)
                with m.If(self.answers.ready):
                    m.next = "TAKE"
        return m
