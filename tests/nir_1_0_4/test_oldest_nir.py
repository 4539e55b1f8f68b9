"""NIR 1.0.4, which Sinabs 3 pins: run by ``make test`` with both laid over the other packages, apart from the main suite."""

import json
from pathlib import Path

import nir
import numpy as np
import pytest
import sinabs.layers
import sinabs.nir
import torch
from torch import nn

from costmodel.graphs.lowering.summary import summarise
from costmodel.graphs.network import Network
from costmodel.graphs.reading.importers import nir as nir_files
from costmodel.graphs.reading.importers.nir import from_nir
from tests.command import costmodel
from tests.networks import LIF, chain, linear


def full(n: int, value: float = 1.0) -> np.ndarray:
    return np.full(n, value)


def test_this_is_the_oldest_nir_that_is_supported():
    assert nir.version == "1.0.4" or nir.__version__ == "1.0.4"


NODES = {
    "affine": nir.Affine(np.ones((3, 3)), np.ones(3)),
    "linear": nir.Linear(np.ones((3, 3))),
    "scale": nir.Scale(full(3)),
    "threshold": nir.Threshold(full(3)),
    "delay": nir.Delay(full(3, 0.01)),
    "i": nir.I(full(3)),
    "if": nir.IF(r=full(3), v_threshold=full(3)),
    "li": nir.LI(tau=full(3, 0.01), r=full(3), v_leak=full(3, 0.0)),
    "lif": nir.LIF(tau=full(3, 0.01), r=full(3), v_leak=full(3, 0.0), v_threshold=full(3)),
    "cubalif": nir.CubaLIF(tau_syn=full(3, 0.01), tau_mem=full(3, 0.02), r=full(3), v_leak=full(3, 0.0), v_threshold=full(3)),
}


@pytest.mark.parametrize("name", NODES)
def test_nodes_in_memory_and_from_files(name, tmp_path):
    nodes = {"input": nir.Input(np.array([3])), "n": NODES[name], "output": nir.Output(np.array([3]))}
    graph = nir.NIRGraph(nodes, [("input", "n"), ("n", "output")])
    nir.write(tmp_path / "n.nir", graph)
    (document, *_), (read, *_) = from_nir(graph, "n"), nir_files.read(tmp_path / "n.nir")
    expected = "linear" if name == "affine" else name
    assert document["nodes"][1]["type"] == read["nodes"][1]["type"] == expected
    assert Network.from_document(*nir_files.read(tmp_path / "n.nir")).shapes["n"] == ((3,), (3,))


def test_a_file_of_a_later_nir_is_read():
    """later.nir: ``tests.networks.write_nir(path, 20, 12, 4)`` under nir 1.0.8."""
    network = Network.from_document(*nir_files.read(Path(__file__).with_name("later.nir"))[:2])
    assert summarise(network).parameters == 20 * 12 + 12 + 12 * 4 + 4


def test_estimate_of_a_sinabs_export_counts_as_the_network_file(tmp_path, capsys, monkeypatch):
    lif = lambda n: sinabs.layers.LIFSqueeze(  # noqa: E731
        tau_mem=torch.full((n,), 10.0), spike_threshold=torch.ones(n), batch_size=1, norm_input=False
    )
    module = nn.Sequential(nn.Linear(20, 16), lif(16), nn.Linear(16, 5), lif(5))
    nir.write(tmp_path / "exported.nir", sinabs.nir.to_nir(module, torch.rand(1, 20)))
    (tmp_path / "net.json").write_text(json.dumps(chain([20], linear(16), LIF, linear(5), LIF, timesteps=7)))
    words = ("--timesteps", "7", "--rate", "0.2", "-d", "loihi", "--json")
    exported, written = (
        json.loads(costmodel(capsys, monkeypatch, "estimate", tmp_path / name, *words).out) for name in ("exported.nir", "net.json")
    )
    for key in ("parameters", "neurons", "synapses", "work"):
        assert exported["network"][key] == written["network"][key], key
