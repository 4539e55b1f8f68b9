"""Neurons in NIR's words: those that it has, and those that are one of them under another name."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.nodes.node import Shape
from costmodel.graphs.nodes.population import Population
from costmodel.graphs.reading.writers.neuron import SILENT

Arrays = Mapping[str, np.ndarray]
ELSEWHERE = "export to .json, which holds every neuron"


def written(node: Population, arrays: Arrays, shape: Shape, dt: float) -> tuple[dict[str, Any], str]:
    """A population as a NIR node: its parameters, each of the population's shape, in float64.

    Args:
        node: the population.
        arrays: its parameters that differ between neurons.
        shape: of the population.
        dt: length of a step, s.

    Returns:
        The node, and in words what it is written as, where that is not its own type.

    Raises:
        InputError: NIR has no such neuron, or no such reset.
    """
    own = {name: _each(arrays.get(name, value), shape) for name, value in node.parameters().items()}
    reset = node.reset_name()
    if node.neuron.nir is not None:
        if reset == "none":
            raise InputError("NIR's neurons are reset by their spikes", mend=f"give it another reset, or {ELSEWHERE}")
        if reset == "subtract":
            del own["v_reset"]
            return {"type": node.neuron.nir, **own, "metadata": {"reset": "subtract"}}, ""
        return {"type": node.neuron.nir, **own}, ""
    if node.type == "leaky" and reset == "zero":
        return _leaky(own, dt)
    what = f"NIR has no neuron '{node.type}'"
    mend = "give it reset 'zero', which is a LIF of NIR's" if node.type == "leaky" else ELSEWHERE
    raise InputError(what + (f" with reset '{reset}'" if reset is not None else ""), mend=mend)


def _each(value: float | np.ndarray, shape: Shape) -> np.ndarray:
    return np.broadcast_to(np.asarray(value, dtype=np.float64), shape).copy()


def _leaky(own: Mapping[str, np.ndarray], dt: float) -> tuple[dict[str, Any], str]:
    """`Leaky` that is reset to zero at once: an exact step leaves exp(−dt/τ) = β of the membrane and adds r (1 − β) I = I.

    With β = 1 it is an IF of r = 1 / dt. Where the threshold itself does not spike, v > θ, it is v ≥ the float32 after θ.
    """
    beta, theta = own["beta"], own["v_threshold"]
    zeros = np.zeros_like(beta)
    after = np.nextafter(theta.astype(np.float32), np.float32(math.inf)).astype(np.float64)
    fires = {"v_threshold": after, "v_reset": zeros}
    if (beta == 1).all():
        return {
            "type": "IF",
            "r": np.full_like(beta, 1 / dt),
            **fires,
        }, "leaky with β = 1, written as the IF that takes the same steps"
    if (beta < 0).any() or (beta >= 1).any():
        what = f"β of {beta.min():g} to {beta.max():g} is no decay of NIR's"
        raise InputError(what, mend=f"give β from 0 to below 1, or 1 throughout, or {ELSEWHERE}")
    with np.errstate(divide="ignore"):
        tau = np.where(beta > 0, -dt / np.log(beta), SILENT * dt)
    return {
        "type": "LIF",
        "tau": tau,
        "r": 1 / (1 - beta),
        "v_leak": zeros,
        **fires,
    }, "leaky, written as the LIF that takes the same steps"
