"""What a board is: a part, a clock, and pins."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Board:
    """An FPGA on a board with a serial line to a computer.

    The ports of a design for it are ``clock``, ``uart_rx`` (the FPGA receives), ``uart_tx`` (it sends), ``led``, and those
    that the board needs held high.

    Attributes:
        name: the name it is asked for by.
        part: a name in :data:`rtl.synthesis.PARTS`.
        clock_hz: the oscillator on ``clock`` [Hz].
        baud: bits a second of the line [Hz].
        pins: the text of the constraint file, PCF or LPF after the part's family.
        led_active_low: a low level lights the LED.
        held_high: ports that stay high.
    """

    name: str
    part: str
    clock_hz: float
    baud: float
    pins: str
    led_active_low: bool = False
    held_high: tuple[str, ...] = ()
