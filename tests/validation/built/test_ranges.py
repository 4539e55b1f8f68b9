"""Ranges of states measured on samples, for hardware."""

import numpy as np
import pytest
import torch

from costmodel.graphs.network import Network
from costmodel.graphs.reading.loading import load
from costmodel.validation.built.ranges import measured_ranges
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.simulate import spikes_by_rate
from tests.networks import LIF, chain, linear, network


@pytest.mark.parametrize("name", ["yin-yang", "digits", "nmnist-conv-emulated"])
def test_states_lie_within_their_ranges_and_nearly_fill_them(name):
    shipped = load(name)
    inputs = spikes_by_rate(shipped, shipped.timesteps, 4)
    found = measured_ranges(shipped, inputs[shipped.inputs[0]])
    _, states = NetworkModel(shipped).trace(inputs)
    assert set(found) == set(states)
    for population, traced in states.items():
        for (low, high), values in zip(found[population].values(), traced, strict=True):
            assert low < float(values.min())
            assert float(values.max()) < high


ONCE = {**LIF, "reset": "value"}
PER_INPUT = -np.expm1(-0.1)  # what an input of 1 adds to a membrane with τ = 10 dt and r = 1


def test_what_membranes_reach_before_their_reset_counts_and_neurons_have_their_own_parameters():
    neurons = network([1], linear(2, bias=False), ONCE, dt="1 ms")
    neurons.arrays.update({"n0": {"weight": np.array([[3.0], [3.0]])}, "n1": {"r": np.array([1.0, 50.0])}})
    low, high = measured_ranges(neurons, torch.ones((5, 3, 1)))["n1"]["v"]
    assert high == pytest.approx(1.25 * 150 * PER_INPUT)  # a quarter more at either end
    assert low == pytest.approx(-0.25 * 150 * PER_INPUT)


def test_what_a_loop_brings_is_a_step_late():
    document = chain([1], linear(1, bias=False), ONCE, linear(1, bias=False), dt="1 ms")
    edges = [["in", "n0"], ["n0", "n1"], ["n1", "n2"], ["n2", "n1"]]
    neurons = Network.from_document({**document, "edges": edges})
    neurons.arrays.update({"n0": {"weight": np.array([[20.0]])}, "n2": {"weight": np.array([[80.0]])}})
    inputs = torch.zeros((3, 1, 1))
    inputs[0] = 1
    (_, first), (_, second) = (measured_ranges(neurons, inputs[:steps])["n1"]["v"] for steps in (1, 2))
    assert first == pytest.approx(1.25 * 20 * PER_INPUT)
    assert second == pytest.approx(1.25 * 80 * PER_INPUT)
