"""A whole small network in SPICE: the same spikes as in torch, in the same steps, and the energy that was predicted."""

import numpy as np
import pytest

from costmodel.devices.part import part
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.validation.circuits.analog import compare, simulated
from tests.hardware import drawn
from tests.networks import linear

INPUT = {"type": "input", "shape": [4], "rate": 0.15}
LIF = {"type": "lif", "tau": "60 ms", "r": 6.0, "reset": "value"}


def four_eight_three(seed, neuron=None, bias=False):
    """Inputs, hidden neurons, outputs; weights such that most neurons spike some times in 200 steps."""
    dice = np.random.default_rng(seed)
    arrays = {"n1": {"weight": dice.normal(0.6, 1, (8, 4))}, "n3": {"weight": dice.normal(0.8, 1, (3, 8)) * 2}}
    if bias:
        arrays = {name: {**known, "bias": dice.normal(0.05, 0.05, len(known["weight"]))} for name, known in arrays.items()}
    neuron = neuron or LIF
    nodes = (INPUT, linear(8, bias=bias), neuron, linear(3, bias=bias), neuron)
    return drawn(nodes, arrays=arrays, timesteps=200)


def inputs(seed, steps=200, rate=0.15):
    return (np.random.default_rng(seed).random((steps, 4)) < rate).astype(int)


NEURONS = {
    "leaky, emptied": LIF,
    "leaky, threshold taken off": {**LIF, "reset": "subtract"},
    "without a leak": {"type": "if", "r": 90.0, "reset": "value"},
    "without a leak, threshold taken off": {"type": "if", "r": 90.0, "reset": "subtract"},
}


@pytest.mark.parametrize(
    ("name", "device"), [*((name, "memfpaa-hfox") for name in NEURONS), ("leaky, threshold taken off", "memfpaa-taox")]
)
def test_spikes_are_the_same_in_number_and_time(name, device, tmp_path):
    network = four_eight_three(13, NEURONS[name], bias=name == "leaky, emptied")
    found = compare(network, part(device), inputs(2), tmp_path)
    for layer, (in_spice, in_torch) in found.spikes.items():
        assert np.array_equal(in_spice, in_torch), layer
        assert in_torch.sum() > 3
        assert in_torch.mean() < 0.5
    assert found.energy[1] == pytest.approx(found.energy[0], rel=0.02)
    assert found.last[1] == pytest.approx(found.last[0], rel=0.01)


def test_as_the_command_prints_it(tmp_path):
    found = simulated(four_eight_three(4), part("memfpaa-hfox"), 0, tmp_path)
    assert [row.quantity for row in found.rows] == ["spikes of n2", "spikes of n4", "energy of rows", "last output spike"]
    assert found.notes[0].startswith("0 spikes differ")
    assert found.netlist.endswith(".end\n")
    assert all(abs(row.error) < 0.02 for row in found.rows)


@pytest.mark.parametrize(
    ("nodes", "words"),
    [
        ((INPUT, linear(3), {"type": "cubalif", "tau_mem": "10 ms", "tau_syn": "5 ms"}), "a cubalif node has no circuit"),
        ((INPUT, linear(3), {**LIF, "v_reset": 0.5}), "rests or restarts elsewhere than at 0"),
        ((INPUT, linear(300), LIF), "2,400 cells are more"),
        (({"type": "input", "shape": [4], "encoder": {"type": "direct"}}, linear(3), LIF), "no chain from one input of spikes"),
    ],
)
def test_what_has_no_circuit(nodes, words, tmp_path):
    with pytest.raises(InputError, match=words):
        compare(drawn(nodes), part("memfpaa-hfox"), inputs(0, 5), tmp_path)


def test_no_weights_and_no_crossbars(tmp_path):
    document = {"name": "n", "nodes": [{"id": "i", **INPUT}, {"id": "f", **linear(2)}, {"id": "o", **LIF}]}
    with pytest.raises(InputError, match="no weights: cells hold trained ones"):
        compare(Network.from_document(document), part("memfpaa-hfox"), inputs(0, 5), tmp_path)
    with pytest.raises(InputError, match="'loihi' has no crossbars"):
        compare(four_eight_three(0), part("loihi"), inputs(0, 5), tmp_path)
