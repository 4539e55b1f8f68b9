"""Activity that was measured element by element: what its arrays are called, and what of it holds for other time steps."""

from collections.abc import Collection, Mapping

import numpy as np

Elements = Mapping[str, np.ndarray]
"""Node → events of each element per step, the mean over samples and steps, and more, as `graphs.lowering.activity.Activity` takes
it."""

RECEIVED = "received."
"""Before a node's id: what reaches the node, where several signals meet, and not what it sends."""

STEPS = "steps."
"""Before a node's id: what it sends at each time step, the mean over its elements."""


def node_of(name: str, nodes: Collection[str]) -> str:
    """The node that a measurement is of."""
    return name if name in nodes else name.removeprefix(RECEIVED).removeprefix(STEPS)


def carried(elements: Elements, once: Collection[str], share: float, timesteps: int) -> dict[str, np.ndarray]:
    """The activity of a network over another number of time steps, where what sends once a sample still does.

    What each step of so many sent says nothing of the steps of another number.

    Args:
        elements: the activity.
        once: nodes that send once a sample.
        share: time steps before, divided by those after.
        timesteps: time steps after.
    """
    kept = {name: array for name, array in elements.items() if not name.startswith(STEPS) or len(array) == timesteps}
    return kept if share == 1 else {name: array * share if name in once else array for name, array in kept.items()}


def without(elements: Elements, nodes: Collection[str], known: Collection[str]) -> dict[str, np.ndarray]:
    """The activity without that of some nodes, whose rates somebody gave."""
    return {name: array for name, array in elements.items() if node_of(name, known) not in nodes}
