"""What a neuron's kernel is made from: everything that changes its code."""

from dataclasses import dataclass, field

from costmodel.graphs.equations.neuron import Neuron


@dataclass(frozen=True)
class Recipe:
    """A neuron and how it is run and differentiated.

    Attributes:
        neuron: the neuron.
        reset: name of its reset; None is its default.
        zero: parameters that are 0 throughout, whose terms vanish.
        surrogate: name of the derivative put in place of the spike's.
        apart: states whose reset is not differentiated: the adjoint of such a state passes a spike as if none had been.
        repeats: substeps of a time step.
        trained: constants of the step whose gradients are wanted, in order.
    """

    neuron: type[Neuron]
    reset: str | None = None
    zero: frozenset[str] = field(default_factory=frozenset)
    surrogate: str = "fast-sigmoid"
    apart: frozenset[str] = field(default_factory=frozenset)
    repeats: int = 1
    trained: tuple[str, ...] = ()
