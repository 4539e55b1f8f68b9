"""What a NIR file leaves open, in words."""

from dataclasses import dataclass
from typing import Literal

Integrator = Literal["exact", "euler"]
Reset = Literal["subtract", "subtract-at-once", "zero", "value"]
INTEGRATORS = ("exact", "euler")
RESETS = ("subtract", "subtract-at-once", "zero", "value")


@dataclass(frozen=True)
class Dialect:
    """What is to be taken for granted where a NIR file is silent; None: as the file stands.

    Attributes:
        writer: the framework.
        dt: length of a step, s.
        integrator: "exact", each step the solution of the equations; or "euler", x ← x + dt dx/dt.
        reset: "subtract" the threshold, in the step that the writer does it in; "subtract-at-once", in the step of the spike, where
            the writer can do either; set to "zero", or to the file's own "value".
        delayed: whether the writer's spikes may take their threshold off a step later.
        tau: how the file counts its time constants, in words; they are s unless the framework says otherwise.
        batched: whether the shape of an input is written with batch or time first.
        lost: what a layer may have that its files do not say, in words.
    """

    writer: str | None = None
    dt: float | None = None
    integrator: Integrator | None = None
    reset: Reset | None = None
    delayed: bool = False
    tau: str = "s"
    batched: bool = False
    lost: str = ""


PLAIN = Dialect()
"""As the file stands: exact steps."""
