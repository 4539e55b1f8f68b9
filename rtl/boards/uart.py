"""A serial line, 8N1: a start bit, 8 data bits, lowest first, no parity, a stop bit."""
# Amaranth makes members and control blocks at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportArgumentType=false

from amaranth.hdl import Cat, Const, Module, Signal
from amaranth.lib import stream, wiring
from amaranth.lib.cdc import FFSynchronizer
from amaranth.lib.wiring import In, Out

from costmodel.graphs.errors import InputError

FRAME = 10  # bits of a byte with its start and stop


def divisor(clock_hz: float, baud: float) -> int:
    """Clock cycles of a bit.

    Args:
        clock_hz: the clock [Hz].
        baud: bits a second, as the other end has them [Hz].

    Raises:
        InputError: if the clock has not 4 cycles a bit, or whole cycles miss the baud by more than 1 %: that leaves 1 % for
            the other end.
    """
    if not (baud > 0 and clock_hz >= 4 * baud):
        what = f"baud is {baud} Hz at a clock of {clock_hz} Hz"
        raise InputError(what, mend="more than 0 and at most a quarter of the clock is needed")
    cycles = round(clock_hz / baud)
    error = clock_hz / cycles / baud - 1
    if abs(error) > 0.01:
        raise InputError(
            f"baud {baud} Hz is missed by {error:+.1%} at {cycles} cycles of {clock_hz} Hz a bit",
            mend="choose one that divides the clock",
        )
    return cycles


class Receiver(wiring.Component):
    """Bytes from a line.

    Each bit is sampled in its middle, counted from the edge of the start bit. A line cannot wait: whoever takes the bytes
    has a frame's time for each. A byte without a stop bit is dropped. The other end's bits may be 2 % longer or shorter, 3 %
    where the divisor is 8 or more.

    Args:
        divisor: clock cycles of a bit, 4 or more.

    Members:
        rx: the line, high where idle; it may change at any time.
        bytes: what came. A byte that is still there when the next has come is lost.
        overrun: a byte was lost; it stays until reset.
    """

    def __init__(self, divisor: int) -> None:
        self.divisor = divisor
        super().__init__({"rx": In(1, init=1), "bytes": Out(stream.Signature(8)), "overrun": Out(1)})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        line = Signal(init=1)
        m.submodules.line = FFSynchronizer(self.rx, line, init=1)
        timer = Signal(range(self.divisor))
        bits = Signal(range(FRAME))
        frame = Signal(FRAME - 1)

        with m.If(self.bytes.ready):
            m.d.sync += self.bytes.valid.eq(0)
        with m.FSM():
            with m.State("IDLE"):
                m.d.sync += [timer.eq(self.divisor // 2 - 1), bits.eq(0)]
                with m.If(~line):
                    m.next = "RECEIVE"
            with m.State("RECEIVE"):
                m.d.sync += timer.eq(timer - 1)
                with m.If(timer == 0):
                    m.d.sync += [timer.eq(self.divisor - 1), bits.eq(bits + 1), frame.eq(Cat(frame[1:], line))]
                    with m.If((bits == 0) & line):  # shorter than half a bit: no start
                        m.next = "IDLE"
                    with m.If(bits == FRAME - 1):
                        with m.If(line):
                            m.d.sync += [self.bytes.valid.eq(1), self.bytes.payload.eq(frame[1:])]
                            m.d.sync += self.overrun.eq(self.overrun | self.bytes.valid & ~self.bytes.ready)
                            m.next = "IDLE"
                        with m.Else():
                            m.next = "BREAK"
            with m.State("BREAK"), m.If(line):
                m.next = "IDLE"
        return m


class Transmitter(wiring.Component):
    """Bytes onto a line: each of the 10 bits lasts ``divisor`` cycles, and bytes that wait follow without a gap.

    Args:
        divisor: clock cycles of a bit, 1 or more.

    Members:
        bytes: what to send.
        tx: the line, high where idle.
    """

    def __init__(self, divisor: int) -> None:
        self.divisor = divisor
        super().__init__({"bytes": In(stream.Signature(8)), "tx": Out(1, init=1)})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        timer = Signal(range(self.divisor))
        left = Signal(range(FRAME + 1))  # bits of the frame on the line, the present one included
        frame = Signal(FRAME, init=2**FRAME - 1)
        m.d.comb += [self.tx.eq(frame[0]), self.bytes.ready.eq((timer == 0) & (left <= 1))]
        with m.If(timer != 0):
            m.d.sync += timer.eq(timer - 1)
        with m.Elif(self.bytes.ready & self.bytes.valid):
            m.d.sync += [
                frame.eq(Cat(Const(0, 1), self.bytes.payload, Const(1, 1))),
                timer.eq(self.divisor - 1),
                left.eq(FRAME),
            ]
        with m.Elif(left != 0):
            m.d.sync += [frame.eq(Cat(frame[1:], Const(1, 1))), left.eq(left - 1)]
            with m.If(left != 1):
                m.d.sync += timer.eq(self.divisor - 1)
        return m
