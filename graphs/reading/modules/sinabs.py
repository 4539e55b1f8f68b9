"""Sinabs' neurons as nodes: IF and LIF whose exact step of 1 ms is Sinabs' own, to the last bit of a float32.

Sinabs counts time in steps: v ← α v + g x, α = exp(−1/τ), g = 1 − α where the input is normalised, else 1; then a spike where
v ≥ θ, and the reset, in that step.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules.layer import Layer, put

if TYPE_CHECKING:
    import torch

_SINGLE = "spike_fn=sinabs.activation.SingleSpike"


NEURONS = frozenset(["IAF", "IAFSqueeze", "LIF", "LIFSqueeze", "ExpLeak", "ExpLeakSqueeze"])
STATEFUL = frozenset(["StatefulLayer"])


def step(part: "torch.nn.Module") -> None:
    """Sinabs counts steps."""


def reset(part: Any) -> None:
    """Forgets its states."""
    part.reset_states()


def layer(part: Any, shape: tuple[int, ...], dt: float, where: str) -> Layer:
    """A layer as a node.

    Args:
        part: one of `NEURONS`.
        shape: of a sample's neurons.
        dt: length of a step, s.
        where: what errors call it.

    Raises:
        InputError: it does something that the node would not.
    """
    del shape
    _check(part, where)
    kind = type(part).__name__.removesuffix("Squeeze")
    node, arrays = {"type": {"IAF": "if", "LIF": "lif", "ExpLeak": "li"}[kind]}, {}
    if kind == "IAF":
        put(node, arrays, "r", np.array(1 / dt))
    else:
        tau, r = _exact(part, dt, where)
        put(node, arrays, "tau", tau)
        put(node, arrays, "r", r)
    if part.spike_fn is not None:
        put(node, arrays, "v_threshold", part.spike_threshold.detach().cpu().numpy())
        node["reset"] = "value" if type(part.reset_fn).__name__ == "MembraneReset" else "subtract"
    if not type(part).__name__.endswith("Squeeze"):
        return Layer({"": node}, {"": arrays}, time="second")
    samples, steps = (size if size and size > 0 else None for size in (part.batch_size, part.num_timesteps))
    return Layer({"": node}, {"": arrays}, time="joined", samples=samples, steps=steps)


def _exact(layer: Any, dt: float, where: str) -> tuple[np.ndarray, np.ndarray]:
    """(time constant, gain) whose step has the decay and the gain that Sinabs computes in single precision."""
    alpha = layer.alpha_mem_calculated.detach().cpu()
    gain = (1 - alpha if layer.norm_input else alpha * 0 + 1).numpy().astype(np.float64)
    decay = alpha.numpy()
    if ((decay <= 0) | (decay >= 1)).any():
        raise InputError("its decay is not between 0 and 1", mend="use an IAF where nothing leaks", where=where)
    tau = -dt / np.log(decay.astype(np.float64))
    steps = np.vectorize(lambda x: float(str(x)), otypes=[np.float64])(layer.tau_mem_calculated.detach().cpu().numpy())
    tau = np.where(np.exp(-1 / steps).astype(np.float32) == decay, steps * dt, tau)  # 0.02, not 0.019999987
    return tau, gain / -np.expm1(-dt / tau)


def _check(layer: Any, where: str) -> None:
    """Refuses what a node would drop."""
    spike, reset = layer.spike_fn, getattr(layer, "reset_fn", None)
    kind, how = getattr(spike, "__name__", type(spike).__name__), type(reset).__name__
    once = spike is None or kind == "SingleSpike" or getattr(spike, "max_num_spikes_per_bin", None) == 1
    subtracted, threshold = getattr(reset, "subtract_value", None), getattr(layer, "spike_threshold", None)
    known = how in ("MembraneReset", "MembraneSubtract")
    lost = {
        "the synaptic time constant tau_syn, which Sinabs' NIR exporter drops": (
            layer.tau_syn_calculated is not None,
            "leave tau_syn at None, or write a network file",
        ),
        f"{kind}, which sends several spikes in a step": (not once, f"give it {_SINGLE} and look at the accuracy again"),
        "min_v_mem, which bounds its membrane from below": (layer.min_v_mem is not None, "leave min_v_mem at None"),
        f"the reset {how}, which is not known here": (spike is not None and not known, "take MembraneSubtract or MembraneReset"),
        "a reset_value, which Sinabs adds at every step": (getattr(reset, "reset_value", 0) != 0, "take MembraneReset()"),
        "a subtract_value other than its threshold": (
            spike is not None and subtracted is not None and bool((threshold != subtracted).any()),
            "take MembraneSubtract()",
        ),
    }
    for what, (found, mend) in lost.items():
        if found:
            raise InputError(f"the layer has {what}", mend=mend, where=where)
