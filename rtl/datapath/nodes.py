"""Integer operations in static single assignment: what a datapath is made of, each with the interval of its values.

Intervals are exact bounds (interval arithmetic), so that a width is never guessed: a node is as wide as its interval, in two's
complement where it can be negative. Equal operations are one node, and what intervals decide (a comparison that is always
true, a clamp that never acts) is never made.
"""

from dataclasses import dataclass

from costmodel.graphs.errors import InputError

WIDEST = 62
"""Bits of the widest value: evaluated in 64-bit integers, with room for one more addition."""


@dataclass(frozen=True)
class Node:
    """One operation.

    ``input`` (by name), ``const`` (value), ``add``, ``sub``, ``mul``, ``shl`` and ``shr`` (by value; ``shl`` puts ``fill`` into the
    bits that come free, ``shr`` rounds towards −∞), ``ge`` (1 where the first is ≥ the second), ``eq``, ``not``, ``and``, ``or``
    (of bits), ``mux`` (bit, if 1, if 0), ``clamp`` (kept within its own interval), ``table`` (by name, at bits ``value`` and up of
    its argument).

    Attributes:
        op: the operation.
        args: its operands, as places in the list of nodes.
        low, high: bounds of its values, included.
        value: a constant, or an amount of shift.
        name: of an input or a table.
        fill: what a left shift puts below.
    """

    op: str
    args: tuple[int, ...]
    low: int
    high: int
    value: int = 0
    name: str = ""
    fill: int = 0

    @property
    def signed(self) -> bool:
        """Whether it can be negative."""
        return self.low < 0

    @property
    def width(self) -> int:
        """Bits that hold every value of the interval; 1 or more."""
        return width_of(self.low, self.high)

    @property
    def bit(self) -> bool:
        """Whether it is a truth value."""
        logic = self.op in ("ge", "eq", "not", "and", "or")
        return logic or (self.op in ("input", "const", "mux") and self.low >= 0 and self.high <= 1)


def width_of(low: int, high: int) -> int:
    """Bits that hold low to high: in two's complement where ``low`` is negative, else unsigned."""
    if low < 0:
        return max((-low - 1).bit_length(), high.bit_length()) + 1
    return max(high.bit_length(), 1)


class Builder:
    """Makes nodes, in an order in which operands come first. Every method returns a node's place in ``nodes``."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._places: dict[Node, int] = {}

    def __getitem__(self, place: int) -> Node:
        return self.nodes[place]

    def _node(self, op: str, args: tuple[int, ...], low: int, high: int, value: int = 0, name: str = "", fill: int = 0) -> int:
        if low == high and op != "input":
            return self.const(low)
        node = Node(op, args, low, high, value, name, fill)
        if node not in self._places:
            if node.width > WIDEST:
                raise InputError(
                    f"an intermediate value of the datapath needs {node.width} bits, {WIDEST} is the most",
                    mend="take fewer state_bits or constant_bits, or narrower ranges",
                )
            self._places[node] = len(self.nodes)
            self.nodes.append(node)
        return self._places[node]

    def input(self, name: str, low: int, high: int) -> int:
        """A value from outside, within low to high."""
        return self._node("input", (), low, high, name=name)

    def const(self, value: int) -> int:
        """A number."""
        node = Node("const", (), value, value, value)
        if node not in self._places:
            self._places[node] = len(self.nodes)
            self.nodes.append(node)
        return self._places[node]

    def add(self, a: int, b: int) -> int:
        """a + b."""
        x, y = self[a], self[b]
        if x.op == "const":
            a, b, x, y = b, a, y, x
        if y.op == "const":
            if y.value == 0:
                return a
            if y.value < 0:
                return self.sub(a, self.const(-y.value))
        elif a > b:
            a, b, x, y = b, a, y, x
        return self._node("add", (a, b), x.low + y.low, x.high + y.high)

    def sub(self, a: int, b: int) -> int:
        """a − b."""
        x, y = self[a], self[b]
        if a == b:
            return self.const(0)
        if y.op == "const":
            if y.value == 0:
                return a
            if y.value < 0:
                return self.add(a, self.const(-y.value))
        if x.op == "const" and x.value == 1 and y.bit:
            return self.not_(b)
        return self._node("sub", (a, b), x.low - y.high, x.high - y.low)

    def mul(self, a: int, b: int) -> int:
        """a · b; a power of two is a shift, a bit a choice."""
        x, y = self[a], self[b]
        if x.op == "const" or (x.bit and not y.bit):
            a, b, x, y = b, a, y, x
        if y.op == "const" and y.value > 0 and y.value & (y.value - 1) == 0:
            return self.shl(a, y.value.bit_length() - 1)
        if y.bit:
            return self.mux(b, a, self.const(0))
        corners = [p * q for p in (x.low, x.high) for q in (y.low, y.high)]
        low = min(corners) if a != b else 0 if x.low <= 0 <= x.high else min(x.low**2, x.high**2)
        return self._node("mul", (a, b) if y.op == "const" else (min(a, b), max(a, b)), low, max(corners))

    def shl(self, a: int, by: int, fill: int = 0) -> int:
        """a · 2^by + fill, where 0 ≤ fill < 2^by: no adder is needed."""
        x = self[a]
        if by == 0:
            return a
        if x.op == "shl":
            return self.shl(x.args[0], x.value + by, (x.fill << by) + fill)
        return self._node("shl", (a,), (x.low << by) + fill, (x.high << by) + fill, by, fill=fill)

    def shr(self, a: int, by: int) -> int:
        """⌊a ÷ 2^by⌋."""
        x = self[a]
        if by == 0:
            return a
        if x.op == "shr":
            return self.shr(x.args[0], x.value + by)
        if x.op == "shl" and x.value > by:
            return self.shl(x.args[0], x.value - by, x.fill >> by)
        if x.op == "shl":
            return self.shr(x.args[0], by - x.value)
        return self._node("shr", (a,), x.low >> by, x.high >> by, by)

    def ge(self, a: int, b: int) -> int:
        """1 where a ≥ b."""
        x, y = self[a], self[b]
        if x.low >= y.high:
            return self.const(1)
        if x.high < y.low:
            return self.const(0)
        if x.bit and y.op == "const":
            return a  # against 1: all else was decided above
        return self._node("ge", (a, b), 0, 1)

    def eq(self, a: int, b: int) -> int:
        """1 where a = b."""
        x, y = self[a], self[b]
        if a == b:
            return self.const(1)
        if x.high < y.low or y.high < x.low:
            return self.const(0)
        return self._node("eq", (min(a, b), max(a, b)), 0, 1)

    def not_(self, a: int) -> int:
        """1 − a, of a bit."""
        x = self[a]
        if x.op == "const":
            return self.const(1 - x.value)
        return x.args[0] if x.op == "not" else self._node("not", (a,), 0, 1)

    def and_(self, a: int, b: int) -> int:
        """1 where both bits are."""
        for one, other in ((a, b), (b, a)):
            if self[one].op == "const":
                return other if self[one].value else one
        return a if a == b else self._node("and", (min(a, b), max(a, b)), 0, 1)

    def or_(self, a: int, b: int) -> int:
        """1 where either bit is."""
        for one, other in ((a, b), (b, a)):
            if self[one].op == "const":
                return one if self[one].value else other
        return a if a == b else self._node("or", (min(a, b), max(a, b)), 0, 1)

    def mux(self, choice: int, a: int, b: int, bounds: tuple[int, int] | None = None) -> int:
        """A where ``choice`` is 1, else b; ``bounds`` where it is known to stay in less than both intervals together."""
        c, x, y = self[choice], self[a], self[b]
        if c.op == "const" or a == b:
            return a if a == b or c.value else b
        if x.bit and y.bit:
            if x.op == "const":
                return self.or_(choice, b) if x.value else self.and_(self.not_(choice), b)
            if y.op == "const":
                return self.or_(self.not_(choice), a) if y.value else self.and_(choice, a)
        low, high = min(x.low, y.low), max(x.high, y.high)
        if bounds is not None:
            low, high = max(low, bounds[0]), min(high, bounds[1])
        return self._node("mux", (choice, a, b), low, high)

    def clamp(self, a: int, low: int, high: int) -> int:
        """A kept within low to high; nothing where it cannot leave."""
        x = self[a]
        if low <= x.low and x.high <= high:
            return a
        return self._node("clamp", (a,), min(max(x.low, low), high), max(min(x.high, high), low))

    def table(self, name: str, a: int, shift: int, low: int, high: int) -> int:
        """The entry at a's bits ``shift`` and up, of the table ``name`` whose entries lie within low to high."""
        return self._node("table", (a,), low, high, shift, name)
