"""Where a memory lies, by family of FPGA: in blocks, or in look-up tables where it is shallow."""

BLOCK, DISTRIBUTED = "block", "distributed"

SHALLOW = {"ice40": 0, "ecp5": 32, "xilinx": 64}
"""Words up to which a memory that is written lies in look-up tables: iCE40 has no such, ECP5's hold 16 words, Xilinx' 32 or 64."""


def style(family: str, depth: int) -> str:
    """ "block" or "distributed"."""
    return DISTRIBUTED if depth <= SHALLOW[family] else BLOCK


def attributes(family: str, depth: int) -> dict[str, object]:
    """What tells synthesis so. What ours read of a word as it is written is never used, so no guard is needed."""
    return {"ram_style": style(family, depth), "no_rw_check": 1}


def rom_attributes() -> dict[str, object]:
    """Of memories that are only read: blocks."""
    return {"ram_style": BLOCK}
