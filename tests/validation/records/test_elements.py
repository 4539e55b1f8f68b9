"""Activity of each element, kept by runs and simulations, and counts from it against counts of every synaptic operation."""

import json
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch import nn

from costmodel.graphs.lowering.measurement import beside
from costmodel.graphs.network import Network, sends_once
from costmodel.graphs.reading.loading import load
from costmodel.validation.runs.run import run
from tests.command import costmodel
from tests.graphs.lowering import spikingjelly_counts as peer
from tests.networks import FLATTEN, LIF, POOL, chain, conv, linear

FAST = {**LIF, "r": 8.0}


LAYERS = [conv(4, 3, padding=1), FAST, POOL, conv(6, 3, stride=2, padding=2, dilation=2, groups=2), FAST, FLATTEN, linear(10), FAST]
"""Convolutions with padding, stride, dilation and groups between spiking neurons, and a pool."""


def digits() -> dict:
    """On digits of 8 × 8."""
    document = chain([1, 8, 8], *LAYERS, timesteps=6, benchmark="digits")
    document["nodes"][0]["encoder"] = "poisson"
    return {**document, "training": {"epochs": 1, "batch": 256, "learning_rate": 0.01}}


@contextmanager
def operations_one_by_one():
    """Counts, for every convolution and matrix product that torch runs, the outputs that an active input is added to with a weight
    that is not zero: the same operation of ones, by torch itself."""
    found = []

    def count(module: nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        if isinstance(module, nn.Conv2d | nn.Linear):
            active, exists = (inputs[0] != 0).double(), (module.weight != 0).double()
            how = (None, module.stride, module.padding, module.dilation, module.groups) if isinstance(module, nn.Conv2d) else ()
            same = nn.functional.conv2d if isinstance(module, nn.Conv2d) else nn.functional.linear
            found.append(float(same(active, exists, *how).sum()))

    hook = nn.modules.module.register_module_forward_pre_hook(count)
    try:
        yield found
    finally:
        hook.remove()


def work(capsys, monkeypatch, *words):
    answer = costmodel(capsys, monkeypatch, "estimate", *words, "-d", "loihi", "--json")
    assert answer.code == 0, answer.err
    return json.loads(answer.out)["network"]["work"]


def test_operations_of_a_saved_run_are_those_counted_one_by_one(tmp_path, capsys, monkeypatch):
    done = run(Network.from_document(digits()), out=tmp_path / "kept")
    with operations_one_by_one() as counts, torch.no_grad():
        done.trainer.test()
    found = work(capsys, monkeypatch, tmp_path / "kept" / "network.json", "--rates", tmp_path / "kept")
    assert found["effective_synops"] == found["acs"] == pytest.approx(sum(counts) / 360, rel=1e-12)
    assert found["effective_synops"] > 1000


def test_operations_of_a_simulation_are_those_counted_one_by_one(tmp_path, capsys, monkeypatch):
    file, traces, given = (tmp_path / name for name in ("net.json", "traces.npz", "in.npz"))
    file.write_text(json.dumps(chain([1, 8, 8], *LAYERS, timesteps=6)))
    bright = np.linspace(0, 1, 8)  # more to the right than to the left
    np.savez(given, input=np.random.default_rng(0).random((6, 3, 1, 8, 8)) < bright)
    with operations_one_by_one() as counts:
        answer = costmodel(capsys, monkeypatch, "simulate", file, "--input", given, "--out", traces, "--json")
    assert answer.code == 0, answer.err
    with np.load(json.loads(answer.out)["elements"]) as elements:
        assert np.array_equal(elements["in"], np.load(given)["input"].mean(axis=(0, 1)))
    found = work(capsys, monkeypatch, file, "--rates", traces)
    assert found["effective_synops"] == pytest.approx(sum(counts) / 3, rel=1e-12)
    assert found["effective_synops"] > 1000


def test_operations_of_a_simulation_are_those_that_spikingjelly_counted(tmp_path, capsys, monkeypatch):
    """The same network in SpikingJelly, its spikes and its counter (tests/graphs/lowering/spikingjelly_counts.py)."""
    file, traces, given = (tmp_path / name for name in ("net.json", "traces.npz", "in.npz"))
    neurons = {"type": "if", "r": 1000.0, "reset": "subtract"}  # a step of 1 ms adds what is received
    kinds = {"c1": "conv2d", "c2": "conv2d", "fc": "linear"}
    weighted = [{"id": k, "type": kinds[k], "bias": False, "weights": "w.npz", **fields} for k, fields in peer.LAYERS.items()]
    nodes = [{"id": "in", "type": "input", "shape": list(peer.SHAPE)}]
    for node in weighted:
        nodes += [{"id": "flat", **FLATTEN}] * (node["id"] == "fc") + [node, {"id": f"{node['id']}.neurons", **neurons}]
    file.write_text(json.dumps({"name": "n", "dt": "1 ms", "timesteps": peer.STEPS, "nodes": nodes}))
    np.savez(tmp_path / "w.npz", **{f"{name}.weight": array for name, array in peer.weights().items()})
    np.savez(given, input=peer.spikes())
    assert costmodel(capsys, monkeypatch, "simulate", file, "--input", given, "--out", traces).code == 0
    theirs = json.loads(peer.KEPT.read_text())["synops"]
    found = work(capsys, monkeypatch, file, "--rates", traces)
    assert found["acs"] * peer.SAMPLES == pytest.approx(sum(theirs.values()), rel=1e-12)


@pytest.fixture
def simulated(tmp_path, capsys, monkeypatch):
    """A network file, and the traces of a simulation of it."""
    file, traces = tmp_path / "net.json", tmp_path / "traces.npz"
    file.write_text(json.dumps(chain([1, 8, 8], *LAYERS, timesteps=6, dt="1 ms")))
    assert costmodel(capsys, monkeypatch, "simulate", file, "--out", traces).code == 0
    return file, traces


def test_an_answer_says_whether_activity_was_measured(simulated, capsys, monkeypatch):
    file, traces = simulated
    for words, known in (((), "mean"), (("--rates", traces), "measured")):
        answer = costmodel(capsys, monkeypatch, "estimate", file, "-d", "loihi", "-d", "h100", *words, "--json")
        document = json.loads(answer.out)
        assert {document["network"]["activity"], *(each["activity"] for each in document["estimates"])} == {known}
        assert ("note: activity is a mean" in answer.err) == (known == "mean")
        assert "n0 1.19" in answer.err or known == "measured"
        synops = document["network"]["synops"]
        assert synops["low"] <= synops["value"] == document["network"]["work"]["effective_synops"] <= synops["high"]


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda traces: traces.unlink(), "traces.npz: no such file; give a run's folder, or the traces"),
        (lambda traces: beside(traces).unlink(), "traces.elements.npz: is missing"),
        (lambda traces: beside(traces).write_bytes(beside(traces).read_bytes()[:-90]), "traces.elements.npz: is damaged"),
        (lambda traces: np.savez(beside(traces), **{"in": np.array(["x"])}), "holds arrays that are no numbers"),
        (lambda traces: np.savez(beside(traces), **{"in": np.zeros((1, 8, 9))}), "activity of 'in' has shape (1, 8, 9)"),
        (lambda traces: np.savez(beside(traces), there=np.zeros(3)), "no node 'there'"),
    ],
    ids=["no traces", "left behind", "cut short", "words", "another shape", "another network"],
)
def test_measurements_at_fault_are_told_in_a_line(simulated, capsys, monkeypatch, spoil, told):
    file, traces = simulated
    spoil(traces)
    answer = costmodel(capsys, monkeypatch, "estimate", file, "-d", "loihi", "--rates", traces)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert told in answer.err


def test_a_run_that_kept_means_alone_still_gives_its_rates(tmp_path, capsys, monkeypatch):
    run(Network.from_document(digits()), out=tmp_path / "kept")
    (tmp_path / "kept" / "elements.npz").unlink()
    words = ("estimate", tmp_path / "kept" / "network.json", "-d", "loihi", "--rates", tmp_path / "kept", "--json")
    document = json.loads(costmodel(capsys, monkeypatch, *words).out)["network"]
    assert document["activity"] == "mean"
    assert document["rates"]["n1"]["kind"] == "measured"


def test_what_sends_once_a_sample_still_does_over_more_steps():
    before = load("yin-yang-ttfs")
    name, steps = next(name for name, node in before.nodes.items() if sends_once(node)), before.timesteps
    elements = {name: np.full(before.shapes[name][1], 0.5 / steps), f"steps.{name}": np.full(steps, 0.5 / steps)}
    before = before.with_elements(elements)
    found = before.with_timesteps(2 * steps).elements
    assert {key: array.mean() for key, array in found.items()} == {name: pytest.approx(0.25 / steps)}
    assert before.with_timesteps(steps).elements.keys() == elements.keys()
