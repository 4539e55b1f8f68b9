"""Whole networks in torch: shapes, loops, delays, and the command that writes traces."""

import itertools
import json

import networkx as nx
import numpy as np
import pytest
import torch

from costmodel.graphs.network import Network
from costmodel.graphs.reading.loading import examples, load
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.simulate import membrane, spikes_by_rate
from tests.command import costmodel
from tests.networks import FLATTEN, LIF, POOL, chain, conv, linear, network


@pytest.mark.parametrize("name", examples())
def test_every_example_runs_and_has_its_shapes(name):
    net = load(name).with_timesteps(4) if load(name).timesteps > 4 else load(name)
    model = NetworkModel(net)
    sent, states = model.trace(spikes_by_rate(net, 4, 2))
    with torch.no_grad():
        again = model(spikes_by_rate(net, 4, 2))
    tolerance = 0.0 if nx.is_directed_acyclic_graph(net.graph) else 1e-5  # in loops both add up in another order
    assert all(torch.allclose(sent[name], again[name], rtol=0, atol=tolerance) for name in sent)
    for node, (_, shape) in net.shapes.items():
        assert sent[node].shape == (4, 2, *shape)
        assert sent[node].isfinite().all()
    for node, after in states.items():
        assert membrane(net, node, after).shape == (4, 2, sent[node].flatten(2).shape[2])


def test_layers_at_once_give_what_steps_one_by_one_give():
    """The same network with a loop whose weights are zero runs step by step, and sends the same spikes, on any machine: weights
    must be off by 3e-4 before one moves, and rounding is 1e-7."""
    document = chain([2, 8, 8], conv(3, 3, padding=1), LIF, POOL, FLATTEN, linear(6), LIF, timesteps=12)
    rng = np.random.default_rng(0)
    arrays = {
        "n0": {"weight": rng.normal(0.2, 0.5, (3, 2, 3, 3)), "bias": np.zeros(3)},
        "n4": {"weight": rng.normal(0.1, 0.5, (6, 48)), "bias": np.zeros(6)},
    }
    plain = Network.from_document(document, arrays)
    looped = json.loads(json.dumps(document))
    names = [node["id"] for node in looped["nodes"]]
    looped["edges"] = [list(pair) for pair in itertools.pairwise(names)] + [["n5", "back"], ["back", "n5"]]
    looped["nodes"].append({"id": "back", "type": "linear", "features": 6, "bias": False})
    zero = {"back": {"weight": np.zeros((6, 6))}}
    inputs = (torch.rand(12, 3, 2, 8, 8, generator=torch.Generator().manual_seed(1)) < 0.4).float()
    at_once, by_steps = (NetworkModel(net).trace(inputs) for net in (plain, Network.from_document(looped, arrays | zero)))
    assert at_once[0]["n5"].any()
    for name in ("n1", "n2", "n5"):
        assert torch.equal(at_once[0][name], by_steps[0][name])
    assert torch.allclose(at_once[1]["n5"], by_steps[1]["n5"])


def test_a_loop_brings_back_the_last_steps_spikes():
    """One neuron that excites itself after one kick, against the recursion by hand."""
    nodes = [
        {"id": "in", "type": "input", "shape": [1]},
        {"id": "if", "type": "if", "r": 1000.0, "reset": "value"},
        {"id": "back", "type": "linear", "features": 1, "bias": False},
    ]
    edges = [["in", "if"], ["if", "back"], ["back", "if"]]
    net = Network.from_document({"name": "n", "nodes": nodes, "edges": edges}, {"back": {"weight": np.array([[1.5]])}})
    kick = torch.zeros(6, 1, 1)
    kick[1] = 2.0
    sent = NetworkModel(net)(kick)
    assert sent["if"].ravel().tolist() == [0, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("delays", [None, np.array([0.0, 0.002, 0.003])])
def test_delays_hold_back_by_whole_steps(delays):
    nodes = [{"id": "in", "type": "input", "shape": [3]}, {"id": "d", "type": "delay", "delay": "3 ms"}]
    net = Network.from_document({"name": "n", "nodes": nodes}, {} if delays is None else {"d": {"delay": delays}})
    inputs = torch.arange(1.0, 19.0).reshape(6, 1, 3)
    sent = NetworkModel(net)(inputs)
    steps = [3, 3, 3] if delays is None else [0, 2, 3]
    for element, late in enumerate(steps):
        expected = [0.0] * late + inputs[: 6 - late, 0, element].tolist()
        assert sent["d"][:, 0, element].tolist() == expected


def test_a_delay_within_a_loop():
    """The self-excitation of above, two steps late."""
    nodes = [
        {"id": "in", "type": "input", "shape": [1]},
        {"id": "if", "type": "if", "r": 1000.0, "reset": "value"},
        {"id": "late", "type": "delay", "delay": "1 ms"},
        {"id": "back", "type": "linear", "features": 1, "bias": False},
    ]
    edges = [["in", "if"], ["if", "late"], ["late", "back"], ["back", "if"]]
    net = Network.from_document({"name": "n", "nodes": nodes, "edges": edges}, {"back": {"weight": np.array([[1.5]])}})
    kick = torch.zeros(8, 1, 1)
    kick[1] = 2.0
    sent = NetworkModel(net)(kick)
    fired = [t for t, spike in enumerate(sent["if"].ravel().tolist()) if spike]
    assert fired == [1, 3, 5, 7], "one step in the delay, one back to the neuron"


def test_simulate_writes_spikes_and_membranes(tmp_path, capsys, monkeypatch):
    inputs = np.random.default_rng(0).random((25, 3, 784)) * 0.8
    np.savez(tmp_path / "in.npz", input=inputs)
    words = ("simulate", "mnist-784-128-10", "--input", tmp_path / "in.npz", "--out", tmp_path / "out.npz", "--json")
    answer = costmodel(capsys, monkeypatch, *words)
    assert answer.code == 0, answer.err
    rates = json.loads(answer.out)["rates"]
    with np.load(tmp_path / "out.npz") as traces:
        assert set(traces.files) == {"spikes.lif1", "state.lif1", "spikes.lif2", "state.lif2"}
        assert traces["spikes.lif1"].shape == traces["state.lif1"].shape == (25, 3, 128)
        assert traces["spikes.lif1"].mean() == pytest.approx(rates["lif1"])
        assert 0 < rates["lif1"] < 1


def test_neurons_that_never_fire_are_told(tmp_path, capsys, monkeypatch):
    """A weight of 0.05 reaches the threshold within some steps, the layer behind it never."""
    document = chain([4], linear(3), {**LIF, "tau": "1 s", "r": 1000.0}, linear(2), LIF, timesteps=20)
    arrays = {"n0": {"weight": np.full((3, 4), 0.05), "bias": np.zeros(3)}, "n2": {"weight": np.zeros((2, 3)), "bias": np.zeros(2)}}
    (tmp_path / "net.json").write_text(json.dumps(document | {"nodes": [
        node | ({"weights": "net.npz"} if node["id"] in arrays else {}) for node in document["nodes"]
    ]}))  # fmt: skip
    np.savez(tmp_path / "net.npz", **{f"{node}.{name}": array for node, own in arrays.items() for name, array in own.items()})
    np.savez(tmp_path / "in.npz", input=np.ones((20, 1, 4)))
    words = ("simulate", tmp_path / "net.json", "--input", tmp_path / "in.npz", "--out", tmp_path / "out.npz")
    answer = costmodel(capsys, monkeypatch, *words)
    assert answer.code == 0
    assert "n3 never fired" in answer.err
    assert "n1" not in answer.err


@pytest.mark.parametrize(("array", "told"), [(np.zeros((25, 3, 783)), "(T, batch, 784)"), (np.full((2, 1, 784), np.nan), "finite")])
def test_inputs_of_the_wrong_kind(tmp_path, capsys, monkeypatch, array, told):
    np.savez(tmp_path / "in.npz", input=array)
    words = ("simulate", "mnist-784-128-10", "--input", tmp_path / "in.npz", "--out", tmp_path / "out.npz")
    answer = costmodel(capsys, monkeypatch, *words)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert told in answer.err
    assert not (tmp_path / "out.npz").exists()


def test_the_rate_of_a_driven_input_is_that_of_the_file():
    net = network([50], linear(5), LIF, input={"rate": 0.3}, timesteps=40)
    assert float(spikes_by_rate(net, 40, 20)["in"].mean()) == pytest.approx(0.3, abs=0.01)
