"""Input at fault: exit 2, one line that says where and how to mend it, nothing written."""

import copy
import json

import numpy as np
import pytest

from tests.command import costmodel

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


@pytest.fixture
def refused(tmp_path, capsys, monkeypatch):
    """Writes a network file (a document or a text), imports nothing, and returns the one line that refuses it."""

    def check(content, *words, name="net.json", command="report"):
        path = tmp_path / name
        if content is not None:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        before = sorted(tmp_path.iterdir())
        extra = ["--out", tmp_path / "report.html"] if command == "report" else []
        answer = costmodel(capsys, monkeypatch, command, path, "-d", "loihi", *extra, *words)
        assert answer.code == 2
        assert answer.out == ""
        line = answer.err.strip()
        assert "\n" not in line
        assert line.startswith("costmodel: ")
        assert "Traceback" not in line
        assert sorted(tmp_path.iterdir()) == before, "something was written"
        return line

    return check


def changed(index: int, **fields) -> dict:
    document = copy.deepcopy(GOOD)
    document["nodes"][index].update(fields)
    return document


def test_malformed_json_names_line_and_column(refused):
    line = refused('{"name": "x",\n "nodes": [}')
    assert "net.json: line 2 column 12" in line


def test_unknown_node_type_suggests_the_nearest(refused):
    line = refused(changed(1, type="linaer"))
    assert "nodes[1] 'fc1'" in line
    assert "did you mean 'linear'?" in line


@pytest.mark.parametrize(
    ("index", "key", "nearest"), [(2, "v_treshold", "v_threshold"), (1, "fetures", "features"), (0, "encodr", "encoder")]
)
def test_unknown_key_of_a_node(refused, index, key, nearest):
    line = refused(changed(index, **{key: 1}))
    assert f"unknown key '{key}'" in line
    assert f"did you mean '{nearest}'?" in line


def test_unknown_key_of_the_file(refused):
    assert "unknown key 'timestep'; did you mean 'timesteps'?" in refused({**GOOD, "timestep": 3})


def test_shapes_that_do_not_chain_name_both_nodes_and_shapes(refused):
    edges = [["in", "fc1"], ["fc1", "lif1"], ["lif1", "fc2"], ["fc2", "out"], ["fc1", "out"]]
    line = refused({**GOOD, "edges": edges})
    assert "node 'out' gets [12] from 'fc1' and [3] from 'fc2'" in line


def test_convolution_on_a_vector(refused):
    document = copy.deepcopy(GOOD)
    document["nodes"].insert(1, {"id": "c", "type": "conv2d", "features": 3, "kernel": 3})
    line = refused(document)
    assert "node 'c'" in line
    assert "(5,) (from 'in')" in line


def test_window_larger_than_its_input(refused):
    document = copy.deepcopy(GOOD)
    document["nodes"][0]["shape"] = [1, 4, 4]
    document["nodes"].insert(1, {"id": "c", "type": "conv2d", "features": 3, "kernel": 7})
    assert "the window of 7 is larger than its input of 4" in refused(document)


def test_cycle_without_state(refused):
    document = copy.deepcopy(GOOD)
    document["nodes"].insert(2, {"id": "back", "type": "linear", "features": 5})
    document["edges"] = [["in", "fc1"], ["fc1", "back"], ["back", "fc1"], ["fc1", "lif1"], ["lif1", "fc2"], ["fc2", "out"]]
    line = refused(document)
    assert "holds no state" in line
    assert "fc1" in line
    assert "back" in line


@pytest.mark.parametrize("value", [-0.01, float("nan"), float("inf"), "-3 ms", "1e999 s", 0])
def test_time_constants_that_are_negative_or_not_finite(refused, value):
    assert "nodes[2] 'lif1': tau" in refused(changed(2, tau=value))


@pytest.mark.parametrize("value", [-0.5, float("nan"), float("inf")])
def test_rates_that_are_negative_or_not_finite(refused, value):
    assert "nodes[2] 'lif1': rate" in refused(changed(2, rate=value))


def test_rate_above_one_per_step(refused):
    assert "node 'lif1': rate 1.5 is above 1 events per element and time step" in refused(changed(2, rate=1.5))


def test_rate_above_once_per_sample_for_a_first_spike_neuron(refused):
    document = changed(2, type="ttfs", tau_syn="5 ms", tau_mem="5 ms", rate=0.2)
    del document["nodes"][2]["tau"]
    assert "rate 0.2 is above 0.1 events" in refused(document)


def test_wrong_unit(refused):
    line = refused(changed(2, tau="3 kg"))
    assert "nodes[2] 'lif1': tau" in line
    assert "'kg'" in line
    assert "10 ms" in line


def test_a_unit_that_is_none(refused):
    assert "'parsecond' is not a unit" in refused(changed(2, tau="3 parsecond"))


def test_missing_file(refused):
    assert "there is no such file" in refused(None, name="nowhere.json")


def test_unknown_example(capsys, monkeypatch):
    answer = costmodel(capsys, monkeypatch, "estimate", "mnist-784-128-11")
    assert answer.code == 2
    assert "did you mean 'mnist-784-128-10'?" in answer.err


def test_truncated_nir(refused, tmp_path):
    from graphs.network import EXAMPLES

    whole = (EXAMPLES / "mnist-784-128-10.nir").read_bytes()
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


def test_two_nodes_of_one_name(refused):
    assert "the id 'lif1' is used twice" in refused(changed(4, id="lif1"))


def test_an_edge_to_nowhere(refused):
    assert "no node 'lif'; did you mean 'lif1'?" in refused({**GOOD, "edges": [["in", "lif"]]})


def test_a_node_that_nothing_reaches(refused):
    edges = [["in", "fc1"], ["fc1", "lif1"], ["fc2", "out"]]
    assert "node 'fc2' is reached from no input" in refused({**GOOD, "edges": edges})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--set", "t_synopp=3 ns"], "did you mean 't_synop'?"),
        (["--set", "t_synop=3 kg"], "'kg'"),
        (["--set", "t_synop=-3 ns"], "nothing here can be negative"),
        (["--set", "t_synop"], "PARAM=VALUE"),
        (["--set", "h100.t_launch=1 us"], "'h100' is not among the devices asked for"),
        (["--set", "cores=1.5"], "counts things"),
        (["--set", "bits=0"], "whole number"),
        (["--rate", "lif3=0.1"], "no node 'lif3' to give a rate; did you mean 'lif1'?"),
        (["--rate", "1.5"], "write a number from 0 to 1"),
        (["--batch", "0"], "batch is 0"),
        (["--timesteps", "0"], "0 time steps"),
        (["--phase", "trainig"], "did you mean 'training'?"),
    ],
)
def test_options(refused, words, told):
    assert told in refused(GOOD, *words)


def test_unknown_part(capsys, monkeypatch):
    answer = costmodel(capsys, monkeypatch, "estimate", "yin-yang", "-d", "loihi3")
    assert answer.code == 2
    assert "did you mean 'loihi" in answer.err


def test_unknown_command(capsys, monkeypatch):
    answer = costmodel(capsys, monkeypatch, "estimat", "yin-yang")
    assert answer.code == 2
    assert answer.err.count("\n") == 1
