"""What a circuit takes of a part."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Resources:
    """What a component takes of a part, without anything that was added around it to place it.

    ``luts``, ``ffs``, ``brams`` and ``dsps`` are in the part's own units, those that its vendor counts and papers print; the
    part's class says what they are. Figures of different families do not compare: a LUT has 4 inputs here and 6 there.

    Attributes:
        luts: look-up tables that are occupied, those of carries and small memories included.
        ffs: flip-flops.
        brams: memory blocks; halves where the family counts halves of a block.
        dsps: multiplier blocks.
        fmax_hz: the highest clock that the placed design meets [Hz]; None where nothing was placed.
        cells: the cells that yosys maps to, by type, before anything is packed.
        placed: the cells that nextpnr places, by type; empty where nothing was placed.
    """

    luts: int
    ffs: int
    brams: float
    dsps: int
    fmax_hz: float | None
    cells: dict[str, int] = field(default_factory=dict)
    placed: dict[str, int] = field(default_factory=dict)
