"""A first-in, first-out queue between two blocks."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false

from amaranth.hdl import Module, Signal
from amaranth.lib import memory, stream, wiring
from amaranth.lib.wiring import In, Out

from costmodel.rtl.blocks.wrapping import following
from costmodel.rtl.memories import attributes
from costmodel.rtl.token import Token


class Queue(wiring.Component):
    """Holds ``depth`` tokens in memory and one at its output.

    A token taken in cycle w is fetched from memory in the first cycle after w in which the output is free or being freed, and
    offered from the next cycle on; one is taken while fewer than ``depth`` wait in memory. A word is never read in the cycle in
    which it is written: an empty memory is not read, and a full one not written.

    Args:
        token: what it holds.
        depth: 1 or more.
        family: of the FPGA, which says where the memory lies.
    """

    def __init__(self, token: Token, depth: int, family: str) -> None:
        self.token, self.depth, self.family = token, depth, family
        super().__init__({"entry": In(stream.Signature(token)), "exit": Out(stream.Signature(token))})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        m.submodules.words = words = memory.Memory(
            shape=self.token, depth=self.depth, init=[], attrs=attributes(self.family, self.depth)
        )
        write, read = words.write_port(), words.read_port()
        first, after, stored = Signal(range(self.depth)), Signal(range(self.depth)), Signal(range(self.depth + 1))
        taken, fetched, held = Signal(), Signal(), Signal()
        m.d.comb += [
            self.entry.ready.eq(stored != self.depth),
            taken.eq(self.entry.valid & self.entry.ready),
            fetched.eq((stored != 0) & (~held | self.exit.ready)),
            write.addr.eq(after),
            write.data.eq(self.entry.payload),
            write.en.eq(taken),
            read.addr.eq(first),
            read.en.eq(fetched),
            self.exit.valid.eq(held),
            self.exit.payload.eq(read.data),
        ]
        m.d.sync += [held.eq(fetched | (held & ~self.exit.ready)), stored.eq(stored + taken - fetched)]
        with m.If(taken):
            m.d.sync += after.eq(following(after, self.depth))
        with m.If(fetched):
            m.d.sync += first.eq(following(first, self.depth))
        return m
