"""Networks that several tests use, built as network documents."""

import copy
import itertools
from pathlib import Path

import numpy as np

from costmodel.graphs.network import Network

LIF = {"type": "lif", "tau": "10 ms"}
POOL = {"type": "maxpool2d", "kernel": 2}
FLATTEN = {"type": "flatten"}


def linear(features: int, **fields) -> dict:
    return {"type": "linear", "features": features, **fields}


def conv(features: int, kernel, **fields) -> dict:
    return {"type": "conv2d", "features": features, "kernel": kernel, **fields}


def chain(shape: list[int], *nodes: dict, **settings) -> dict:
    """The document of a chain of nodes behind one input; nodes are called n0, n1, …"""
    inputs = {"id": "in", "type": "input", "shape": shape, **settings.pop("input", {})}
    return {"name": "chain", **settings, "nodes": [inputs, *({"id": f"n{i}", **node} for i, node in enumerate(nodes))]}


def network(shape: list[int], *nodes: dict, **settings) -> Network:
    return Network.from_document(chain(shape, *nodes, **settings))


def gsc_m5() -> Network:
    """The M5 network of NeuroBench's speech commands baseline: one-dimensional convolutions over 8,000 samples."""
    layers: list[dict] = []
    for features, kernel, stride in ((32, 80, 16), (32, 3, 1), (64, 3, 1), (64, 3, 1)):
        layers += [
            {"type": "conv1d", "features": features, "kernel": kernel, "stride": stride},
            {"type": "batchnorm"},
            {"type": "relu"},
            {"type": "maxpool1d", "kernel": 4},
        ]
    return network([1, 8000], *layers, FLATTEN, linear(35))


def dvs_csnn() -> Network:
    """The convolutional network of NeuroBench's DVS gesture baseline."""
    block = lambda features: (conv(features, 5, padding="same"), LIF, POOL)  # noqa: E731
    return network([2, 32, 32], *block(16), *block(32), *block(64), FLATTEN, linear(11), LIF, timesteps=150)


def write_nir(path: Path, *sizes: int) -> Path:
    """A NIR file of dense layers of leaky integrate-and-fire neurons."""
    import nir

    dice, ones, nodes = np.random.default_rng(0), np.ones, {"in": nir.Input(np.array([sizes[0]]))}
    for i, (before, after) in enumerate(itertools.pairwise(sizes), 1):
        nodes[f"fc{i}"] = nir.Affine(dice.normal(size=(after, before)), ones(after))
        constants = {"tau": ones(after) * 0.01, "r": ones(after), "v_leak": ones(after) * 0, "v_threshold": ones(after)}
        nodes[f"lif{i}"] = nir.LIF(**constants)
    nodes["out"] = nir.Output(np.array([sizes[-1]]))
    nir.write(path, nir.NIRGraph(nodes=nodes, edges=list(itertools.pairwise(nodes))))
    return path


GOOD = {
    "name": "good",
    "dt": "1 ms",
    "timesteps": 10,
    "nodes": [
        {"id": "in", "type": "input", "shape": [5], "rate": 0.1},
        {"id": "fc1", "type": "linear", "features": 12},
        {"id": "lif1", "type": "lif", "tau": "10 ms", "rate": 0.05},
        {"id": "fc2", "type": "linear", "features": 3},
        {"id": "out", "type": "li", "tau": "10 ms"},
    ],
}
"""A network with nothing at fault."""


def changed(index: int, **fields) -> dict:
    """`GOOD` with other fields of one node."""
    document = copy.deepcopy(GOOD)
    document["nodes"][index].update(fields)
    return document
