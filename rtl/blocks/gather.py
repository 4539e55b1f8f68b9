"""Between accumulators and neurons: a register, or where a window is pooled the largest or the sum of its values."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false

from amaranth.hdl import Module, Mux, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.blocks.side_by_side import SideBySide, parts
from costmodel.rtl.layer import Window


class Gather(wiring.Component):
    """One value of a window a cycle in; the result is there in the cycle after the last one.

    Args:
        window: None: every value is a result.
        bits: of a value.
        units: R, values side by side.

    Members:
        advance: enables the registers.
        valid, first, last: of ``values``: they are there, and are the first or last of their window.
        ready: the result is in ``gathered``.
    """

    def __init__(self, window: Window | None, bits: int, units: int) -> None:
        self.window = window
        values = SideBySide(signed(bits), units)
        flags = {"advance": In(1), "valid": In(1), "first": In(1), "last": In(1), "ready": Out(1)}
        super().__init__({**flags, "values": In(values), "gathered": Out(values)})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        with m.If(self.advance):
            m.d.sync += self.ready.eq(self.valid & self.last)
            for kept, value in zip(parts(self.gathered), parts(self.values), strict=True):
                m.d.sync += kept.eq(self._joined(kept, value))
        return m

    def _joined(self, kept: Value, value: Value) -> Value:
        if self.window is None:
            return value
        both = Mux(value > kept, value, kept) if self.window.kind == "max" else value + kept
        return Mux(self.valid, Mux(self.first, value, both), kept)
