"""Thresholds of 0, below 0, and of both signs in one population: they mean what the equations say."""

import json

import numpy as np
import pytest
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.validation.learning.teaching import learner
from costmodel.validation.runner.model import NetworkModel
from tests.command import costmodel

NEURONS = {
    "lif": {"tau": "10 ms"},
    "if": {},
    "alif": {"tau": "10 ms", "tau_a": "50 ms"},
    "cubalif": {"tau_syn": "5 ms", "tau_mem": "10 ms"},
    "qif": {"tau": "10 ms"},
    "ttfs": {"tau_syn": "5 ms", "tau_mem": "10 ms"},
    "resonate-and-fire": {"b": -10.0, "omega": 50.0},
}
STEPS = 10


def document(kind: str, threshold: float = 0.0, **fields) -> dict:
    nodes = [
        {"id": "in", "type": "input", "shape": [5], "rate": 0.3},
        {"id": "fc", "type": "linear", "features": 4, "bias": False},
        {"id": "n", "type": kind, "v_threshold": threshold, **NEURONS[kind], **fields},
    ]
    return {"name": "thresholds", "dt": "1 ms", "timesteps": STEPS, "nodes": nodes}


def spikes(found: dict, weight: np.ndarray, **arrays: np.ndarray) -> np.ndarray:
    """Of the population under ones at every step, (T, N)."""
    network = Network.from_document(found, {"fc": {"weight": weight}, "n": arrays} if arrays else {"fc": {"weight": weight}})
    return NetworkModel(network)(torch.ones(STEPS, 1, 5))["n"][:, 0].detach().numpy()


@pytest.mark.parametrize("threshold", [0.0, -0.5, -1e-30])
@pytest.mark.parametrize("kind", sorted(NEURONS))
def test_weights_are_drawn_at_any_threshold(kind, threshold):
    """Their scale is the neuron's: the input that moves its membrane as far as the threshold lies away, else by 1."""
    from costmodel.validation.neurons.layer import NeuronLayer
    from costmodel.validation.runner.initial import reach

    scales = {}
    for theta in (threshold, abs(threshold) or 1.0):
        network = Network.from_document(document(kind, theta))
        model = NetworkModel(network)
        layer = next(part for part in model.modules() if isinstance(part, NeuronLayer))
        scales[theta] = reach(layer)
        assert 0 < float(model.parts["fc"].weight.detach().abs().max()) <= scales[theta]
    if threshold == 0.0 and kind != "qif":  # those are linear below their threshold
        assert scales[0.0] == pytest.approx(scales[1.0], rel=0.02)


@pytest.mark.parametrize("threshold", [0.0, -0.5])
@pytest.mark.parametrize("reset", ["subtract", "value", "none"])
def test_a_neuron_at_its_threshold_spikes_at_every_step(reset, threshold):
    """v = 0 ≥ θ: without any input for ever; driven down far enough never."""
    found = document("lif", threshold, reset=reset)
    assert spikes(found, np.zeros((4, 5))).all()
    assert not spikes(found, np.full((4, 5), -10.0)).any()


def test_a_first_spike_comes_at_once():
    assert spikes(document("ttfs"), np.zeros((4, 5))).sum(axis=0).tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("thresholds", [[0.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 1e9], [-1.0, 1.0, -1.0, 1.0]])
def test_thresholds_of_single_neurons(thresholds):
    array = np.array(thresholds)
    found = spikes(document("lif", 5.0), np.zeros((4, 5)), v_threshold=array)
    assert (found.all(axis=0) == (array <= 0)).all()
    assert (found.any(axis=0) == (array <= 0)).all()
    drawn = NetworkModel(Network.from_document(document("lif", 5.0), {"n": {"v_threshold": array}}))
    assert 0 < float(drawn.parts["fc"].weight.detach().abs().max()) < np.inf


@pytest.mark.parametrize("kind", sorted(NEURONS))
def test_commands_take_a_threshold_of_zero(kind, tmp_path, capsys, monkeypatch):
    """Hardware answers as floating point does, but for neurons that rounding keeps below 0."""
    found = document(kind)
    found["nodes"][1]["weights"] = "w.npz"
    np.savez(tmp_path / "w.npz", weight=np.random.default_rng(0).uniform(-2, 2, (4, 5)))
    (tmp_path / "net.json").write_text(json.dumps(found))
    answer = costmodel(capsys, monkeypatch, "simulate", tmp_path / "net.json", "--out", tmp_path / "t.npz")
    assert answer.code == 0
    words = ("rtl", tmp_path / "net.json", "--part", "ecp5-25f", "--out", tmp_path / "hw", "--json")
    answer = costmodel(capsys, monkeypatch, *words)
    assert answer.code == 0
    assert json.loads(answer.out)["layers"]


@pytest.mark.parametrize("threshold", [0.0, -0.5])
@pytest.mark.parametrize("rule", ["eventprop", "spikeprop"])
def test_event_driven_rules_refuse_what_crosses_its_threshold_at_no_time(rule, threshold):
    found = document("ttfs", threshold, tau_mem="5 ms")
    assert learner(Network.from_document(document("ttfs", 0.1, tau_mem="5 ms")), rule)
    with pytest.raises(InputError, match=r"below their threshold, and those of 'n' do not; rules that fit are bptt"):
        learner(Network.from_document(found), rule)
