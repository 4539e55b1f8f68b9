"""The axes of a traced tensor, each a product of parts, so that batch and time stay known through every change of shape.

What a part stands for is often learnt later than it is seen: a sample's first axis may be time or batch, and the first neuron
layer says which. Parts that must be the same are joined, and one that a reshape divides keeps its pieces.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from math import prod
from typing import Literal

from costmodel.graphs.errors import InputError

Role = Literal["time", "batch", "feature"]


class Part:
    """A factor of an axis, told apart by one index.

    Attributes:
        size: how many.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._role: Role | None = None
        self._same: Part | None = None
        self._pieces: tuple[Part, ...] = ()

    def leaves(self) -> "list[Part]":
        """The undivided parts that it stands for."""
        here = self._root()
        return [leaf for piece in here._pieces for leaf in piece.leaves()] if here._pieces else [here]

    def divide(self, first: int) -> "tuple[Part, Part]":
        """An undivided part as a product of ``first`` and the rest."""
        here = self._root()
        pieces = (Part(first), Part(here.size // first))
        for piece in pieces:
            piece._role = here._role
        here._pieces = pieces
        return pieces

    @property
    def role(self) -> Role | None:
        """What it stands for, as far as that is known."""
        return self._root()._role

    @property
    def lead(self) -> bool:
        """Whether it counts samples or time steps."""
        return self.role in ("time", "batch")

    def be(self, role: Role) -> None:
        """Says what an undivided part stands for.

        Raises:
            InputError: something else was said before, of more than one element.
        """
        here = self._root()
        if here.size > 1 and here._role not in (None, role):
            words = {"time": "time steps", "batch": "samples", "feature": "neurons"}
            what = f"an axis of {here.size} holds {words[here._role or role]} in one place and {words[role]} in another"
            raise InputError(what, mend="give a batch of 2 or more samples, laid out as the module's forward wants it")
        if here._role is None or here.size > 1:
            here._role = role

    def join(self, other: "Part") -> None:
        """Says that two are the same; those of different sizes (one of them 1) are left alone."""
        for mine, its in zip(self.leaves(), other.leaves(), strict=False):
            one, two = mine._root(), its._root()
            if one is two or one.size != two.size:
                continue
            if two._role is not None and one._role is not None and one.size > 1:
                one.be(two._role)
            one._role = one._role or two._role
            two._same = one

    def _root(self) -> "Part":
        here = self
        while here._same is not None:
            here = here._same
        return here


Axis = tuple[Part, ...]
Axes = tuple[Axis, ...]


def fresh(shape: Iterable[int]) -> Axes:
    """Axes of parts that nothing is known of."""
    return tuple((Part(size),) for size in shape)


def features(shape: Iterable[int]) -> Axes:
    """Axes of neurons."""
    axes = fresh(shape)
    hold(axes, "feature")
    return axes


def leaves(axes: Iterable[Axis]) -> list[Part]:
    """All undivided parts, in order."""
    return [leaf for axis in axes for part in axis for leaf in part.leaves()]


def hold(axes: Iterable[Axis], role: Role) -> None:
    """Says what all parts of some axes stand for.

    Raises:
        InputError: something else was said of one before.
    """
    for leaf in leaves(axes):
        leaf.be(role)


def same(one: Axes, other: Axes) -> None:
    """Says that two tensors that are combined element by element, aligned at their last axes, have the same axes."""
    for mine, its in zip(reversed(one), reversed(other), strict=False):
        a, b = leaves([mine]), leaves([its])
        if [x.size for x in a] == [x.size for x in b]:
            for left, right in zip(a, b, strict=True):
                left.join(right)


def broadcast(operands: Sequence[Axes]) -> Axes:
    """The axes of what elements of several tensors are combined to."""
    longest = max(len(axes) for axes in operands)
    padded = [(None,) * (longest - len(axes)) + axes for axes in operands]
    out = []
    for column in zip(*padded, strict=True):
        known = [axis for axis in column if axis is not None]
        out.append(max(known, key=lambda axis: prod(part.size for part in axis)))
    for axes in operands:
        same(tuple(out), axes)
    return tuple(out)


def reshaped(axes: Axes, shape: Sequence[int]) -> Axes:
    """The axes after a change of shape; elements keep their order. What cannot be followed becomes neurons.

    Raises:
        InputError: what cannot be followed counts samples or time steps.
    """
    waiting, out = deque(leaves(axes)), []
    for size in shape:
        axis: list[Part] = []
        have = 1
        while have < size or (size == 1 and not axis and waiting and waiting[0].size == 1):
            part = waiting.popleft()
            wanted = size // have
            if part.size > wanted or wanted % part.size:
                if part.size % wanted:
                    hold([(part, *waiting)], "feature")
                    return (*out, *features(shape[len(out) :]))
                part, rest = part.divide(wanted)
                waiting.appendleft(rest)
            axis.append(part)
            have *= part.size
        out.append(tuple(axis) or (Part(1),))
    return tuple(out)
