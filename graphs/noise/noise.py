"""What a noise is."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from costmodel.graphs.errors import InputError
from costmodel.graphs.settings.registry import Family, Member

if TYPE_CHECKING:
    import torch


class Noise(Member):
    """A disturbance of a network as it runs. A subclass in a file of this folder enters by its ``type``; it overrides what it does.

    Whatever is random is drawn from ``dice``, so that a run can be repeated.
    """

    during: Literal["training", "test", "both"] = Field(default="both", description="when it acts")

    def acts(self, *, training: bool) -> bool:
        """Whether it acts in that phase."""
        return self.during == "both" or (self.during == "training") == training

    def values(self, values: "torch.Tensor", progress: float, dice: "torch.Generator") -> "torch.Tensor":
        """Samples as a disturbed sensor gives them.

        Args:
            values: (S, batch, *shape).
            progress: how far the run is, from 0 to 1.
            dice: where to draw from.
        """
        return values

    def weights(self, weight: "torch.Tensor", dice: "torch.Generator") -> "torch.Tensor":
        """Weights as the hardware applies them in one pass; differentiable, if need be by passing gradients straight through."""
        return weight

    def parameters(self, name: str, value: "torch.Tensor", neurons: int, dice: "torch.Generator") -> "torch.Tensor":
        """A neuron parameter as the hardware has it: a fixed pattern, drawn once.

        Args:
            name: of the parameter.
            value: one, or one per neuron.
            neurons: how many neurons there are.
            dice: where to draw from.
        """
        return value

    def spikes(self, sent: "torch.Tensor", dt: float, dice: "torch.Generator") -> "torch.Tensor":
        """Spikes (T, batch, …) as they arrive elsewhere; differentiable."""
        return sent

    def times(self, times: "torch.Tensor", dice: "torch.Generator") -> "torch.Tensor":
        """Spike times (…), s, as they arrive elsewhere; infinite where there is no spike; differentiable."""
        return times

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Registers the class under its type name."""
        super().__pydantic_init_subclass__(**kwargs)
        NOISES.add(cls)


NOISES: Family[Noise] = Family("costmodel.graphs.noise", "noise")
AnyNoise = Annotated[Noise, NOISES]
"""The field of a network file that holds a noise."""


def read_noise(word: str) -> Noise:
    """A noise from a word of the command line: ``TYPE``, or ``TYPE:KEY=VALUE,KEY=VALUE``.

    A type that names the key for it takes a bare first word as well, ``TYPE:VALUE,KEY=VALUE``.

    Raises:
        InputError: no such type or key, or a value that makes no sense.
    """
    kind, _, rest = word.partition(":")
    found: dict[str, object] = {"type": kind}
    member = NOISES.members().get(kind)
    for place, part in enumerate(filter(None, rest.split(","))):
        key, equals, value = part.partition("=")
        if not equals and place == 0 and member is not None and member.bare is not None:
            key, equals, value = member.bare, "=", part
        if not equals:
            raise InputError(f"'{part}' says nothing", mend="write TYPE:KEY=VALUE, as in weight-clipping:limit=0.5", where=word)
        try:
            found[key] = float(value) if "." in value or "e" in value else int(value)
        except ValueError:
            found[key] = value
    try:
        return NOISES.read(found)
    except InputError as error:
        raise error.at(f"--noise {word}") from None


def straight_through(value: "torch.Tensor", like: "torch.Tensor") -> "torch.Tensor":
    """``value``, with the gradient of ``like``."""
    return like + (value - like).detach()


def normal(like: "torch.Tensor", dice: "torch.Generator") -> "torch.Tensor":
    """Standard normal numbers of a tensor's shape, drawn on the CPU, where the dice are."""
    import torch

    return torch.randn(like.shape, generator=dice, dtype=like.dtype).to(like.device)
