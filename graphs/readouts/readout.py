"""What a readout is."""

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from costmodel.graphs.errors import InputError
from costmodel.graphs.settings.registry import Family, Member

if TYPE_CHECKING:
    import torch


class Readout(Member):
    """How answers are read. A subclass in a file of this folder enters by its ``type``. The largest score is the answer."""

    reads: ClassVar[bool] = True
    """Whether answers leave the device at all."""

    @property
    def every_step(self) -> bool:
        """Whether it gives scores at every step rather than once a sample."""
        return False

    def scores(self, sent: "torch.Tensor", dt: float) -> "torch.Tensor":
        """The scores of every sample, (batch, K), differentiable; (T, batch, K) where it reads at every step.

        Args:
            sent: what the output sends, (T, batch, K).
            dt: length of a time step, s.
        """
        raise TypeError(f"readout '{self.type}' reads nothing")

    def scores_of_times(self, times: "torch.Tensor", duration: float) -> "torch.Tensor":
        """The scores of every sample from first-spike times.

        Args:
            times: (batch, K), s; infinite where a neuron does not spike.
            duration: of a sample, s.

        Raises:
            InputError: it does not read times.
        """
        what = f"the readout '{self.type}' does not read spike times"
        raise InputError(what, mend="event-driven rules (spikeprop, eventprop) need the readout 'first-spike'")

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Registers the class under its type name."""
        super().__pydantic_init_subclass__(**kwargs)
        READOUTS.add(cls)


READOUTS: Family[Readout] = Family("costmodel.graphs.readouts", "readout")
AnyReadout = Annotated[Readout, READOUTS]
"""The field of a network file that holds a readout."""
