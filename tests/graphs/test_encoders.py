"""How samples become what the network sees."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from costmodel.graphs.encoders.encoder import ENCODERS
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from tests.networks import LIF, chain, linear


def dice(seed=0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def still(values) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32).reshape(1, 1, -1)


def encoded(encoder, values, steps=10, dt=1e-3, seed=0):
    return ENCODERS.read(encoder).encode(values, steps, dt, dice(seed))


def test_direct_sends_the_value_times_the_gain_at_every_step():
    sent = encoded({"type": "direct", "gain": 2.0}, still([0.1, -0.4]), steps=3)
    assert sent[:, 0].tolist() == [pytest.approx([0.2, -0.8])] * 3
    assert not ENCODERS.read("direct").spiking


def test_events_are_values_above_the_threshold():
    assert encoded({"type": "events", "threshold": 0.2}, still([0.1, 0.2, 0.3]), steps=2)[:, 0].tolist() == [[0, 0, 1]] * 2


def test_poisson_spikes_at_its_rate():
    values = torch.full((1, 50, 40), 0.5)
    sent = encoded({"type": "poisson", "rate": "200 Hz"}, values, steps=100)
    assert set(sent.unique().tolist()) == {0.0, 1.0}
    assert float(sent.mean()) == pytest.approx(0.5 * 200 * 1e-3, abs=4 * math.sqrt(0.09 / 200_000))
    assert torch.equal(sent, encoded({"type": "poisson", "rate": "200 Hz"}, values, steps=100))
    assert not torch.equal(sent, encoded({"type": "poisson", "rate": "200 Hz"}, values, steps=100, seed=1))


def test_poisson_passes_a_gradient_of_its_probability():
    values = still([0.2, 0.8]).requires_grad_()
    encoded("poisson", values, steps=5).sum().backward()
    assert values.grad.ravel().tolist() == [5.0, 5.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.integers(2, 50))
def test_latency_spikes_once_in_the_step_that_holds_its_time(values, steps):
    """By the formula, in steps: largest values first by default."""
    sent = encoded("latency", still(values), steps=steps)
    assert (sent.sum(dim=0) == 1).all()
    times = ENCODERS.read("latency").times(still(values), steps, 1e-3).ravel()
    expected = [(steps - 1) * 1e-3 * (1 - np.float32(v)) for v in values]
    assert times.tolist() == pytest.approx(expected, abs=1e-8)
    for step, value in zip(sent.argmax(dim=0).ravel().tolist(), values, strict=True):
        assert -1e-3 < (steps - 1) * (1 - value) - step < 1, "the step begins before, and ends after"


def test_latency_of_yin_yang_is_that_of_the_source():
    """t = 0.15 + 1.85 v in units of τ_syn, the bias at 0.9 (Göltz et al. 2021)."""
    encoder = ENCODERS.read({"type": "latency", "at_zero": "1.5 ms", "at_one": "20 ms"})
    times = encoder.times(still([0.0, 0.5, 1.0, 0.75 / 1.85]), 80, 0.5e-3).ravel()
    assert (times / 10e-3).tolist() == pytest.approx([0.15, 1.075, 2.0, 0.9], rel=1e-6)


def test_silent_values_never_spike():
    encoder = {"type": "latency", "silent": 0.1}
    assert encoded(encoder, still([0.05, 0.1, 0.2])).sum(dim=0).ravel().tolist() == [0, 0, 1]
    assert ENCODERS.read(encoder).times(still([0.05]), 10, 1e-3).item() == math.inf


@given(st.lists(st.floats(-0.09, 0.09), min_size=5, max_size=60), st.floats(0.1, 0.5))
def test_delta_lets_the_receiver_follow_within_the_threshold(changes, threshold):
    """Values that move less than a threshold a step are known to within it at every step."""
    values = torch.tensor(np.cumsum(changes), dtype=torch.float64).reshape(-1, 1, 1)
    sent = ENCODERS.read({"type": "delta", "threshold": threshold}).encode(values, len(changes), 1e-3, dice())
    assert set(sent.unique().tolist()) <= {-1.0, 0.0, 1.0}
    known = threshold * sent.cumsum(dim=0)
    assert ((values - known).abs() < threshold + 1e-9).all()


def test_population_codes_are_gaussians_of_bohte():
    """Centres (2 i − 3) / (2 (m − 2)) and width 1 / (1.5 (m − 2)), computed apart."""
    m, x = 6, 0.3
    activity = ENCODERS.read({"type": "population", "neurons": m}).activity(torch.tensor([x], dtype=torch.float64))
    expected = [math.exp(-((x - (2 * i - 3) / (2 * (m - 2))) ** 2) / (2 * (1 / (1.5 * (m - 2))) ** 2)) for i in range(1, m + 1)]
    assert activity.tolist() == pytest.approx(expected)


def test_population_codes_go_through_another_encoder():
    encoder = ENCODERS.read({"type": "population", "neurons": 4, "then": "latency"})
    assert encoder.once
    assert encoder.sample_shape((8,)) == (2,)
    sent = encoder.encode(still([0.2, 0.9]), 20, 1e-3, dice())
    assert sent.shape == (20, 1, 8)
    assert (sent.sum(dim=0) == 1).all()
    with pytest.raises(InputError, match="10 inputs do not hold 4 neurons per value"):
        encoder.sample_shape((10,))


def test_sequences_need_as_many_steps_as_the_network_runs():
    with pytest.raises(InputError, match=r'sequences of 7 steps.*"timesteps": 7'):
        encoded("direct", torch.zeros(7, 1, 2), steps=10)
    with pytest.raises(InputError, match="takes samples that stand still"):
        encoded("latency", torch.zeros(7, 1, 2), steps=7)


@pytest.mark.parametrize(
    ("encoder", "told"),
    [
        ("poison", "there is no encoder 'poison'; did you mean 'poisson'"),
        ({"type": "latency", "tau": "1 ms"}, "unknown key 'tau'"),
        ({"type": "poisson", "rate": "5 ms"}, "does not measure"),
        (3, "3 is no encoder"),
    ],
)
def test_encoders_at_fault_are_told_by_their_place(encoder, told):
    document = chain([4], linear(3), LIF)
    document["nodes"][0]["encoder"] = encoder
    with pytest.raises(InputError, match=told) as refused:
        Network.from_document(document)
    assert "'in'" in str(refused.value)
