"""Files of weights and NIR files that are damaged, missing or of another network: refused in one line, nothing written."""

import copy

import numpy as np
import pytest

from tests.command import costmodel
from tests.networks import GOOD, changed, write_nir


def test_truncated_nir(refused, tmp_path):
    whole = write_nir(tmp_path / "whole.nir", 20, 12, 4).read_bytes()
    (tmp_path / "cut.nir").write_bytes(whole[: len(whole) // 2])
    assert "cut.nir" in refused(None, name="cut.nir")


def test_missing_nir(refused):
    assert "nowhere.nir" in refused(None, name="nowhere.nir")


def test_unsupported_nir_node_is_named(refused, tmp_path):
    import h5py
    import nir

    graph = nir.NIRGraph(
        nodes={"in": nir.Input(np.array([3])), "strange": nir.Linear(np.ones((3, 3))), "out": nir.Output(np.array([3]))},
        edges=[("in", "strange"), ("strange", "out")],
        type_check=False,
    )
    path = tmp_path / "strange.nir"
    nir.write(path, graph)
    with h5py.File(path, "a") as file:
        node = file["node"]["nodes"]["strange"]
        del node["type"]
        node["type"] = "Stochastic"
    line = refused(None, name="strange.nir")
    assert "strange" in line
    assert "Stochastic" in line


def test_weights_of_the_wrong_shape(refused, tmp_path):
    np.savez(tmp_path / "w.npz", weight=np.zeros((12, 6)))
    line = refused(changed(1, weights="w.npz"))
    assert "node 'fc1'" in line
    assert "(12, 6)" in line
    assert "(12, 5)" in line


def test_weights_that_are_not_finite(refused, tmp_path):
    np.savez(tmp_path / "w.npz", weight=np.full((12, 5), np.nan))
    assert "not finite" in refused(changed(1, weights="w.npz"))


def test_weights_file_that_is_missing(refused):
    assert "there is no weights file 'w.npz'" in refused(changed(1, weights="w.npz"))


def damaged(kind: str, path, whole: bytes) -> None:
    if kind == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif kind == "flipped":
        path.write_bytes(whole[:100] + bytes(255 - b for b in whole[100:160]) + whole[160:])
    elif kind == "text":
        path.write_text("hello")
    elif kind == "folder":
        path.mkdir()


@pytest.mark.parametrize("kind", ["cut", "flipped", "text", "folder"])
def test_damaged_weights_files(refused, tmp_path, kind):
    np.savez(tmp_path / "whole.npz", weight=np.ones((12, 5)))
    damaged(kind, tmp_path / "w.npz", (tmp_path / "whole.npz").read_bytes())
    assert "node 'fc1': 'w.npz'" in refused(changed(1, weights="w.npz"))


@pytest.mark.parametrize("array", [np.full((12, 5), "a"), np.ones((12, 5)) * 1j])
def test_weights_that_are_no_real_numbers(refused, tmp_path, array):
    np.savez(tmp_path / "w.npz", weight=array)
    assert "numbers are needed" in refused(changed(1, weights="w.npz"))


def test_a_neuron_array_with_a_value_out_of_bounds(refused, tmp_path):
    np.savez(tmp_path / "w.npz", tau=np.array([0.01] * 11 + [-0.01]))
    assert "array 'tau' has values that make no sense; every one must be above 0" in refused(changed(2, weights="w.npz"))


@pytest.mark.parametrize("kind", ["cut", "text", "folder"])
def test_damaged_nir_files(refused, tmp_path, kind):
    damaged(kind, tmp_path / "bad.nir", write_nir(tmp_path / "whole.nir", 20, 12, 4).read_bytes())
    assert "bad.nir" in refused(None, name="bad.nir")


def test_nir_files_with_any_byte_changed_are_read_or_refused(tmp_path, capsys, monkeypatch):
    import random

    whole, dice = write_nir(tmp_path / "whole.nir", 20, 12, 4).read_bytes(), random.Random(1)
    for _ in range(40):
        changed_bytes = bytearray(whole)
        for _ in range(3):
            changed_bytes[dice.randrange(6000)] = dice.randrange(256)
        (tmp_path / "flipped.nir").write_bytes(changed_bytes)
        answer = costmodel(capsys, monkeypatch, "estimate", tmp_path / "flipped.nir", "-d", "loihi")
        assert answer.code in (0, 2)
        assert answer.code == 0 or answer.err.count("\n") == 1


def test_sparse_weights_beyond_the_stated_connections(refused, tmp_path):
    np.savez(tmp_path / "w.npz", weight=np.ones((12, 5)))
    document = copy.deepcopy(GOOD)
    document["nodes"][1] = {"id": "fc1", "type": "sparse", "features": 12, "density": 0.1, "weights": "w.npz"}
    assert "60 weights that are not zero; the node states 6 connections" in refused(document)
    document["nodes"][1] = {"id": "fc1", "type": "sparse", "features": 12, "connections": 61}
    assert "has 61 connections, of 60 that can be" in refused(document)


def test_import_keeps_apart_nodes_whose_names_begin_alike(tmp_path, capsys, monkeypatch):
    import nir

    nodes = {"in": nir.Input(np.array([3])), "fc": nir.Linear(np.ones((3, 3))), "fc.2": nir.Linear(np.ones((2, 3)) * 2)}
    graph = nir.NIRGraph(
        nodes | {"out": nir.Output(np.array([2]))}, [("in", "fc"), ("fc", "fc.2"), ("fc.2", "out")], type_check=False
    )
    nir.write(tmp_path / "a.nir", graph)
    assert costmodel(capsys, monkeypatch, "import", tmp_path / "a.nir", "--out", tmp_path / "a.json").code == 0
    assert costmodel(capsys, monkeypatch, "estimate", tmp_path / "a.json", "-d", "cpu-desktop").code == 0
