"""The iCEBreaker: an iCE40UP5K; its USB bridge is an FT2232H, whose channel B is the serial line.

Pins after https://github.com/icebreaker-fpga/icebreaker-pcb and amaranth-boards.
"""

from costmodel.rtl.boards.board import Board

# 1 Mbaud is 12 cycles of the clock, and the bridge's 12 MHz divide to it as well.
BOARDS = [
    Board(
        name="icebreaker",
        part="ice40-up5k",
        clock_hz=12e6,
        baud=1e6,
        pins="set_io clock 35\nset_io -pullup yes uart_rx 6\nset_io uart_tx 9\nset_io led 11\n",
        led_active_low=True,
    )
]
