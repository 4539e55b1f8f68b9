"""A core on a board: serial line, bytes, tokens, core, and back."""
# Amaranth makes members at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false, reportArgumentType=false

from amaranth.hdl import ClockDomain, ClockSignal, Module, ResetSignal, Signal
from amaranth.lib import wiring
from amaranth.lib.fifo import SyncFIFOBuffered
from amaranth.lib.wiring import In, Out

from costmodel.graphs.errors import InputError
from costmodel.rtl.boards.aer import Packer, Unpacker
from costmodel.rtl.boards.board import Board
from costmodel.rtl.boards.uart import Receiver, Transmitter, divisor
from costmodel.rtl.token import Token

BUFFER = 512  # bytes that wait for the core: a block of iCE40's memory
START_S = 16e-6  # after configuration: blocks of memory in an iCE40 read as 0 for some microseconds


class Top(wiring.Component):
    """A core behind the serial line of a board; :mod:`rtl.boards.aer` says what the bytes mean.

    The core takes as long as it takes, and the line has no way to hold the computer back: what comes meanwhile waits in a
    buffer of ``BUFFER`` bytes. A computer loses nothing if it has no more bytes than that on their way: those of steps whose
    end has not come back, less those that have. The LED lights when something was lost, until the FPGA is configured anew.

    Args:
        core: a component with the streams of :class:`~costmodel.rtl.token.Token` ``events`` (in) and ``answers`` (out), domain
            ``sync``.
        board: where it runs.

    Members:
        clock, uart_rx, uart_tx, led: as in :class:`~costmodel.rtl.boards.board.Board`; the board's ``held_high`` besides.

    Raises:
        InputError: if the core lacks one of the streams.
    """

    def __init__(self, core: wiring.Component, board: Board) -> None:
        self.core, self.board = core, board
        self.layouts = [_token(core, name) for name in ("events", "answers")]
        high = {name: Out(1) for name in board.held_high}
        super().__init__({"clock": In(1), "uart_rx": In(1, init=1), "uart_tx": Out(1, init=1), "led": Out(1), **high})

    def elaborate(self, platform: object) -> Module:
        """The circuit."""
        m = Module()
        cycles = divisor(self.board.clock_hz, self.board.baud)
        self._start(m)
        m.submodules.core = core = self.core
        m.submodules.receiver = receiver = Receiver(cycles)
        m.submodules.buffer = buffer = SyncFIFOBuffered(width=8, depth=BUFFER)
        m.submodules.packer = packer = Packer(self.layouts[0])
        m.submodules.unpacker = unpacker = Unpacker(self.layouts[1])
        m.submodules.transmitter = transmitter = Transmitter(cycles)
        wiring.connect(m, receiver.bytes, buffer.w_stream)
        wiring.connect(m, buffer.r_stream, packer.bytes)
        wiring.connect(m, packer.tokens, core.events)
        wiring.connect(m, core.answers, unpacker.tokens)
        wiring.connect(m, unpacker.bytes, transmitter.bytes)
        m.d.comb += [
            receiver.rx.eq(self.uart_rx),
            self.uart_tx.eq(transmitter.tx),
            self.led.eq(receiver.overrun ^ self.board.led_active_low),
        ]
        m.d.comb += [getattr(self, name).eq(1) for name in self.board.held_high]
        return m

    def _start(self, m: Module) -> None:
        # The clock domain, in reset for START_S.
        m.domains.sync = ClockDomain()
        m.domains.start = ClockDomain(reset_less=True, local=True)
        wait = Signal(range(int(self.board.clock_hz * START_S) + 1), init=int(self.board.clock_hz * START_S))
        m.d.comb += [
            ClockSignal("sync").eq(self.clock),
            ClockSignal("start").eq(self.clock),
            ResetSignal("sync").eq(wait != 0),
        ]
        m.d.start += wait.eq(wait - (wait != 0))


def _token(core: wiring.Component, name: str) -> Token:
    payload = getattr(getattr(core, name, None), "payload", None)
    layout = payload.shape() if payload is not None else None
    if not isinstance(layout, Token):
        what = f"{type(core).__name__} has no stream of tokens '{name}'"
        raise InputError(what, mend="a board needs 'events' and 'answers'")
    return layout
