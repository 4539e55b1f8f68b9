"""How answers are read."""

import math

import pytest
import torch

from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.lowering import lower
from costmodel.graphs.network import Network
from costmodel.graphs.reading.loading import load
from costmodel.graphs.readouts.readout import READOUTS
from tests.networks import LIF, chain, linear

SPIKES = torch.tensor([[0, 1, 0, 1], [0, 0, 1, 1], [0, 0, 0, 0]], dtype=torch.float64).t().reshape(4, 1, 3)
"""Three neurons over four steps: two spikes from step 1 on, two from step 2 on, none."""


@pytest.mark.parametrize(
    ("readout", "expected"),
    [
        ("count", [2, 2, 0]),
        ("mean", [0.5, 0.5, 0]),
        ("max", [1, 1, 0]),
        ("last", [1, 1, 0]),
        ({"type": "first-spike", "softness": "1 ms"}, [-1, -2, -4]),
        ({"type": "leaky-integrator", "tau": "2 ms"}, [1 + math.exp(-1), 1 + math.exp(-0.5), 0]),
    ],
)
def test_scores(readout, expected):
    assert READOUTS.read(readout).scores(SPIKES, 1e-3).ravel().tolist() == pytest.approx(expected)


def test_every_step_gives_all_of_it():
    assert torch.equal(READOUTS.read("every-step").scores(SPIKES, 1e-3), SPIKES)


def test_first_spikes_have_the_gradient_of_moving_them():
    """One more spike at step 0 brings the time to 0; taking the first one away puts it to the next: exact differences, for the
    readout is linear in each step's spike."""
    readout = READOUTS.read({"type": "first-spike", "softness": "1 ms"})
    spikes = SPIKES.clone().requires_grad_()
    readout.scores(spikes, 1e-3)[0, 0].backward()
    for step in range(4):
        flipped = SPIKES.clone()
        flipped[step, 0, 0] = 1 - flipped[step, 0, 0]
        change = readout.scores(flipped, 1e-3)[0, 0] - readout.scores(SPIKES, 1e-3)[0, 0]
        sign = 1 if SPIKES[step, 0, 0] == 0 else -1
        assert spikes.grad[step, 0, 0].item() == pytest.approx(sign * change.item())


def test_times_are_scored_as_steps_are():
    readout = READOUTS.read({"type": "first-spike", "softness": "2 ms"})
    assert readout.scores_of_times(torch.tensor([[1e-3, math.inf]]), 4e-3).ravel().tolist() == pytest.approx([-0.5, -2.0])
    with pytest.raises(InputError, match=r"does not read spike times.*'first-spike'"):
        READOUTS.read("count").scores_of_times(torch.zeros(1, 1), 1.0)


@pytest.mark.parametrize(("output", "readout"), [(LIF, "count"), ({"type": "li", "tau": "5 ms"}, "max")])
def test_the_output_neuron_decides_where_the_file_does_not(output, readout):
    assert Network.from_document(chain([4], linear(3), output)).readout.type == readout
    assert Network.from_document(chain([4], linear(3), output, {"type": "output"})).readout.type == readout
    assert Network.from_document(chain([4], linear(3), output, readout="last")).readout.type == "last"


def test_networks_that_spike_once_are_read_by_first_spikes():
    assert load("neuron-ttfs").with_timesteps(5).readout.type in ("first-spike", "max")
    ttfs = {"type": "ttfs", "tau_syn": "5 ms", "tau_mem": "5 ms"}
    assert Network.from_document(chain([4], linear(3), ttfs)).readout.type == "first-spike"


def test_where_nothing_is_read_no_answer_leaves():
    document = chain([4], linear(3), LIF)
    read, unread = (Network.from_document({**document, **more}) for more in ({}, {"readout": {"type": "none"}}))
    answers = [[name for name in lower(network) if name.endswith(".answer")] for network in (read, unread)]
    assert (len(answers[0]), answers[1]) == (1, [])
    with pytest.raises(InputError, match="the readout 'none' gives no scores; name another"):
        unread.readout.scores(torch.zeros(2, 1, 3), 1e-3)
