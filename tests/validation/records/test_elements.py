"""Activity of each element, kept by runs and simulations, and counts from it against counts of every synaptic operation."""

import json
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch import nn

from costmodel.graphs.network import Network
from costmodel.validation.runs.run import run
from tests.command import costmodel
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
