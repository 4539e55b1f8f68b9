"""How active a module was in its run, element by element."""

from collections.abc import Iterator
from math import prod

import numpy as np
import torch

from costmodel.graphs.elements import RECEIVED, STEPS
from costmodel.graphs.reading.tracing.axes import Axes, leaves
from costmodel.graphs.reading.tracing.calls import Run, Value
from costmodel.graphs.reading.tracing.document import Document
from costmodel.graphs.reading.tracing.folding import Feed, Node
from costmodel.graphs.reading.tracing.mapping import sample_shape

_POOLS = [f"{kind}pool{n}d" for kind in ("max", "avg", "sum") for n in (1, 2, 3)]
COUNTED = frozenset(["neurons", "sum", "relu", "activation", "softmax", "product", "matmul", "reduce", *_POOLS])
"""Operations whose activity does not follow from that of what they receive."""


def measured(made: Document, run: Run) -> dict[str, np.ndarray]:
    """Node → events of each element per step, the mean over samples and steps; and more, as `graphs.lowering.activity` takes it.

    Args:
        made: the network document, made of the run.
        run: the run, in which what operations sent was kept.
    """
    found: dict[str, np.ndarray] = {}
    for index, sample in enumerate(run.samples):
        if (names := made.sent.get(-1 - index)) is not None:
            _keep(found, names[0], [(sample != 0).float()], run.inputs[index][0], made.folded.timesteps)
    for number, node in enumerate(made.folded.nodes):
        names = made.sent.get(number, [])
        if not node.sent or not names:
            continue
        if node.joint and isinstance(node.values[0], Value):
            found[RECEIVED + names[0]] = _mean(node.joint, node.values[0].axes)
        if node.call.operation.kind != "sum":
            _keep(found, names[0], node.sent, node.call.axes, made.folded.timesteps)
        elif len(names) > 1:
            share = _mean(node.sent, node.call.axes)
            for target, elements in _receiving(made, number, share):
                found[RECEIVED + target] = elements
    return found


def _receiving(made: Document, number: int, share: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """The nodes that a sum reaches, and its elements as they arrive there."""
    for place, node in enumerate(made.folded.nodes):
        for feed in node.operands:
            if not isinstance(feed, Feed) or feed.source != number or place not in made.sent:
                continue
            if feed.moved.nothing and len(made.sent[place]) == 1 and not _is_neurons(node):
                yield made.sent[place][0], share
            elif (target := made.moved.get(("moved", number, feed.moved))) is not None:
                yield target, share


def _is_neurons(node: Node) -> bool:
    return node.call.layer is not None or node.call.operation.kind == "sum"


def _keep(found: dict[str, np.ndarray], name: str, sent: list[torch.Tensor], axes: Axes, timesteps: int | None) -> None:
    found[name] = _mean(sent, axes)
    steps = _steps(sent, axes)
    if timesteps is not None and len(steps) == timesteps > 1:
        found[STEPS + name] = steps


def _mean(sent: list[torch.Tensor], axes: Axes) -> np.ndarray:
    """Mean over samples and steps, of the shape of one sample."""
    parts = leaves(axes)
    over = [i for i, leaf in enumerate(parts) if leaf.lead]
    total: torch.Tensor | None = None
    for x in sent:
        events = x.reshape([leaf.size for leaf in parts])
        each = events.sum(dim=over, dtype=torch.float64) if over else events.double()
        total = each if total is None else total + each
    assert total is not None
    count = len(sent) * prod(parts[i].size for i in over)
    return (total / count).reshape(sample_shape(axes)).numpy()


def _steps(sent: list[torch.Tensor], axes: Axes) -> np.ndarray:
    """Mean events of an element at each step."""
    parts = leaves(axes)
    times = [i for i, leaf in enumerate(parts) if leaf.role == "time" and leaf.size > 1]
    if len(times) != 1:
        return np.array([float(x.double().mean()) for x in sent])
    (time,) = times
    events = sent[0].reshape([leaf.size for leaf in parts])
    return events.double().mean(dim=[i for i in range(len(parts)) if i != time]).numpy()
