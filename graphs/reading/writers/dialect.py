"""What a NIR file leaves open, in words."""

from dataclasses import dataclass
from typing import Literal

Integrator = Literal["exact", "euler"]
Reset = Literal["subtract", "zero", "value"]
INTEGRATORS = ("exact", "euler")
RESETS = ("subtract", "zero", "value")


@dataclass(frozen=True)
class Dialect:
    """What is to be taken for granted where a NIR file is silent; None: as the file stands.

    Attributes:
        writer: the framework.
        dt: length of a step, s.
        integrator: "exact", each step the solution of the equations; or "euler", x ← x + dt dx/dt.
        reset: "subtract" the threshold, set to "zero", or to the file's own "value".
        tau: how the file counts its time constants, in words; they are s unless the framework says otherwise.
        batched: whether the shape of an input is written with batch or time first.
        lost: what a layer may have that its files do not say, in words.
    """

    writer: str | None = None
    dt: float | None = None
    integrator: Integrator | None = None
    reset: Reset | None = None
    tau: str = "s"
    batched: bool = False
    lost: str = ""


PLAIN = Dialect()
"""As the file stands: exact steps."""
