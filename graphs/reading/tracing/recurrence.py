"""The first step: what a torch module receives there before a step before it has sent anything."""

from dataclasses import replace

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.recurrent_bias import move
from costmodel.graphs.reading.tracing.calls import Constant
from costmodel.graphs.reading.tracing.document import Document
from costmodel.graphs.reading.tracing.folding import Feed, Folded


def retime(folded: Folded, needed: set[int], loops: dict[int, int], where: str) -> None:
    """Puts a delay that a bias is sent without before the synapses, for in the first step the module receives that bias.

    Args:
        folded: the run.
        needed: numbers of the nodes that the answer depends on.
        loops: number of a node → the loop that it lies in.
        where: what errors call the module.

    Raises:
        InputError: in the first step it receives another constant.
    """
    for number in sorted(n for n in needed if n >= 0):
        node = folded.nodes[number]
        for i, constant in node.started.items():
            feed = node.operands[i]
            if not constant.array.any() or not isinstance(feed, Feed) or loops.get(number, -1) == loops.get(feed.source, -2):
                continue
            source = folded.nodes[feed.source]
            bias = source.call.operation.arrays.get("bias")
            users = [n for n in folded.nodes if any(isinstance(f, Feed) and f.source == feed.source for f in n.operands)]
            late = all(f.lag for n in users for f in n.operands if isinstance(f, Feed) and f.source == feed.source)
            if bias is None or not late or not _is(bias.array, constant.array):
                raise InputError(_CONSTANT, mend=_ZEROS, where=f"{where}: layer '{node.call.name}'")
            source.operands = [replace(f, lag=f.lag + 1) if isinstance(f, Feed) else f for f in source.operands]
            for user in users:
                user.operands = [
                    replace(f, lag=f.lag - 1) if isinstance(f, Feed) and f.source == feed.source else f for f in user.operands
                ]


_CONSTANT, _ZEROS = "in its first step it receives a constant, which later comes from a step before", "let it start with zeros"


def _is(bias: np.ndarray, constant: np.ndarray) -> bool:
    """Whether a constant is a bias, of features in the last axis or in that of channels."""
    if bias.shape[0] == constant.shape[-1] and np.array_equal(np.broadcast_to(bias, constant.shape), constant):
        return True
    if constant.ndim < 3:
        return False
    own = bias.reshape(-1, *(1,) * (constant.ndim - 2))
    return own.shape[0] == constant.shape[1] and np.array_equal(np.broadcast_to(own, constant.shape), constant)


def settle(made: Document) -> None:
    """Sees that the first step is the module's: here what comes back in a loop is nothing then, its bias neither.

    A recurrent bias that acts from the first step on in the module is moved to what feeds the neurons from outside.

    Raises:
        InputError: in the first step the module's neurons receive something else.
    """
    for number, node in enumerate(made.folded.nodes):
        for i, constant in node.started.items():
            if number in made.loops and constant.array.any():
                feed = node.operands[i]
                name = made.sent.get(feed.source, [""])[0] if not isinstance(feed, Constant) else ""
                _move(made, name, constant.array, f"{made.where}: layer '{node.call.name}'")
    for number, layer in made.layers.items():
        if number not in made.enters:
            continue
        for part in layer.nodes:
            source = f"{made.sent[number][0]}.{part}"
            if part and (part, "") in layer.edges and ("", part) in layer.edges and "bias" in made.arrays.get(source, {}):
                _move(made, source, made.arrays[source]["bias"], f"{made.where}: layer '{made.sent[number][0]}'")


def _move(made: Document, source: str, constant: np.ndarray, where: str) -> None:
    """Moves the bias of ``source``, which stands in a loop, to what else enters where it does."""
    own = made.arrays.get(source, {})
    bias = own.get("bias")
    if bias is None or not _is(bias, constant):
        raise InputError(_CONSTANT, mend=_ZEROS, where=where)
    made.edges = move(made.nodes, made.edges, made.arrays, source, made.add)
