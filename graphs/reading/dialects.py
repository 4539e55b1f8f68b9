"""What a NIR file leaves open, and what each framework means by it: time step, how neurons step, what a spike does.

A NIR graph is a set of differential equations. It holds neither the step that its writer took, nor the integrator, and its spikes
set the membrane to ``v_reset`` even where its writer subtracts. Frameworks write the parameters for which *their* step comes out:
``docs/nir-dialects.md`` has the table. (Pedersen et al., "Neuromorphic intermediate representation", Nature Communications 15,
8122, 2024, on continuous-time semantics.)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from costmodel.graphs.errors import InputError, nearest
from costmodel.graphs.network import Settings

Fields = dict[str, Any]
Own = dict[str, np.ndarray]

SILENT = 1e-3
"""Of a step: a time constant so short that nothing is left after one, exp(−1000) being 0."""


@dataclass(frozen=True)
class Dialect:
    """What is to be taken for granted where a NIR file is silent; None: as the file stands.

    Attributes:
        writer: the framework.
        dt: length of a step, s.
        integrator: "exact", each step the solution of the equations; or "euler", x ← x + dt dx/dt.
        reset: "subtract" the threshold, set to "zero", or to the file's own "value".
    """

    writer: Literal["snntorch", "spikingjelly"] | None = None
    dt: float | None = None
    integrator: Literal["exact", "euler"] | None = None
    reset: Literal["subtract", "zero", "value"] | None = None


PLAIN = Dialect()
"""As the file stands: exact steps."""

OURS = {"writer": "costmodel", "integrator": "exact", "spike": "v >= v_threshold"}
"""What a file that this product wrote says of itself in its metadata, besides its dt: nothing in it is open."""

FOR_NIR_ALONE = "leave out --from, --dt, --integrator and --reset, which are for .nir files"
"""How to mend a dialect given for a file that leaves nothing open."""

WRITERS = {
    "snntorch": Dialect("snntorch", 1e-4, "euler", "zero"),
    "spikingjelly": Dialect("spikingjelly", 1e-4, "euler", "value"),
}
"""Framework → what it writes and reads (snnTorch 1.0.0, SpikingJelly 2.0.0)."""


def dialect(writer: str | None = None, dt: float | None = None, integrator: str | None = None, reset: str | None = None) -> Dialect:
    """A dialect from words; what is given besides the writer replaces the writer's.

    Raises:
        InputError: a word that is not known, or a step of no length.
    """
    words = (("--from", writer, WRITERS), ("--integrator", integrator, _INTEGRATORS), ("--reset", reset, _RESETS))
    for option, word, known in words:
        if word is not None and word not in known:
            raise InputError(f"'{word}' is not known", mend=nearest(word, known), where=option)
    if dt is not None and not dt > 0:
        raise InputError(f"a step of {dt:g} s has no length", mend="give a time above 0, as in 0.1ms", where="--dt")
    given = {"dt": dt, "integrator": integrator, "reset": reset}
    found = PLAIN if writer is None else WRITERS[writer]
    return replace(found, **{name: value for name, value in given.items() if value is not None})


_INTEGRATORS = ("exact", "euler")
_RESETS = ("subtract", "zero", "value")


def understood(
    document: Fields, arrays: Mapping[str, Own], by: Dialect, where: str, writer: str | None = None
) -> tuple[Fields, dict[str, Own], list[str]]:
    """The document of a NIR graph in a dialect: neurons whose steps are the writer's.

    Args:
        document: as the graph stands.
        arrays: arrays of its nodes.
        by: the dialect.
        where: what errors call the file.
        writer: what the file itself says of who wrote it.

    Returns:
        Document and arrays, and what was taken for granted, in words.

    Raises:
        InputError: a neuron that the writer does not have, or whose Euler step has no decay between 0 and 1.
    """
    kinds = {node["type"] for node in document["nodes"]}
    if by == PLAIN and writer == OURS["writer"]:
        return document, dict(arrays), []
    if by == PLAIN:
        open_ = kinds & {"li", "lif", "cubali", "cubalif"}
        told = ["neurons take exact steps; give --from or --integrator euler where the file's writer did not"] if open_ else []
        if any(node.get("reset") == "subtract" for node in document["nodes"]):
            told.append("spikes subtract the threshold, for the file says no v_reset; --reset gives another")
        return document, dict(arrays), told
    dt = by.dt if by.dt is not None else document.get("dt", Settings.model_fields["dt"].default)
    nodes, own = [], {name: dict(values) for name, values in arrays.items()}
    for node in document["nodes"]:
        neuron = _Neuron(node, own.get(node["id"], {}), dt, by, f"{where}: node '{node['id']}'")
        changed = neuron.stepped()
        nodes.append(changed)
        own[node["id"]] = neuron.own
    told = f"time steps of {dt * 1e3:g} ms, neurons by {by.integrator or 'exact'} steps"
    told += f", as {by.writer} writes them" if by.writer else ""
    told += f", a spike's reset: {by.reset}" if by.reset else ""
    found = {**document, "dt": dt, "nodes": nodes, "provenance": f"{document['provenance']} Read with {told}."}
    return found, {name: values for name, values in own.items() if values}, [told]


class _Neuron:
    """A node on its way into a dialect: its fields, and parameters that differ between neurons."""

    def __init__(self, node: Fields, own: Own, dt: float, by: Dialect, where: str) -> None:
        self.node, self.own, self.dt, self.by, self.where = dict(node), dict(own), dt, by, where

    def stepped(self) -> Fields:
        """The fields of the node whose steps are the dialect's; other nodes as they are."""
        kind = self.node["type"]
        if kind not in ("if", "i", "lif", "li", "cubalif", "cubali"):
            return self.node
        if "v_threshold" in self.node:
            self._reset()
        writes = _WRITTEN.get(self.by.writer or "")
        if writes is not None:
            if kind not in writes:
                what, known = f"{self.by.writer} writes no neurons of type '{kind}'", ", ".join(writes)
                raise InputError(what, mend=f"it writes {known}: name the file's own writer", where=self.where)
            writes[kind](self)
        elif self.by.integrator == "euler":
            _EULER[kind](self)
        return self.node

    def _reset(self) -> None:
        if self.by.reset == "value" and "v_reset" not in self.node:
            raise InputError("the file says no v_reset", mend="give --reset zero or --reset subtract", where=self.where)
        if self.by.reset in ("subtract", "zero"):
            self.own.pop("v_reset", None)
            self.node.pop("v_reset", None)
            self.node |= {"reset": "subtract"} if self.by.reset == "subtract" else {"reset": "value", "v_reset": 0.0}

    def value(self, name: str) -> np.ndarray:
        """A parameter: one number, or one per neuron."""
        return np.asarray(self.own.get(name, self.node[name]), dtype=np.float64)

    def put(self, name: str, values: np.ndarray) -> None:
        """Sets a parameter: its mean, and where there are several the values, equal ones too, so that their shape is checked."""
        self.own.pop(name, None)
        self.node[name] = float(values.mean())
        if values.size > 1:
            self.own[name] = values

    def decay(self, name: str) -> np.ndarray:
        """1 − dt/τ, what Euler's step leaves of a state; to the float32 that frameworks keep, which removes τ's rounding.

        Raises:
            InputError: it is below 0, the step being longer than τ, or 1.
        """
        tau, step = self.value(name), f"an Euler step of {self.dt * 1e3:g} ms"
        with np.errstate(divide="ignore"):
            left = (1 - self.dt / tau).astype(np.float32).astype(np.float64)
        mend = "give the step of the file's writer with --dt or --from"
        if (tau <= 0).any() or (left < 0).any():
            raise InputError(f"{step} is longer than its {name} of {tau.min() * 1e3:.3g} ms", mend=mend, where=self.where)
        if (left >= 1).any():
            raise InputError(f"{step} leaves its {name} of {tau.max() * 1e3:.3g} ms as it is", mend=mend, where=self.where)
        return left

    def euler(self) -> None:
        """A state with the same share left after an exact step: τ' = −dt / ln(1 − dt/τ); its input's share is 1 − the same."""
        left = self.decay("tau")
        with np.errstate(divide="ignore"):
            self.put("tau", np.where(left > 0, -self.dt / np.log(left), SILENT * self.dt))

    def from_reset(self) -> None:
        """The membrane measured from ``v_reset``, where SpikingJelly's starts and this product's at 0."""
        if "v_reset" not in self.node:
            return
        start = self.value("v_reset")
        for name in ("v_leak", "v_threshold", "v_reset"):
            if name in self.node:
                self.put(name, self.value(name) - start)

    def euler_from_reset(self) -> None:
        """SpikingJelly's LIFNode: v ← v + (R I − (v − v_reset)) dt/τ."""
        self.euler()
        self.from_reset()

    def two_states(self) -> None:
        """Refuses: with two states an Euler step may take the current before or after its own step."""
        what = "an Euler step of a current and a membrane is not one step: NIR does not say which of both comes first"
        raise InputError(what, mend=f"name who wrote it: --from {' or '.join(WRITERS)}", where=self.where)

    def in_steps(self, kind: str, shares: Mapping[str, str], gain: np.ndarray) -> None:
        """A neuron without units of time: per state the share that a step leaves; its input's gain divides the threshold."""
        if (self.value("v_leak") != 0).any() or ("v_reset" in self.node and (self.value("v_reset") != 0).any()):
            what = f"{self.by.writer} has no such {self.node['type']}: its membrane rests at, and is reset to, 0"
            raise InputError(what, mend="name the file's own writer", where=self.where)
        if (gain <= 0).any():
            what, mend = f"an input has a gain of {gain.min():g}, which no threshold makes up for", "give it r and w_in above 0"
            raise InputError(what, mend=mend, where=self.where)
        reset = "subtract" if self.node["reset"] == "subtract" else "zero"
        threshold = self.value("v_threshold") / gain
        left = {share: self.decay(name) for share, name in shares.items()}
        self.node = {"id": self.node["id"], "type": kind, "reset": reset}
        self.own = {}
        for name, values in {**left, "v_threshold": threshold}.items():
            self.put(name, values)

    def gain(self, factor: str, tau: str) -> np.ndarray:
        """What a step adds of its input: factor · dt / τ, in the float32 of frameworks."""
        return (self.value(factor) * self.dt / self.value(tau)).astype(np.float32).astype(np.float64)

    def leaky(self) -> None:
        """snnTorch's Leaky: v ← β v + I."""
        self.in_steps("leaky", {"beta": "tau"}, self.gain("r", "tau"))

    def synaptic(self) -> None:
        """snnTorch's Synaptic, SpikingJelly's CUBALIFNode: i ← α i + I, v ← β v + i with the new i."""
        both = self.gain("r", "tau_mem") * self.gain("w_in", "tau_syn")
        self.in_steps("synaptic", {"alpha": "tau_syn", "beta": "tau_mem"}, both)

    def synaptic_from(self) -> None:
        """The same where the threshold itself spikes: v ≥ θ is v > the float32 before θ."""
        self.synaptic()
        self.put("v_threshold", np.nextafter(self.value("v_threshold").astype(np.float32), np.float32(-np.inf)).astype(float))


def _as_it_is(neuron: _Neuron) -> None:
    """What has no leak adds dt R I in either step."""
    del neuron


_EULER: dict[str, Callable[[_Neuron], None]] = {
    **dict.fromkeys(("if", "i"), _as_it_is),
    **dict.fromkeys(("lif", "li"), _Neuron.euler),
    **dict.fromkeys(("cubalif", "cubali"), _Neuron.two_states),
}
_WRITTEN: dict[str, dict[str, Callable[[_Neuron], None]]] = {
    "snntorch": {"lif": _Neuron.leaky, "cubalif": _Neuron.synaptic},
    "spikingjelly": {"if": _Neuron.from_reset, "lif": _Neuron.euler_from_reset, "cubalif": _Neuron.synaptic_from},
}
"""Framework → the neurons that it writes, and how it steps them."""
