"""Rockpool's torch neurons as nodes, read off its release 3.1: decays of ``dt``, data as (batch, time, neurons)."""

from typing import Any

import numpy as np

from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules.layer import Layer, put

NEURONS = frozenset(["LIFTorch", "LIFBitshiftTorch", "aLIFTorch", "ExpSynTorch"])
STATEFUL = frozenset(["LIFBaseTorch", "LIFNeuronTorch", "UpDownTorch"])


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
        dt: length of a step, s, which is the layer's own.
        where: what errors call it.

    Raises:
        InputError: it does something that the nodes would not.
    """
    _check(part, where)
    kind = type(part).__name__
    if kind == "ExpSynTorch":
        return _synapses(part, shape, dt)
    fields, arrays = {"type": "cubalif-ahp" if kind == "aLIFTorch" else "cubalif-decays"}, {}
    found = {"alpha": part.alpha, "beta": part.beta.reshape(-1), "bias": part.bias, "v_threshold": part.threshold}
    if kind == "aLIFTorch":
        found |= {"gamma": part.gamma, "w_ahp": part.w_ahp}
    for name, values in found.items():
        put(fields, arrays, name, _each(values, shape))
    if not bool(part._has_rec):
        return Layer({"": fields}, {"": arrays}, time="second")
    weight = np.ascontiguousarray(part.w_rec.detach().cpu().numpy().T)
    back = {"type": "linear", "features": int(weight.shape[0]), "bias": False}
    return Layer(
        {"": fields, "w_rec": back}, {"": arrays, "w_rec": {"weight": weight}}, (("", "w_rec"), ("w_rec", "")), time="second"
    )


def _synapses(part: Any, shape: tuple[int, ...], dt: float) -> Layer:
    """Synapses that send their current, i ← β (i + I): an integrator whose leak and gain give β twice."""
    fields, arrays = {"type": "li"}, {}
    tau = _each(part.tau, shape)
    kept = np.exp(-part.dt / tau.astype(np.float64))
    put(fields, arrays, "tau", np.vectorize(lambda x: float(str(x)), otypes=[np.float64])(tau))
    put(fields, arrays, "r", kept / (1 - kept))
    return Layer({"": fields}, {"": arrays}, time="second")


def _each(values: Any, shape: tuple[int, ...]) -> np.ndarray:
    """One value a neuron."""
    return np.array(np.broadcast_to(values.detach().cpu().numpy(), shape))


def _check(part: Any, where: str) -> None:
    """Refuses what a node would drop."""
    synapses, most = getattr(part, "n_synapses", 1), float(getattr(part, "max_spikes_per_dt", 1))
    lost = {
        f"it sends up to {most:g} spikes in a step": (
            most != 1,
            "give it max_spikes_per_dt=1, and look again",
        ),
        "its noise_std adds noise": (float(part.noise_std) != 0, "set noise_std to 0; noise is the network file's"),
        f"each of its neurons has {synapses} synapses": (synapses != 1, "give each neuron one, shape=N"),
    }
    for what, (found, mend) in lost.items():
        if found:
            raise InputError(what, mend=mend, where=where)
