"""`export --to FILE.json` writes the network file again, whatever it came from."""

import json

import numpy as np
import pytest
import torch

import costmodel as cm
from costmodel.graphs.reading.loading import examples
from costmodel.validation.runner.model import NetworkModel
from tests.command import costmodel
from tests.same_spikes import spike_train


@pytest.mark.parametrize("name", examples())
def test_an_example_comes_back(name, tmp_path):
    files, told = cm.export(cm.load(name), tmp_path / "net.json")
    found, again = cm.load(name), cm.load(files[0])
    assert told == ()
    assert {**found.settings.model_dump(), "nodes": 0} == {**again.settings.model_dump(), "nodes": 0}
    assert {key: {**node.model_dump(), "weights": 0} for key, node in found.nodes.items()} == {
        key: {**node.model_dump(), "weights": 0} for key, node in again.nodes.items()
    }
    assert list(found.graph.edges) == list(again.graph.edges)
    for node, own in found.arrays.items():
        assert all(np.array_equal(array, again.arrays[node][key]) for key, array in own.items())


def test_nir_by_way_of_a_network_file(tmp_path, capsys, monkeypatch):
    """.nir to .json, as `import` does; the files that were written are told."""
    monkeypatch.chdir(tmp_path)
    cm.export(cm.load("yin-yang"), "net.nir")
    answer = costmodel(capsys, monkeypatch, "export", "net.nir", "--to", "net.json", "--json")
    said = json.loads(answer.out)
    assert (answer.code, said["files"]) == (0, ["net.json", "net.npz"])
    inputs = spike_train((5,), torch.Generator().manual_seed(0))
    found, again = (NetworkModel(cm.load(name)).trace(inputs)[0] for name in ("net.nir", "net.json"))
    assert found["lif1"].sum() > 0
    assert all(torch.equal(values, again[name]) for name, values in found.items())
