"""Input at fault: exit 2, one line that says where and how to mend it, nothing written."""

import copy

import numpy as np
import pytest

from tests.command import costmodel
from tests.networks import GOOD, changed


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


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"a":' * 50_000, '{"name": "n", "timesteps": ' + "9" * 5000 + ', "nodes": []}', ""]
)
def test_json_that_cannot_be_read(refused, text):
    assert "net.json" in refused(text)


@pytest.mark.parametrize("dt", ["1 s**0", "1 ((((", "1 s" + "*s" * 2000, "1 m/s", "1 degC", "ms", ""])
def test_times_that_are_none(refused, dt):
    assert "net.json: dt" in refused({**GOOD, "dt": dt})


@pytest.mark.parametrize(
    ("index", "field", "value"),
    [
        (1, "features", "12"), (1, "features", True), (1, "features", 12.5), (1, "features", 10**30), (1, "bias", "no"),
        (0, "shape", ["5"]), (0, "shape", [True]), (0, "shape", [5] * 1000), (0, "shape", [2**31, 2**31]), (1, "bits", 65),
        (0, "encoder", {"type": "poisson", "rate": "-5 Hz"}), (0, "encoder", {"type": "latency", "tau": "-3 ms"}),
        (2, "rate", "10%"), (2, "rate", {"mean": 0.1, "low": 0.2}), (2, "rate", {"mean": 0.1, "kind": "guess"}),
    ],
)  # fmt: skip
def test_values_of_the_wrong_kind_or_size(refused, index, field, value):
    assert f"nodes[{index}]" in refused(changed(index, **{field: value}))


def test_a_loop_through_a_delay_of_nothing(refused):
    document = copy.deepcopy(GOOD)
    document["nodes"].insert(2, {"id": "back", "type": "linear", "features": 5})
    document["nodes"].insert(3, {"id": "d", "type": "delay", "delay": 0})
    edges = [["in", "fc1"], ["fc1", "back"], ["back", "d"], ["d", "fc1"], ["fc1", "lif1"], ["lif1", "fc2"], ["fc2", "out"]]
    document["edges"] = edges
    assert "holds no state" in refused(document)


def test_outputs_that_are_folders(tmp_path, capsys, monkeypatch):
    from costmodel.graphs.reading.loading import EXAMPLES

    (tmp_path / "r.html").mkdir()
    (tmp_path / "n.json").mkdir()
    for words in (
        ("report", "neuron-lif", "-d", "loihi", "--out", tmp_path / "r.html"),
        ("import", EXAMPLES / "mnist-784-128-10.nir", "--out", tmp_path / "n.json"),
        ("report", "neuron-lif", "-d", "loihi", "--out", tmp_path / "nowhere" / "r.html"),
    ):
        answer = costmodel(capsys, monkeypatch, *words)
        assert (answer.code, answer.err.count("\n"), answer.out) == (2, 1, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["n.json", "r.html"]


@pytest.mark.parametrize("command", ["explain", "whatif"])
def test_several_devices_where_one_is_meant(capsys, monkeypatch, command):
    extra = ["--set", "bits=4"] if command == "whatif" else []
    answer = costmodel(capsys, monkeypatch, command, "neuron-lif", "-d", "loihi", "-d", "h100", *extra)
    assert answer.code == 2
    assert "2 devices were given" in answer.err


@pytest.mark.parametrize("text", ["class = 3", 'class = ["loihi"]', "title = []", "supports = 3"])
def test_part_files_of_the_wrong_kind(tmp_path, capsys, monkeypatch, text):
    from costmodel.devices.part import PARTS

    key = text.split()[0]
    kept = [line for line in (PARTS / "loihi.toml").read_text().splitlines() if not line.startswith(f"{key} =")]
    body = "\n".join(kept)
    if key == "supports":
        start, end = body.index("[supports]"), body.index("[", body.index("[supports]") + 60)
        body = body[:start] + body[body.index("\n[", end - 1) :]
    (tmp_path / "mine.toml").write_text(f"{text}\n{body}")
    answer = costmodel(capsys, monkeypatch, "estimate", "neuron-lif", "-d", tmp_path / "mine.toml")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "mine.toml" in answer.err


def test_no_value_of_any_parameter_ends_in_a_traceback():
    """Zero, one and very large values of every constant of every part: an estimate with finite numbers, or a refusal."""
    from costmodel.devices.part import part, parts
    from costmodel.estimates.estimating import Estimator, Workload
    from costmodel.graphs.errors import InputError
    from costmodel.graphs.reading.loading import load

    workload = Workload(load("neuron-lif"))
    refusals = 0
    for name in parts():
        for parameter, constant in part(name).constants.items():
            for value in (0.0, 1.0, 1e30, 1e301, (constant.value or 1.0) * 1e6):
                try:
                    found = Estimator(workload, part(name)).estimate({parameter: value})
                except InputError:
                    refusals += 1
                    continue
                assert not found.feasible or np.isfinite([found.latency.high, found.energy.high, *found.resources.values()]).all()
    assert refusals > 500
