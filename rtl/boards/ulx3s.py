"""The ULX3S: an ECP5 of one of several sizes; its USB bridge is an FT231X.

Pins after https://github.com/emard/ulx3s (doc/constraints/ulx3s_v20.lpf) and amaranth-boards. The pin to the ESP32's GPIO0
is held high, or the ESP32 could restart into its loader.
"""

from costmodel.rtl.boards.board import Board

PINS = """\
LOCATE COMP "clock" SITE "G2";
IOBUF PORT "clock" PULLMODE=NONE IO_TYPE=LVCMOS33;
FREQUENCY PORT "clock" 25 MHZ;
LOCATE COMP "uart_rx" SITE "M1";
IOBUF PORT "uart_rx" PULLMODE=UP IO_TYPE=LVCMOS33;
LOCATE COMP "uart_tx" SITE "L4";
IOBUF PORT "uart_tx" PULLMODE=UP IO_TYPE=LVCMOS33 DRIVE=4;
LOCATE COMP "led" SITE "B2";
IOBUF PORT "led" PULLMODE=NONE IO_TYPE=LVCMOS33 DRIVE=4;
LOCATE COMP "esp32_gpio0" SITE "L2";
IOBUF PORT "esp32_gpio0" PULLMODE=UP IO_TYPE=LVCMOS33 DRIVE=4;
"""

# 1 Mbaud is 25 cycles of the clock.
BOARDS = [
    Board(f"ulx3s-{size}", f"ecp5-{size}", clock_hz=25e6, baud=1e6, pins=PINS, held_high=("esp32_gpio0",))
    for size in ("25f", "85f")
]
