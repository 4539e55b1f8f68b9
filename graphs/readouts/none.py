"""Nothing."""

from typing import TYPE_CHECKING, ClassVar

from costmodel.graphs.errors import InputError
from costmodel.graphs.readouts.readout import Readout

if TYPE_CHECKING:
    import torch


class Nothing(Readout):
    """Nothing is read: the network runs for itself, and no answer leaves the device."""

    type: str = "none"
    reads: ClassVar[bool] = False

    def scores(self, sent: "torch.Tensor", dt: float) -> "torch.Tensor":
        """None.

        Raises:
            InputError: always.
        """
        raise InputError("the readout 'none' gives no scores", mend="name another to train or to test the network")
