"""An artificial network against its spiking one: counts by hand, costs, and the rate at which they cross put back."""

import json
from functools import cache

import numpy as np
import pytest
import torch
from torch import nn

import costmodel as cm
from tests.command import costmodel
from tests.networks import LIF, chain, linear, network

PARTS = ["asic-28nm", "ice40-up5k", "spinnaker2"]


@cache
def artificial() -> cm.Network:
    values = {"input": {"encoder": {"type": "direct"}, "rate": {"mean": 1.0}}}
    return network([64], linear(48), {"type": "relu", "rate": {"mean": 0.5}}, linear(10), name="ann", **values)


@cache
def spiking() -> cm.Network:
    layers = (linear(48), {**LIF, "rate": {"mean": 0.1}}, linear(10), {**LIF, "rate": {"mean": 0.1}})
    return network([64], *layers, name="snn", timesteps=10, input={"rate": {"mean": 0.3}})


def test_both_cost_what_they_cost_alone():
    found = cm.versus(artificial(), spiking(), PARTS)
    for pair in found.pairs:
        alone = [cm.estimate(each, pair.device).energy.value for each in (artificial(), spiking())]
        assert [estimate.energy.value for estimate in pair.estimates] == alone
        assert pair.ratio == alone[1] / alone[0]


@pytest.mark.parametrize("metric", ["energy", "latency"])
def test_at_the_crossing_rate_both_cost_the_same(metric):
    solved = 0
    for pair in cm.versus(artificial(), spiking(), PARTS, metric=metric).pairs:
        target, rate = getattr(pair.estimates[0], metric).value, pair.crossing.value
        if rate is None:
            holds = bool(pair.crossing.intervals)
            ends = [getattr(cm.estimate(spiking(), pair.device, rates={"*": r}), metric).value for r in (1e-6, 1.0)]
            assert [end <= target for end in ends] == [holds, holds]
            continue
        solved += 1
        below, at, above = (
            getattr(cm.estimate(spiking(), pair.device, rates={"*": each}), metric).value for each in (rate * 0.9, rate, rate * 1.1)
        )
        assert at == pytest.approx(target, rel=1e-6) or below <= target < above
        assert below <= target <= above
    assert solved or metric == "latency"


def test_the_one_that_spikes_is_the_one_whose_rate_moves():
    assert cm.versus(spiking(), artificial(), PARTS[:1]).moving == 0
    assert cm.versus(artificial(), spiking(), PARTS[:1]).moving == 1
    neither = cm.versus(artificial(), artificial(), PARTS[:1])
    assert neither.moving is None
    assert neither.pairs[0].crossing is None
    assert neither.pairs[0].ratio == 1


@pytest.fixture
def files(tmp_path):
    """A state dict of an artificial network, the file that makes its module, a spiking network, and inputs of ten steps."""
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
    torch.save(module.state_dict(), tmp_path / "ann.pt")
    made = "from torch import nn\n\ndef ann():\n    return nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))\n"
    (tmp_path / "make.py").write_text(made, encoding="utf-8")
    arrays = {"n0": {"weight": module[0].weight.detach().numpy()}, "n2": {"weight": module[2].weight.detach().numpy()}}
    document = chain([64], linear(48, bias=False), LIF, linear(10, bias=False), LIF, name="snn", timesteps=10)
    cm.export(cm.Network.from_document(document, arrays), tmp_path / "snn.json")
    inputs = (np.random.default_rng(0).random((10, 7, 64)) < 0.3).astype(np.float32)
    np.savez(tmp_path / "in.npz", input=inputs)
    return tmp_path, module, inputs


def test_a_state_dict_against_a_network_file_on_the_same_data(files, capsys, monkeypatch):
    """Operations of the artificial network are those of torch on the mean over time; those of the other follow from its spikes."""
    folder, module, inputs = files
    words = (folder / "ann.pt", folder / "snn.json", "--model", f"{folder}/make.py:ann", "--input", folder / "in.npz")
    told = costmodel(capsys, monkeypatch, "versus", *words, "-d", "asic-28nm", "--json")
    assert told.code == 0
    found = json.loads(told.out)
    assert [each["name"] for each in found["networks"]] == ["ann", "snn"]
    mean = torch.tensor(inputs.mean(axis=0))
    hidden = module[1](module[0](mean))
    macs = (48 * (mean != 0).sum() + 10 * (hidden != 0).sum()) / len(mean)
    assert found["networks"][0]["work"]["macs"] == pytest.approx(float(macs), rel=1e-6)
    assert found["networks"][1]["work"]["macs"] == 0
    assert found["networks"][1]["work"]["acs"] >= 48 * inputs.sum() / 7
    assert found["moving"] == "snn"
    assert found["devices"][0]["crossing_rate"]["value"] > 0


def test_the_table_fits_and_says_where_there_is_no_rate(files, capsys, monkeypatch):
    folder, *_ = files
    words = (folder / "ann.pt", folder / "snn.json", "--model", f"{folder}/make.py:ann")
    told = costmodel(capsys, monkeypatch, "versus", *words, "-d", "loihi", "-d", "spinnaker2", "-d", "asic-28nm")
    assert told.code == 0
    assert max(map(len, told.out.splitlines())) <= 80
    assert "ann does not fit" in told.out
    assert "snn costs more at every rate: spinnaker2" in told.out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("{0}/ann.pt", "{0}/snn.json"), "give --model FILE.py:NAME"),
        (("{0}/snn.json", "{0}/snn.json", "--metric", "power"), "known are energy, latency"),
        (("{0}/snn.json", "{0}/none.json"), "there is no such file"),
        (("{0}/snn.json", "{0}/snn.json", "--input", "{0}/short.npz"), "it has 3 time steps, 'snn' 10; give as many, or one"),
    ],
)
def test_bad_input_is_told_in_a_line(files, words, reason, capsys, monkeypatch):
    folder, *_ = files
    np.savez(folder / "short.npz", input=np.zeros((3, 2, 64), np.float32))
    told = costmodel(capsys, monkeypatch, "versus", *(word.format(folder) for word in words))
    assert told.code == 2
    assert len(told.err.splitlines()) == 1
    assert reason in told.err


def test_inputs_of_one_step_are_held(files, capsys, monkeypatch):
    folder, *_ = files
    np.savez(folder / "still.npz", input=np.ones((1, 2, 64), np.float32))
    told = costmodel(
        capsys, monkeypatch, "versus", folder / "snn.json", folder / "snn.json", "--input", folder / "still.npz", "-d", PARTS[0]
    )
    assert told.code == 0
    assert "inputs of one step are held for its 10 steps" in told.err
