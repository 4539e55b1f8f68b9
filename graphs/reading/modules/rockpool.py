"""Rockpool's torch neurons as nodes, read off its release 3.1: decays of ``dt``, data as (batch, time, neurons)."""

from typing import Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules.layer import Layer, put

NEURONS = frozenset(["LIFTorch", "LIFBitshiftTorch"])
STATEFUL = frozenset(["LIFBaseTorch", "LIFNeuronTorch", "ExpSynTorch", "UpDownTorch"])


def step(part: Any) -> float:
    """Its dt, s."""
    return float(part.dt)


def reset(part: Any) -> None:
    """Forgets its states."""
    part.reset_state()


def layer(part: Any, shape: tuple[int, ...], dt: float, where: str) -> Layer:
    """A layer as nodes: the neurons, and as "w_rec" what brings their spikes back to them.

    Args:
        part: one of `NEURONS`.
        shape: of a sample's neurons.
        dt: no use: the layer has its own.
        where: what errors call it.

    Raises:
        InputError: it does something that the nodes would not.
    """
    del dt
    _check(part, where)
    fields, arrays = {"type": "cubalif-decays"}, {}
    decays = part.alpha, part.beta.reshape(-1)
    for name, values in zip(("alpha", "beta", "bias", "v_threshold"), (*decays, part.bias, part.threshold), strict=True):
        put(fields, arrays, name, np.array(np.broadcast_to(values.detach().cpu().numpy(), shape)))
    if not bool(part._has_rec):
        return Layer({"": fields}, {"": arrays}, time="second")
    weight = np.ascontiguousarray(part.w_rec.detach().cpu().numpy().T)
    back = {"type": "linear", "features": int(weight.shape[0]), "bias": False}
    return Layer(
        {"": fields, "w_rec": back}, {"": arrays, "w_rec": {"weight": weight}}, (("", "w_rec"), ("w_rec", "")), time="second"
    )


def _check(part: Any, where: str) -> None:
    """Refuses what a node would drop."""
    several = float(part.max_spikes_per_dt) != 1
    lost = {
        f"it sends up to {float(part.max_spikes_per_dt):g} spikes in a step": (
            several,
            "give it max_spikes_per_dt=1, and look again",
        ),
        "its noise_std adds noise": (float(part.noise_std) != 0, "set noise_std to 0; noise is the network file's"),
        f"each of its neurons has {part.n_synapses} synapses": (part.n_synapses != 1, "give each neuron one, shape=N"),
    }
    for what, (found, mend) in lost.items():
        if found:
            raise InputError(what, mend=mend, where=where)
