"""Rockpool's neurons and networks spike here as there, every neuron and step (with the overlay that the Makefile installs)."""

import math

import pytest
import torch
from rockpool.nn.combinators import Sequential
from rockpool.nn.modules import ExpSynTorch, LIFBitshiftTorch, LIFNeuronTorch, LIFTorch, LinearTorch, aLIFTorch

import costmodel as cm
from costmodel.graphs.errors import InputError
from tests.same_spikes import dyadic, spikes_of

DICE = torch.Generator().manual_seed(0)
T, BATCH = 40, 8
ONE = torch.tensor(1.0)


def train(*shape):
    return (torch.rand((BATCH, T, *shape), generator=DICE) < 0.4).float()


def decays(neurons, **words):
    return LIFTorch(neurons, leak_mode="decays", alpha=torch.tensor(0.5), beta=torch.tensor(0.75), max_spikes_per_dt=ONE, **words)


def halving(neurons, **words):
    """Each of its time constants halves in a step, or nearly."""
    taus = {name: torch.tensor(-1e-3 / math.log(0.5)) for name in ("tau_mem", "tau_syn", "tau_ahp")}
    return aLIFTorch(neurons, max_spikes_per_dt=ONE, **taus, **words)


NEURONS = {
    "lif": decays,
    "lif with a bias": lambda n: decays(n, bias=torch.arange(n) / 16.0, threshold=torch.full((n,), 0.75)),
    "lif, recurrent": lambda n: decays(n, has_rec=True, w_rec=dyadic(torch.nn.Linear(n, n), DICE).weight.data),
    "after-hyperpolarisation": lambda n: halving(n),
    "after-hyperpolarisation, recurrent": lambda n: halving(
        n, has_rec=True, w_rec=dyadic(torch.nn.Linear(n, n), DICE).weight.data, w_ahp=torch.arange(n) / -8.0
    ),
    "bitshift": lambda n: LIFBitshiftTorch(n, tau_mem=torch.tensor(0.004), tau_syn=torch.tensor(0.002), max_spikes_per_dt=ONE),
}


@pytest.mark.parametrize("kind", NEURONS)
def test_neurons(kind):
    layers = LinearTorch((12, 9)), NEURONS[kind](9), LinearTorch((9, 4), has_bias=True), NEURONS[kind](4)
    network = Sequential(*(dyadic(part, DICE, 2.0) if isinstance(part, LinearTorch) else part for part in layers))
    theirs, ours = spikes_of(network, train(12), lambda x: x.transpose(0, 1))
    assert len(theirs) == 2
    for name, spikes in theirs.items():
        assert spikes.any(), f"{name} spikes"
        assert torch.equal(spikes, ours[name]), name


def test_synapses_send_their_current():
    synapses = ExpSynTorch(9, tau=torch.linspace(0.002, 0.02, 9))
    network = Sequential(dyadic(LinearTorch((12, 9)), DICE, 2.0), synapses, LinearTorch((9, 4)), decays(4))
    theirs, ours = spikes_of(network, train(12), lambda x: x.transpose(0, 1))
    assert theirs["1_ExpSynTorch"].abs().max() > 1
    torch.testing.assert_close(ours["1_ExpSynTorch"], theirs["1_ExpSynTorch"], rtol=1e-5, atol=1e-5)


def test_time_constants_up_to_rounding():
    """Decays that are not dyadic: sums of two terms differ in their last bit, and few spikes with them."""
    neurons = LIFTorch(9, tau_mem=torch.tensor(0.02), tau_syn=torch.tensor(0.01), max_spikes_per_dt=ONE, dt=1e-3)
    network = Sequential(dyadic(LinearTorch((12, 9)), DICE), neurons)
    theirs, ours = spikes_of(network, train(12), lambda x: x.transpose(0, 1))
    assert float((theirs["1_LIFTorch"] != ours["1_LIFTorch"]).float().mean()) < 1e-3
    assert cm.from_torch(network, train(12)).dt == 1e-3


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (LIFTorch(4), "it sends up to 65536 spikes in a step; give it max_spikes_per_dt=1"),
        (LIFTorch(4, max_spikes_per_dt=ONE, noise_std=0.5), "its noise_std adds noise"),
        (LIFTorch((8, 4), max_spikes_per_dt=ONE), "each of its neurons has 2 synapses"),
        (ExpSynTorch(4, noise_std=0.5), "its noise_std adds noise"),
        (LIFNeuronTorch(4), "'LIFNeuronTorch' of rockpool has no counterpart here; known are ExpSynTorch, LIFBitshiftTorch"),
    ],
)
def test_what_no_node_does_is_refused_by_name(part, words):
    with pytest.raises(InputError, match=words):
        cm.from_torch(Sequential(LinearTorch((3, part.size_in)), part), (1, 5, 3))
