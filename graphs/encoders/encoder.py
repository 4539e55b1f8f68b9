"""What an encoder is."""

from typing import TYPE_CHECKING, Annotated, Any

from costmodel.graphs.errors import InputError
from costmodel.graphs.settings.registry import Family, Member

if TYPE_CHECKING:
    import torch

Shape = tuple[int, ...]


class Encoder(Member):
    """How samples become spikes, or values at every step. A subclass in a file of this folder enters by its ``type``."""

    @property
    def spiking(self) -> bool:
        """Whether it sends spikes rather than values."""
        return True

    @property
    def once(self) -> bool:
        """Whether an element sends at most once a sample."""
        return False

    @property
    def differentiable(self) -> bool:
        """Whether what it sends has a gradient by the values, exact or straight through."""
        return False

    def sample_shape(self, shape: Shape) -> Shape:
        """The shape of the values that become an input of ``shape``.

        Raises:
            InputError: no values do.
        """
        return shape

    def encode(self, values: "torch.Tensor", steps: int, dt: float, dice: "torch.Generator") -> "torch.Tensor":
        """What the network sees.

        Args:
            values: (S, batch, *sample shape), in 0 … 1 unless the encoder says otherwise; S is 1 for samples that stand still,
                and ``steps`` for sequences.
            steps: T, time steps of a sample.
            dt: length of a time step, s.
            dice: where random encoders draw from.

        Returns:
            (T, batch, *shape).

        Raises:
            InputError: it takes no such samples.
        """
        raise TypeError(f"encoder '{self.type}' does not encode")

    def times(self, values: "torch.Tensor", steps: int, dt: float) -> "torch.Tensor":
        """When each element spikes, (batch, *shape), s; infinite where it does not.

        Args:
            values, steps, dt: as in `encode`.

        Raises:
            InputError: elements do not spike once.
        """
        what = f"the encoder '{self.type}' gives no spike times"
        raise InputError(what, mend="event-driven rules (spikeprop, eventprop) need the encoder 'latency'")

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Registers the class under its type name."""
        super().__pydantic_init_subclass__(**kwargs)
        ENCODERS.add(cls)


ENCODERS: Family[Encoder] = Family("costmodel.graphs.encoders", "encoder")
AnyEncoder = Annotated[Encoder, ENCODERS]
"""The field of a network file that holds an encoder."""


def still(values: "torch.Tensor", encoder: str) -> "torch.Tensor":
    """The values of samples that stand still, (batch, *shape).

    Raises:
        InputError: they are sequences.
    """
    if len(values) != 1:
        mend = "encode sequences with 'direct', 'events', 'poisson' or 'delta'"
        raise InputError(f"the encoder '{encoder}' takes samples that stand still, and these have {len(values)} steps", mend=mend)
    return values[0]


def spread(values: "torch.Tensor", steps: int) -> "torch.Tensor":
    """The values at every step, (T, batch, *shape); those of samples that stand still without a copy.

    Raises:
        InputError: sequences of another length.
    """
    if len(values) not in (1, steps):
        what = f"the samples are sequences of {len(values)} steps, and the network runs {steps}"
        raise InputError(what, mend=f'write "timesteps": {len(values)}')
    return values.expand(steps, *values.shape[1:])
