"""The shape of a sample, where an exporter writes that of the batch which it was given."""

from collections.abc import Mapping

import numpy as np

Nodes = Mapping[str, dict]
Edges = list[tuple[str, str]]


def without_batch(key: str, found: Nodes, edges: Edges, *, batched: bool) -> str | None:
    """Takes the axes of batch and time off an input's shape, which is changed in place; NIR's shapes are those of a sample.

    Args:
        key: a node; only an Input is looked at.
        found, edges: of the graph.
        batched: whether its writer puts batch and time first: axes of any size then, and what a matrix receives is a vector where
            nothing else says how many axes it has. Else axes of 1 alone, which no sample needs.

    Returns:
        What was done, in words; None where nothing was.
    """
    node = found[key]
    if node["type"] != "Input" or node.get("shape") is None:
        return None
    shape = np.ravel(node["shape"]).tolist()
    needed = min((_axes(target, found, edges, batched=batched) for source, target in edges if source == key), default=len(shape))
    if not needed < len(shape):
        return None
    extra = len(shape) - int(needed)
    if not batched and any(size != 1 for size in shape[:extra]):
        return None
    node["shape"] = np.array(shape[extra:])
    several = "axes" if extra > 1 else "axis"
    what = (
        f"its first {several}, which {'are' if extra > 1 else 'is'} batch or time" if batched else f"{several} of 1 for the batch"
    )
    return f"'{key}': shape {tuple(shape)} read as {tuple(shape[extra:])}, without {what}"


def _axes(key: str, found: Nodes, edges: Edges, *, batched: bool) -> float:
    """Axes of the samples that a node takes, as arrays say: a convolution's own, those of neurons, for a product with a matrix,
    which any number of axes may precede, those of the neurons behind it; infinite where nothing says."""
    node = found[key]
    if node["type"] in ("Affine", "Linear"):
        behind = (target for source, target in edges if source == key and found[target]["type"] not in ("Affine", "Linear"))
        known = min((_axes(target, found, edges, batched=batched) for target in behind), default=np.inf)
        return 1 if batched and known == np.inf else known
    of_neurons = (np.shape(node[name]) for name in ("tau", "tau_mem", "r") if node.get(name) is not None)
    own = max((len(shape) for shape in of_neurons if shape and shape != (1,)), default=np.inf)
    return {"Conv1d": 2, "Conv2d": 3, "SumPool2d": 3, "AvgPool2d": 3}.get(node["type"], own)
