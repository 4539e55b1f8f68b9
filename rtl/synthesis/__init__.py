"""What a component takes of an FPGA: yosys and nextpnr are run on it, and what was used is read back."""

from pathlib import Path

from amaranth.lib import wiring

from costmodel.graphs.errors import InputError, nearest
from costmodel.rtl.synthesis import ecp5, ice40, xilinx
from costmodel.rtl.synthesis.part import Part, PlacedPart
from costmodel.rtl.synthesis.resources import Resources

__all__ = ["PARTS", "Part", "PlacedPart", "Resources", "find_part", "synthesise"]

PARTS: dict[str, Part] = {part.name: part for family in (ice40, ecp5, xilinx) for part in family.PARTS}


def find_part(name: str) -> Part:
    """The part of that name.

    Raises:
        InputError: if there is none.
    """
    if name not in PARTS:
        raise InputError(f"no part '{name}' can be synthesised for", mend=nearest(name, PARTS))
    return PARTS[name]


def synthesise(
    component: wiring.Component, part: str, folder: Path, *, seed: int = 1, frequency: float = 100e6, system: bool = False
) -> Resources:
    """Synthesise a component for a part, place and route it where the part's tools can, and count what it takes.

    The component is placed with registers at its ports, which are not counted. It has a reset (the port ``rst``). Memories
    are mapped with their contents: constant bits cost nothing.

    Args:
        component: any component in the domain ``sync``.
        part: a name in ``PARTS``.
        folder: where the tools' files and logs go; it is made, and what is there is overwritten.
        seed: of the placement: fmax varies with it by some percent, the counts hardly.
        frequency: the clock to aim for [Hz]. ``fmax_hz`` may be more or less; to miss it is no error.
        system: use yosys and nextpnr on PATH instead of the YoWASP packages.

    Raises:
        InputError: if the part is unknown, a tool is not installed or fails, or the component does not fit the part.
    """
    target = find_part(part)
    folder.mkdir(parents=True, exist_ok=True)
    return target.synthesise(component, folder, seed=seed, frequency=frequency, system=system)
