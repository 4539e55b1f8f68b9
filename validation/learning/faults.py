"""What stops a run, told so that it can be mended: a loss that is no number, and memory that does not suffice."""

import traceback
from collections.abc import Callable

import torch

from costmodel.graphs.errors import InputError
from costmodel.validation.learning.learner import Learner


def check_finite(loss: torch.Tensor, learner: Learner, values: torch.Tensor, epoch: int, dice: torch.Generator) -> None:
    """Stops where a loss or a gradient is no number, with the layer in which it began.

    Raises:
        InputError: names the epoch and the node; the weights are those of before this batch's step.
    """
    grads = {name: p.grad for name, p in learner.named_parameters() if p.grad is not None}
    if bool(loss.isfinite()) and all(bool(grad.isfinite().all()) for grad in grads.values()):
        return
    raise InputError(
        f"epoch {epoch}: the loss is no longer a number, since {_origin(learner, values, grads, dice)}",
        mend="lower the learning rate, set 'clip', or make the surrogate less steep; the last whole epoch is kept",
        where=learner.network.where,
    )


def _origin(learner: Learner, values: torch.Tensor, grads: dict[str, torch.Tensor], dice: torch.Generator) -> str:
    """Where it began: the first node whose weights are not finite, or that sends what is not, or else a gradient."""
    for name, tensor in learner.named_parameters():
        if not tensor.isfinite().all():
            return f"'{_node(name)}' has weights that are not finite"
    with torch.no_grad():
        sent = getattr(learner(learner.encode(values, dice)), "sent", {})
    for node in learner.network.shapes:
        if node in sent and not sent[node].isfinite().all():
            return f"'{node}' sends values that are not finite"
    bad = [_node(name) for name, grad in grads.items() if not grad.isfinite().all()]
    return f"the gradient of '{bad[-1]}' is not finite" if bad else "the loss itself has no finite value"


def _node(parameter: str) -> str:
    """The node of a parameter's name in the model."""
    parts = parameter.split(".")
    return (parts[parts.index("parts") + 1] if "parts" in parts else parts[0]).replace("/", ".")


def too_large(error: Exception, samples: int, fits: Callable[[int], bool], where: str) -> Exception:
    """The error of a batch that memory does not hold, with a batch that it does; any other error as it is.

    Args:
        error: that the batch ended in.
        samples: of the batch.
        fits: whether a forward and backward pass of so many of them goes through.
        where: what errors call the network.
    """
    text = str(error).lower()
    if not isinstance(error, MemoryError) and not any(
        words in text for words in ("out of memory", "can't allocate", "cannot allocate")
    ):
        return error
    traceback.clear_frames(error.__traceback__)  # what the failed pass holds would count against smaller ones
    fitting = next((size for size in _halves(samples) if fits(size + size // 2)), 0)
    mend = f"--batch {fitting} fits" if fitting else "not even one sample fits: take fewer time steps or smaller layers"
    what = f"a batch of {samples} needs more memory than there is"
    return InputError(what, mend=mend, where=where)


def _halves(size: int) -> list[int]:
    """Smaller batches to try: a half, a quarter, and so on. Each must go through with half as many samples again, for a whole run
    also holds the optimiser's state, and its memory falls to pieces."""
    return [size >> k for k in range(1, size.bit_length())]
