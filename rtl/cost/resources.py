"""What something takes of an FPGA, as predicted."""

from dataclasses import dataclass

from costmodel.graphs.equations.algebra import Value


@dataclass(frozen=True)
class FpgaCost:
    """In the units of `rtl.synthesis.Resources`.

    Attributes:
        luts: logic cells of iCE40, LUT4 sites of ECP5 (TRELLIS_COMB), LUT sites of Xilinx.
        ffs: flip-flops.
        brams: memory blocks: 4 kbit of iCE40, 18 kbit of ECP5, 36 kbit and halves of Xilinx.
        dsps: multiplier blocks.
        fmax_hz: highest clock [Hz]; None where nothing is placed: of Xilinx.
    """

    luts: Value
    ffs: Value
    brams: Value
    dsps: Value
    fmax_hz: Value | None

    def plain(self) -> "FpgaCost":
        """With floats, where all are numbers."""
        fmax_hz = None if self.fmax_hz is None else float(self.fmax_hz)
        return FpgaCost(float(self.luts), float(self.ffs), float(self.brams), float(self.dsps), fmax_hz)
