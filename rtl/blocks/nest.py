"""Nested counters that walk an address: the loops of a sweep."""
# Amaranth makes members, operators and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportArgumentType=false

from collections.abc import Mapping
from functools import reduce
from math import prod
from operator import and_

from amaranth.hdl import Const, Module, Mux, Signal
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out


class Nest(wiring.Component):
    """address = Σ place · stride over loops within loops; after the last place it is back at the first.

    Args:
        loops: name → (count, stride), the innermost first.
        steps: how many places there are, where the outermost loop is not finished; None: all.

    Members:
        step: goes to the next place.
        address: of this place.
        last: this place is the last.

    Attributes:
        places: the loops' counters by name.
    """

    def __init__(self, loops: Mapping[str, tuple[int, int]], steps: int | None = None) -> None:
        self.loops = dict(loops)
        self.steps = prod(count for count, _ in loops.values()) if steps is None else steps
        self.places = {name: Signal(range(count), name=name) for name, (count, _) in self.loops.items()}
        highest = sum((count - 1) * stride for count, stride in self.loops.values())
        super().__init__({"step": In(1), "address": Out(range(highest + 1)), "last": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        final, left = {}, self.steps - 1
        for name, (count, _) in self.loops.items():
            left, final[name] = divmod(left, count)
        turning = {name: self.places[name] for name, (count, _) in self.loops.items() if count > 1}
        m.d.comb += self.last.eq(reduce(and_, (place == final[name] for name, place in turning.items()), Const(1, 1)))
        moves, back, carry = [], 0, Const(1, 1)
        with m.If(self.step):
            for name, place in turning.items():
                count, stride = self.loops[name]
                end = place == count - 1
                with m.If(carry):
                    m.d.sync += place.eq(Mux(end, 0, place + 1))
                moves.append((~end, stride - back))  # the loops within go back to their start
                back += (count - 1) * stride
                carry = carry & end
            change = Const(0)
            for moving, amount in reversed(moves):
                change = Mux(moving, amount, change)
            m.d.sync += self.address.eq(self.address + change)
            with m.If(self.last):
                m.d.sync += [self.address.eq(0), *(place.eq(0) for place in turning.values())]
        return m
