"""Weights as arrays of memristors apply them."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from costmodel.graphs.noise.noise import Noise
from costmodel.graphs.settings.fields import Ohms, Seconds

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""A relative deviation, or an exponent."""


class MemFPAA(Noise):
    """Few levels, scattered conductances, lines with resistance, read noise and drift: those of the part memfpaa-PROCESS.

    What is not given here is the part's. What it does to weights is in ``validation/disturbances/arrays.py``.
    """

    bare: ClassVar[str | None] = "process"

    type: str = "memfpaa"
    process: str = Field(min_length=1, description="of the cells: hfox for the part memfpaa-hfox, or a part file (.toml)")
    age: Seconds = Field(default=0.0, ge=0, allow_inf_nan=False, description="since programming, s; drift begins at 1 s")
    levels: Annotated[int, Strict(), Field(ge=2, le=2**24)] | None = Field(
        default=None, description="levels of a cell, one pair of cells a weight; by default as network or part have bits"
    )
    spread: Share | None = Field(default=None, description="relative deviation of a programmed conductance")
    read_noise: Share | None = Field(default=None, description="relative read noise of a conductance")
    drift: Share | None = Field(default=None, description="exponent ν of G ∝ t^−ν")
    r_wire: Annotated[Ohms, Field(ge=0, allow_inf_nan=False)] | None = Field(
        default=None, description="line resistance per cell; with 0, drivers and amplifiers still have theirs"
    )
    gain: Literal["nominal", "calibrated"] = Field(
        default="nominal", description="calibrated: each layer's amplifiers make up for what wires and drift take on average"
    )

    def values_of_part(self) -> dict[str, float]:
        """Parameters of the part that are given here, by the part's names."""
        given = {"g_spread": self.spread, "g_noise": self.read_noise, "g_drift": self.drift, "r_wire": self.r_wire}
        return {name: value for name, value in given.items() if value is not None}
