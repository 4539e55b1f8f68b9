"""Random networks, each made from its seed alone: feed-forward, recurrent, convolutional, and two kinds by events."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from costmodel.graphs.network import Network

Kind = Literal["feed-forward", "recurrent", "convolutional", "spikeprop", "eventprop"]
STEPPED: tuple[Kind, ...] = ("feed-forward", "recurrent", "convolutional")
KINDS: tuple[Kind, ...] = (*STEPPED, "spikeprop", "eventprop")
"""Kinds in time steps, and those that run event by event, named after their rules: first spikes in closed form, and all spikes."""

NEURONS: dict[str, dict[str, Any]] = {
    "if": {"v_threshold": 1.0},
    "lif": {"tau": "10 ms", "r": 10.0, "v_threshold": 1.0},
    "cubalif": {"tau_syn": "5 ms", "tau_mem": "10 ms", "r": 10.0, "v_threshold": 1.0},
}
"""Types that are drawn, with parameters at which random weights make them spike."""

CLASSES = 10

STEPS, DT, TAU = 80, 0.0005, 0.01
"""Of networks by events: time steps, one of them and the longest synaptic time constant, s."""

PAIR = {"spikeprop": 2.0 * STEPS, "eventprop": 5000.0}
"""Operations of a matrix product that take about as long as one connection of a sample."""

DELAYED = 20.0
"""How much longer one takes that has a delay of its own."""


@dataclass(frozen=True)
class Limits:
    """Above which a network is drawn again.

    Attributes:
        operations: additions and multiplications of a batch's matrix products.
        elements: what its layers send, all steps and samples together.
    """

    operations: float = 2e10
    elements: float = 4e7


@dataclass(frozen=True)
class Drawn:
    """A network, and how it is run.

    Attributes:
        network: the network.
        kind: of its topology.
        batch: samples run together.
    """

    network: Network
    kind: Kind
    batch: int


def drawn(seed: int, kind: Kind, limits: Limits) -> Drawn:
    """The network of a seed: widths 16 … 4096, depth 1 … 8, T 1 … 200, batch 1 … 256, log-uniform; those by events: widths
    16 … 1024, depth 1 … 3."""
    random = np.random.default_rng([seed, KINDS.index(kind)])
    if kind not in STEPPED:
        return _by_events(random, kind, seed, limits)
    while True:
        depth, timesteps, batch = int(random.integers(1, 9)), _between(random, 1, 200), _between(random, 1, 256)
        neuron = str(random.choice(list(NEURONS)))
        nodes, edges, work, elements = _stack(random, kind, depth, neuron)
        if work * timesteps * batch <= limits.operations and elements * timesteps * batch <= limits.elements:
            break
    content = {"name": f"{kind}-{seed}", "dt": "1 ms", "timesteps": timesteps, "nodes": nodes, "edges": edges}
    content["training"] = {"rule": "bptt", "surrogate": "fast-sigmoid", "optimizer": "adam", "batch": batch}
    return Drawn(Network.from_document(content), kind, batch)


def _by_events(random: np.random.Generator, kind: Kind, seed: int, limits: Limits) -> Drawn:
    """Layers of neurons behind exponential synapses: a weight's mean is such that most of them spike before the sample ends.

    Inputs come at any time of a sample of T steps: of K of them n = max(1, K τ / T dt) within a synaptic time constant τ, where
    they hold the membrane at n w, for a weight w; ``drive`` is that over the threshold. Where a rule steps over a grid of τ it is
    drawn, so that events are rare on some grids and frequent on others. Neurons that excite each other do so at random, and too
    weakly for ever more spikes to come of it.
    """
    once = kind == "spikeprop" or random.random() < 0.3
    recurrent = kind == "eventprop" and random.random() < 0.5
    delayed = kind == "spikeprop" and random.random() < 0.25
    while True:
        tau = TAU if kind == "spikeprop" else float(np.exp(random.uniform(np.log(TAU / 6), np.log(TAU))))
        widths, batch = [_between(random, 16, 1024) for _ in range(int(random.integers(1, 4)))], _between(random, 1, 256)
        pairs = sum(float(before * after) for before, after in zip(widths, [*widths[1:], CLASSES], strict=True))
        pairs += float(widths[1] ** 2) if recurrent and len(widths) > 1 else 0.0
        pairs *= DELAYED if delayed else 1.0
        if pairs * PAIR[kind] * TAU / tau * batch <= limits.operations and sum(widths) * STEPS * batch <= limits.elements:
            break
    share, ratio = random.uniform(0.3, 1.0), int(random.integers(1, 3))
    nodes: list[dict[str, Any]] = [{"id": "in", "type": "input", "shape": [widths[0]], "rate": share / STEPS}]
    edges, last, arriving = [], "in", share * widths[0]
    for i, after in enumerate([*widths[1:], CLASSES], 1):
        drive = random.uniform(1.5, 5.0) if once else random.uniform(1.1, 2.0)
        mean = drive / max(1.0, arriving * tau / (STEPS * DT))
        initial = {"mean": mean, "deviation": mean * random.uniform(0.5, 2.0)}
        neuron = {
            "type": "ttfs" if once else "cubalif",
            "tau_syn": tau,
            "tau_mem": ratio * tau,
            "v_threshold": 1.0,
            "r": 1.025 * tau / DT,  # so that a weight of 1 holds it at 1
        }
        nodes += [{"id": f"fc{i}", "type": "linear", "features": after, "bias": False, "initial": initial}]
        nodes += [{"id": f"n{i}", **neuron}]
        edges += [[f"fc{i}", f"n{i}"]]
        if delayed:
            initial = {"mean": TAU / 10, "deviation": TAU / 50}
            nodes += [{"id": f"late{i}", "type": "delay", "kind": "synaptic", "delay": TAU, "trained": True, "initial": initial}]
            edges += [[last, f"late{i}"], [f"late{i}", f"fc{i}"]]
        else:
            edges += [[last, f"fc{i}"]]
        if recurrent and i == 1 < len(widths):
            initial = {"mean": 0.0, "deviation": random.uniform(0.1, 0.5) / np.sqrt(after)}
            nodes += [{"id": f"rec{i}", "type": "linear", "features": after, "bias": False, "initial": initial}]
            edges += [[f"n{i}", f"rec{i}"], [f"rec{i}", f"n{i}"]]
        spikes = 1.0 if once else max(1.0, min(arriving, (STEPS * DT / tau - 2) / (ratio * np.log(drive / (drive - 1)))))
        last, arriving = f"n{i}", spikes * after
    content = {"name": f"{kind}-{seed}", "dt": DT, "timesteps": STEPS, "nodes": nodes, "edges": edges}
    content |= {"readout": {"type": "first-spike"}, "training": {"rule": kind, "optimizer": "adam", "batch": batch}}
    return Drawn(Network.from_document(content), kind, batch)


def _between(random: np.random.Generator, low: int, high: int) -> int:
    """Log-uniform."""
    return int(np.rint(np.exp(random.uniform(np.log(low), np.log(high)))))


def _stack(random: np.random.Generator, kind: Kind, depth: int, neuron: str) -> tuple[list, list, float, float]:
    """Nodes and edges, operations of a time step's products, and elements sent in it."""
    if kind == "convolutional":
        return _convolutions(random, depth, neuron)
    depth = max(depth, 2) if kind == "recurrent" else depth
    widths = [_between(random, 16, 4096) for _ in range(depth)]
    recurrent = int(random.integers(depth - 1)) if kind == "recurrent" else None  # the last layer's answers are read
    nodes: list[dict[str, Any]] = [{"id": "in", "type": "input", "shape": [widths[0]], "rate": 0.1}]
    edges, work, elements, last = [], 0.0, float(widths[0]), "in"
    for i, (before, after) in enumerate(zip(widths, [*widths[1:], CLASSES], strict=True), 1):
        nodes += [{"id": f"fc{i}", "type": "linear", "features": after}, {"id": f"n{i}", "type": neuron, **NEURONS[neuron]}]
        edges += [[last, f"fc{i}"], [f"fc{i}", f"n{i}"]]
        work, elements, last = work + 2.0 * before * after, elements + after, f"n{i}"
        if recurrent == i - 1:
            nodes.append({"id": f"rec{i}", "type": "linear", "features": after})
            edges += [[f"n{i}", f"rec{i}"], [f"rec{i}", f"n{i}"]]
            work += 2.0 * after * after
    return nodes, edges, work, elements


def _convolutions(random: np.random.Generator, depth: int, neuron: str) -> tuple[list, list, float, float]:
    """Convolutions with neurons behind each, a pooling now and then, and a linear layer."""
    channels, size = int(random.choice([1, 2, 3])), int(random.choice([16, 28, 32, 34, 48]))
    nodes: list[dict[str, Any]] = [{"id": "in", "type": "input", "shape": [channels, size, size], "rate": 0.1}]
    edges, work, elements, last = [], 0.0, float(channels * size * size), "in"
    for i in range(1, min(depth, 5) + 1):
        features, kernel = _between(random, 4, 64), int(random.choice([3, 5]))
        nodes += [
            {"id": f"conv{i}", "type": "conv2d", "features": features, "kernel": kernel, "padding": kernel // 2},
            {"id": f"n{i}", "type": neuron, **NEURONS[neuron]},
        ]
        edges += [[last, f"conv{i}"], [f"conv{i}", f"n{i}"]]
        work += 2.0 * channels * features * kernel**2 * size**2
        channels, last = features, f"n{i}"
        elements += 2 * channels * size**2
        if size >= 8 and random.random() < 0.5:
            nodes.append({"id": f"pool{i}", "type": "avgpool2d", "kernel": 2})
            edges.append([last, f"pool{i}"])
            size, last = size // 2, f"pool{i}"
    nodes += [
        {"id": "flat", "type": "flatten"},
        {"id": "fc", "type": "linear", "features": CLASSES},
        {"id": "out", "type": neuron, **NEURONS[neuron]},
    ]
    edges += [[last, "flat"], ["flat", "fc"], ["fc", "out"]]
    return nodes, edges, work + 2.0 * channels * size**2 * CLASSES, elements
