"""What a simulation is asked, checked, and what it gives back."""
# Amaranth makes members at run time, where static types cannot follow.
# pyright: reportAttributeAccessIssue=false

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from amaranth.hdl import Shape
from amaranth.lib import data, wiring
from numpy.typing import ArrayLike

from costmodel.graphs.errors import InputError

PATIENCE = 1_000_000
Pattern = Sequence[bool] | np.ndarray | None


@dataclass(frozen=True, eq=False)
class Trace:
    """What came out of a core, and when. Cycle 0 is the first clock edge after reset.

    Args:
        answers: packed payloads of the answers, in order (uint64).
        taken: for each token that was accepted, the cycle in which it was (int64).
        given: for each answer, the cycle in which it came out (int64).
        cycles: clock cycles in all, the one of the last answer included.
    """

    answers: np.ndarray
    taken: np.ndarray
    given: np.ndarray
    cycles: int


@dataclass(frozen=True, eq=False)
class Job:
    """One simulation, checked.

    Args:
        tokens: packed payloads to offer (uint64).
        final_mask: the bits ``last`` and ``final`` of an answer.
        finals: it ends with so many ends of samples; 1 or more.
        patience: cycles without a transfer after which it is a deadlock; 1 or more.
        offers: by cycle, round and round: may a new token be offered (uint8)? Empty: always.
        accepts: the same for an answer: is it accepted?
    """

    tokens: np.ndarray
    final_mask: int
    finals: int
    patience: int
    offers: np.ndarray
    accepts: np.ndarray

    def deadlock(self, cycle: int, taken: int, answers: int, missing: int) -> InputError:
        """The error that says where it stands still: ``missing`` ends of samples have yet to come."""
        return InputError(
            f"a deadlock: up to cycle {cycle} nothing was taken or given for {self.patience} cycles, when {taken} of "
            f"{len(self.tokens)} tokens had gone in, {answers} answers had come out, and {missing} of {self.finals} samples "
            "had yet to end",
            mend="mend the core or the tokens, or give it more patience if it works that long",
        )


def check_core(core: wiring.Component) -> None:
    """Refuses what cannot be simulated.

    Raises:
        InputError: a stream, or a bit that ends samples, is missing, or a payload has more than 64 bits.
    """
    for name in ("events", "answers"):
        payload = getattr(getattr(core, name, core), "payload", core)
        shape = payload.shape() if isinstance(payload, data.View) else data.StructLayout({})
        if not {"last", "final"} <= {field for field, _ in shape}:
            what = f"{type(core).__name__} has no stream '{name}' of tokens"
            raise InputError(what, mend="make it a stream of costmodel.rtl.token.Token")
        if Shape.cast(shape).width > 64:
            raise InputError(f"tokens of '{name}' have {Shape.cast(shape).width} bits", mend="64 or fewer can be simulated")


def make_job(
    core: wiring.Component, tokens: ArrayLike, finals: int | None, patience: int, offers: Pattern, accepts: Pattern
) -> Job:
    """The job of a core; for the arguments see `rtl.simulation.prepared.Simulation.run`.

    Raises:
        InputError: an argument is at fault.
    """
    shape = core.events.payload.shape()
    payloads = _payloads(tokens, Shape.cast(shape).width)
    mask = np.uint64(_final_mask(shape))
    ends = int(np.count_nonzero((payloads & mask) == mask)) if finals is None else finals
    if ends < 1:
        raise InputError(
            f"{ends} ends of samples are waited for, 1 or more are needed", mend="mark the last token as last and final"
        )
    if patience < 1:
        raise InputError(f"patience is {patience}, 1 cycle or more is needed")
    return Job(
        payloads,
        _final_mask(core.answers.payload.shape()),
        ends,
        patience,
        _pattern("offers", offers),
        _pattern("accepts", accepts),
    )


def _final_mask(shape: data.Layout) -> int:
    return 1 << shape["last"].offset | 1 << shape["final"].offset


def _payloads(tokens: ArrayLike, bits: int) -> np.ndarray:
    found = np.asarray(tokens)
    if found.ndim != 1 or (found.size and found.dtype.kind not in "ui"):
        raise InputError(f"tokens are {found.dtype} of shape {found.shape}", mend="give a row of unsigned integers")
    if found.size and (found.min() < 0 or int(found.max()) >> bits):
        raise InputError(f"tokens run from {found.min()} to {found.max()}, 0 to {(1 << bits) - 1} fits {bits} bits")
    return np.ascontiguousarray(found, np.uint64)


def _pattern(name: str, pattern: Pattern) -> np.ndarray:
    if pattern is None:
        return np.zeros(0, np.uint8)
    found = np.ascontiguousarray(np.asarray(pattern, bool), np.uint8)
    if found.ndim != 1 or not found.any():
        raise InputError(f"the pattern '{name}' never holds", mend="give a row of booleans that has a True")
    return found
