"""NIR graphs become network documents with the same nodes, sizes and parameters."""

import itertools
import subprocess
import sys
from dataclasses import dataclass

import nir
import numpy as np
import pytest

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.reading.importers import nir as nir_files
from costmodel.graphs.reading.importers.nir import from_nir
from tests.networks import write_nir


def full(shape, value=1.0):
    return np.full(shape, value, dtype=np.float32)


def graph(*nodes, shape):
    """A chain of nodes between an input and an output, without NIR's own checks."""
    named = {"input": nir.Input(np.array(shape)), **{f"n{i}": node for i, node in enumerate(nodes)}}
    named["output"] = nir.Output(np.array([1]))
    names = list(named)
    return nir.NIRGraph(named, list(itertools.pairwise(names)), type_check=False)


def lif(n, **changed):
    values = {"tau": full(n, 0.01), "r": full(n), "v_leak": full(n, 0.0), "v_threshold": full(n), "v_reset": full(n, 0.0)}
    return nir.LIF(**{**values, **changed})


def recurrent(n):
    nodes = {
        "input": nir.Input(np.array([n])),
        "lif": lif(n),
        "w_rec": nir.Linear(np.eye(n) + 1),
        "output": nir.Output(np.array([n])),
    }
    edges = [("input", "lif"), ("lif", "w_rec"), ("w_rec", "lif"), ("lif", "output")]
    return nir.NIRGraph(nodes, edges, type_check=False)


def the_node(node, shape):
    """The document's node for a single NIR node, and its arrays."""
    document, arrays, _ = from_nir(graph(node, shape=shape), "net")
    found = {entry["id"]: entry for entry in document["nodes"]}
    assert list(found) == ["input", "n0", "output"]
    return {key: value for key, value in found["n0"].items() if key != "id"}, arrays.get("n0", {})


rng = np.random.default_rng(0)
conv1 = {"stride": 2, "padding": 1, "dilation": 1, "groups": 1}
conv2 = {"stride": (2, 1), "padding": (1, 1), "dilation": 1, "groups": 1}
pool = {"kernel_size": np.array([2, 2]), "stride": np.array([2, 2]), "padding": np.array([0, 0])}
current = {"tau_syn": full(3, 0.005), "tau_mem": full(3, 0.01), "r": full(3), "v_leak": full(3, 0.0)}
NODES = {
    "Affine": (nir.Affine(full((3, 4)), full(3)), [4], {"type": "linear", "features": 3, "bias": True}),
    "Linear": (nir.Linear(full((3, 4))), [4], {"type": "linear", "features": 3, "bias": False}),
    "Conv1d": (
        nir.Conv1d(8, full((3, 2, 5)), bias=full(3), **conv1),
        [2, 8],
        {"type": "conv1d", "features": 3, "bias": True, "kernel": 5, "stride": 2, "padding": 1, "dilation": 1, "groups": 1},
    ),
    "Conv2d": (
        nir.Conv2d((8, 8), full((3, 2, 3, 5)), bias=full(3, 0.0), **conv2),
        [2, 8, 8],
        {
            "type": "conv2d",
            "features": 3,
            "bias": False,
            "kernel": [3, 5],
            "stride": [2, 1],
            "padding": 1,
            "dilation": 1,
            "groups": 1,
        },
    ),
    "SumPool2d": (nir.SumPool2d(**pool), [2, 8, 8], {"type": "sumpool2d", "kernel": 2, "stride": 2, "padding": 0}),
    "AvgPool2d": (nir.AvgPool2d(**pool), [2, 8, 8], {"type": "avgpool2d", "kernel": 2, "stride": 2, "padding": 0}),
    "Flatten": (nir.Flatten({"input": np.array([2, 8])}, 0, -1), [2, 8], {"type": "flatten", "start_dim": 0, "end_dim": -1}),
    "Delay": (nir.Delay(full(3, 0.005)), [3], {"type": "delay", "kind": "axonal", "delay": 0.005}),
    "Scale": (nir.Scale(full(3, 2.0)), [3], {"type": "scale", "scale": 2.0}),
    "Threshold": (nir.Threshold(full(3, 0.5)), [3], {"type": "threshold", "threshold": 0.5}),
    "I": (nir.I(full(3)), [3], {"type": "i", "r": 1.0}),
    "LI": (nir.LI(full(3, 0.02), full(3), full(3, 0.0)), [3], {"type": "li", "tau": 0.02, "r": 1.0, "v_leak": 0.0}),
    "IF": (
        nir.IF(full(3), full(3, 0.5), full(3, 0.0)),
        [3],
        {"type": "if", "r": 1.0, "v_threshold": 0.5, "reset": "value", "v_reset": 0.0},
    ),
    "LIF": (
        lif(3),
        [3],
        {"type": "lif", "tau": 0.01, "r": 1.0, "v_leak": 0.0, "v_threshold": 1.0, "reset": "value", "v_reset": 0.0},
    ),
    "CubaLI": (
        nir.CubaLI(**current),
        [3],
        {"type": "cubali", "tau_syn": 0.005, "tau_mem": 0.01, "r": 1.0, "v_leak": 0.0, "w_in": 1.0},
    ),
    "CubaLIF": (
        nir.CubaLIF(**current, v_threshold=full(3), v_reset=full(3, 0.0)),
        [3],
        {"type": "cubalif", "tau_syn": 0.005, "tau_mem": 0.01, "r": 1.0, "v_leak": 0.0, "v_threshold": 1.0, "w_in": 1.0}
        | {"reset": "value", "v_reset": 0.0},
    ),
}


@pytest.mark.parametrize("kind", NODES)
def test_every_nir_node(kind, tmp_path):
    node, shape, expected = NODES[kind]
    found, arrays = the_node(node, shape)
    assert found == expected
    if hasattr(node, "weight"):
        assert np.array_equal(arrays["weight"], node.weight)
        assert ("bias" in arrays) == expected["bias"]
    nir.write(tmp_path / "net.nir", graph(node, shape=shape))
    document, _, _ = nir_files.read(tmp_path / "net.nir")
    assert document["name"] == "net"
    assert {key: value for key, value in document["nodes"][1].items() if key != "id"} == expected
    network = Network.from_document(document, where="net.nir")
    assert network.shapes["n0"][0] == tuple(shape)


def test_parameters_that_differ_become_arrays():
    threshold = np.array([0.5, 1.0, 1.5], dtype=np.float32)
    found, arrays = the_node(lif(3, v_threshold=threshold), [3])
    assert found["v_threshold"] == pytest.approx(1.0)
    assert found["tau"] == 0.01
    assert Network.from_document(*from_nir(graph(lif(3, v_threshold=threshold), shape=[3]), "net")[:2]).arrays["n0"].keys() == {
        "v_threshold"
    }
    assert np.array_equal(arrays["v_threshold"], threshold)
    found, arrays = the_node(nir.Delay(threshold), [3])
    assert found["delay"] == 1.5
    assert np.array_equal(arrays["delay"], threshold)


def test_parameters_of_another_shape_than_their_neurons_are_refused():
    document, arrays, _ = from_nir(graph(nir.Affine(np.ones((4, 3)), np.ones(4)), lif(3), shape=[3]), "net")
    with pytest.raises(InputError, match=r"node 'n1': array 'tau' has shape \(3,\); shape \(4,\) is needed"):
        Network.from_document(document, arrays)


def test_a_delay_behind_synapses_is_dendritic():
    document, _, _ = from_nir(graph(nir.Linear(full((3, 4))), nir.Delay(full(3, 0.001)), lif(3), shape=[4]), "net")
    assert document["nodes"][2]["kind"] == "dendritic"


def test_files_without_v_reset_subtract(tmp_path):
    """NIR up to 1.0.5 resets by subtraction and writes no v_reset."""
    import h5py

    nir.write(tmp_path / "old.nir", graph(lif(3), shape=[3]))
    with h5py.File(tmp_path / "old.nir", "r+") as file:
        del file["node/nodes/n0/v_reset"]
    document, _, _ = nir_files.read(tmp_path / "old.nir")
    assert document["nodes"][1]["reset"] == "subtract"
    assert "v_reset" not in document["nodes"][1]


def test_subgraphs_are_put_in_place_and_loops_kept(tmp_path):
    inner = recurrent(5)
    middle = nir.NIRGraph(
        {"input": nir.Input(np.array([5])), "deep": inner, "output": nir.Output(np.array([5]))},
        [("input", "deep"), ("deep", "output")],
        type_check=False,
    )
    outer = graph(nir.Linear(full((5, 4))), middle, nir.Linear(full((2, 5))), shape=[4])
    nir.write(tmp_path / "net.nir", outer)
    document, arrays, _ = nir_files.read(tmp_path / "net.nir")
    assert [node["id"] for node in document["nodes"]] == ["input", "n0", "n1.deep.lif", "n1.deep.w_rec", "n2", "output"]
    assert {tuple(edge) for edge in document["edges"]} == {
        ("input", "n0"),
        ("n0", "n1.deep.lif"),
        ("n1.deep.lif", "n1.deep.w_rec"),
        ("n1.deep.w_rec", "n1.deep.lif"),
        ("n1.deep.lif", "n2"),
        ("n2", "output"),
    }
    assert arrays["n1.deep.w_rec"]["weight"].shape == (5, 5)
    assert from_nir(outer, "net")[0]["nodes"] == document["nodes"]
    Network.from_document(document, arrays)


def test_dt_of_the_metadata():
    one = graph(lif(3), shape=[3])
    one.metadata = {"dt": 1e-4}
    assert from_nir(one, "net")[0]["dt"] == 1e-4


@dataclass(eq=False)
class Strange(nir.NIRNode):
    gain: float = 1.0

    def __post_init__(self):
        self.input_type, self.output_type = {"input": np.array([3])}, {"output": np.array([3])}


def without(kind):
    keep = {name: node for name, node in recurrent(3).nodes.items() if name != kind}
    return nir.NIRGraph(keep, [("lif", "w_rec"), ("w_rec", "lif")], type_check=False)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (graph(Strange(), shape=[3]), ("'n0'", "Strange", "not supported", "LIF")),
        (graph(without("input"), shape=[3]), ("'n0'", "Input", "exactly one")),
        (graph(without("output"), shape=[3]), ("'n0'", "Output", "exactly one")),
        (nir.NIRGraph({"lif": lif(3)}, [], type_check=False), ("no Input",)),
        (nir.NIRGraph({"input": nir.Input(np.array([3]))}, [("input", "gone")], type_check=False), ("'gone'", "no node")),
        (graph(lif(3, tau=full(3, np.nan)), shape=[3]), ("'n0'", "'tau'", "finite")),
        (graph(nir.Linear(full((2, 3, 4))), shape=[2, 4]), ("'n0'", "(2, 3, 4)", "2 dimensions")),
    ],
)
def test_bad_graphs_are_told_in_one_line(bad, words):
    with pytest.raises(InputError) as told:
        from_nir(bad, "net")
    assert str(told.value).startswith("net:")
    assert "\n" not in str(told.value)
    assert all(word in str(told.value) for word in words), str(told.value)


@pytest.mark.parametrize("damage", ["missing", "truncated", "text", "empty", "another HDF5"])
def test_bad_files_are_told_in_one_line(damage, tmp_path):
    import h5py

    path = tmp_path / "bad.nir"
    if damage == "truncated":
        nir.write(path, graph(nir.Linear(rng.normal(size=(100, 100))), shape=[100]))
        path.write_bytes(path.read_bytes()[:4000])
    elif damage == "text":
        path.write_text("no HDF5")
    elif damage == "empty":
        path.touch()
    elif damage == "another HDF5":
        with h5py.File(path, "w") as file:
            file["data"] = 1
    with pytest.raises(InputError) as told:
        nir_files.read(path)
    assert "bad.nir" in str(told.value)
    assert "\n" not in str(told.value)


def test_reading_nir_loads_no_torch(tmp_path):
    code = "import sys, costmodel.graphs.reading.importers.nir as n; from pathlib import Path; n.read(Path(sys.argv[1]))"
    words = [sys.executable, "-c", f"{code}; sys.exit('torch' in sys.modules)", write_nir(tmp_path / "net.nir", 5, 3)]
    assert subprocess.run(words, check=False).returncode == 0
