"""Pooling between synapses and neurons: the accumulators of a window become one value."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false

from amaranth.hdl import Module, Mux, signed
from amaranth.lib import data, wiring
from amaranth.lib.wiring import In, Out

from rtl.layer import Window


class Gather(wiring.Component):
    """One value of a window a cycle in; the result is there in the cycle after the last one.

    Members:
        advance: enables the registers.
        valid, first, last: of ``values``, one for each of R neurons.
        complete: this is the last value of a window.
        ready: the result is in ``pooled``.
    """

    def __init__(self, window: Window, bits: int, units: int) -> None:
        self.window = window
        values = data.ArrayLayout(signed(bits), units)
        flags = {"advance": In(1), "valid": In(1), "first": In(1), "last": In(1), "complete": Out(1), "ready": Out(1)}
        super().__init__({**flags, "values": In(values), "pooled": Out(values)})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        m.d.comb += self.complete.eq(self.valid & self.last)
        with m.If(self.advance):
            m.d.sync += self.ready.eq(self.complete)
            with m.If(self.valid):
                for kept, value in zip(self.pooled, self.values, strict=True):
                    both = Mux(value > kept, value, kept) if self.window.kind == "max" else value + kept
                    m.d.sync += kept.eq(Mux(self.first, value, both))
        return m
