"""How many bits a datapath works with, and what its multipliers are made of."""

from dataclasses import dataclass

from costmodel.graphs.errors import InputError


@dataclass(frozen=True)
class Precision:
    """Widths and choices.

    Args:
        state_bits: width of a stored state, 4 to 24; the membrane is wider where a step's sum of weights needs it.
        constant_bits: significant bits of a constant that multiplies, 2 to 16. A factor within 0.5 to 1.5 is written as
            1 ± c with so many bits of c, so that a slow leak keeps its time constant. Constants that differ between neurons
            have ``state_bits``.
        multiply: products by constants are "shift-add" (canonical signed digits) or "dsp" (one multiplier each). Products
            of variables and of constants that differ from neuron to neuron are always multipliers.
        decay: "multiply" takes leak factors as they are; "shift" takes the nearest 1 − 2^−k for those within 0.5 to 1.
        table_bits: a table has 2^table_bits entries, 4 to 14.

    Raises:
        InputError: a value out of bounds.
    """

    state_bits: int = 16
    constant_bits: int = 12
    multiply: str = "shift-add"
    decay: str = "multiply"
    table_bits: int = 10

    def __post_init__(self) -> None:
        for name, low, high in (("state_bits", 4, 24), ("constant_bits", 2, 16), ("table_bits", 4, 14)):
            value = getattr(self, name)
            if not isinstance(value, int) or not low <= value <= high:
                raise InputError(f"{name} is {value}, a whole number of {low} to {high} is needed")
        for name, known in (("multiply", ("shift-add", "dsp")), ("decay", ("multiply", "shift"))):
            if getattr(self, name) not in known:
                raise InputError(f"{name} is '{getattr(self, name)}'", mend="take " + " or ".join(f"'{k}'" for k in known))

    @property
    def operand_bits(self) -> tuple[int, int]:
        """Widest operands of a multiplier, the narrower first; wider ones lose their lowest bits.

        (18, 24) for 16-bit states: what a DSP block of 18 × 25 bits takes.
        """
        return self.state_bits + 2, self.state_bits + 8
