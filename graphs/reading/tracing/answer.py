"""What of a module's results is the network's answer, and how it is read."""

from costmodel.graphs.reading.tracing.axes import leaves
from costmodel.graphs.reading.tracing.calls import Value
from costmodel.graphs.reading.tracing.folding import Feed, Folded, Node

_READ = frozenset(
    [
        "argmax",
        "argmin",
        "topk",
        "log_softmax",
        "cumsum",
        "eq",
        "ne",
        "gt",
        "lt",
        "ge",
        "le",
        "any",
        "all",
        "std",
        "var",
        "norm",
        "cross_entropy",
        "nll_loss",
        "mse_loss",
        "one_hot",
        "min",
        "median",
        "mode",
        "logsumexp",
        "exp",
        "log",
        "where",
        "clamp",
        "pow",
        "round",
        "float",
        "int",
        "long",
        "bool",
    ]
)
_FACTORS = ("scale", "softmax", "activation")


def answers(folded: Folded) -> tuple[list[int], str | None]:
    """The nodes whose output the module returns, read at most; and "sum", "mean" or "max" where that is done over time."""
    found: list[int] = []
    how = None
    for feed in folded.results:
        place, over = _read(folded, feed.source)
        how = how or over
        if place >= 0 and place not in found:
            found.append(place)
    return found, how


def _read(folded: Folded, place: int) -> tuple[int, str | None]:
    """The node behind functions that only read, and what was done over time.

    Factors and the like count among those behind a sum over time alone: before it they are the network's.
    """
    if place < 0:
        return place, None
    node = folded.nodes[place]
    sources = {f.source for f in node.operands if isinstance(f, Feed)} - {place}
    if (over := _over_time(node, place)) is not None and len(sources) == 1:
        return _read(folded, sources.pop())[0], over
    if _late(node) and (below := _added(folded, place)) is not None:
        return below, "sum"
    if len(sources) == 1 and _only_reads(node):
        return _read(folded, sources.pop())
    if len(sources) == 1 and node.call.operation.kind in _FACTORS:
        below, how = _read(folded, sources.pop())
        return (below, how) if how is not None else (place, None)
    return place, None


def _only_reads(node: Node) -> bool:
    operation = node.call.operation
    if operation.kind == "join":
        return len(node.operands) == 1
    return operation.kind == "unknown" and str(operation.fields["function"]).strip("_") in _READ


def _over_time(node: Node, place: int) -> str | None:
    """What a node does over all time steps: a reduction, or a running sum."""
    operation = node.call.operation
    if operation.kind == "sum" and any(isinstance(f, Feed) and f.source == place for f in node.operands):
        return "sum"
    value = node.values.get(0)
    if operation.kind != "reduce" or not isinstance(value, Value):
        return None
    dims = operation.dims["axes"]
    assert isinstance(dims, tuple)
    counts = any(leaf.role == "time" for dim in dims for leaf in leaves([value.axes[dim]]))
    return str(operation.fields["operation"]) if counts else None


def _late(node: Node) -> bool:
    """Whether a sum adds what was sent at different steps."""
    return node.call.operation.kind == "sum" and len({f.lag for f in node.operands if isinstance(f, Feed)}) > 1


def _added(folded: Folded, place: int) -> int | None:
    """The one node whose steps a chain of sums adds up."""
    seen, waiting, found = {place}, [place], set()
    while waiting:
        for feed in folded.nodes[waiting.pop()].operands:
            if not isinstance(feed, Feed) or feed.source in seen:
                continue
            if feed.source >= 0 and folded.nodes[feed.source].call.operation.kind == "sum":
                seen.add(feed.source)
                waiting.append(feed.source)
            else:
                found.add(feed.source)
    return found.pop() if len(found) == 1 else None
