"""Imported Sinabs networks send Sinabs' own spikes; also run by ``tests/nir_1_0_4`` under Sinabs 3."""

import math

import numpy as np
import pytest
import sinabs.activation as sa
import sinabs.layers as sl
import torch
from torch import nn

import costmodel as cm
from costmodel.graphs.errors import InputError
from tests.same_spikes import BATCH, STEPS, dyadic, first_difference, here, spike_train, spikes_of

NETWORKS = 50
"""Of each kind and reset."""
RESETS = {"subtract": sa.MembraneSubtract(), "value": sa.MembraneReset()}
DECAYS = (0.25, 0.5, 0.75, 0.875)


class Decided:
    """A single spike, and the membranes that it was decided on."""

    required_states = ("v_mem",)

    def __init__(self):
        self.membranes = []

    def apply(self, membrane, *others):
        self.membranes.append(membrane)
        return sa.SingleSpike.apply(membrane, *others)


def theirs(module, inputs):
    """Spikes of every neuron layer, (T, batch, neurons), and the membranes behind them, by one call over all steps."""
    sent, decided = {}, {}
    for name, part in module.named_modules():
        if isinstance(part, sl.LIF):
            part.reset_states()
            part.spike_fn = decided[name] = Decided()
            part.register_forward_hook(lambda part, given, out, name=name: sent.update({name: out.transpose(0, 1)}))
    with torch.no_grad():
        module(inputs.transpose(0, 1))
    return sent, decided


def fully_connected(cell, dice, **words):
    """12-10-6; thresholds and biases are drawn."""
    layers = []
    for inputs, neurons in ((12, 10), (10, 6)):
        threshold = torch.tensor((0.5, 1.0, 1.5))[torch.randint(3, (), generator=dice)]
        layers.append(dyadic(nn.Linear(inputs, neurons, bias=bool(torch.rand((), generator=dice) < 0.5)), dice))
        layers.append(cell(dice, spike_threshold=threshold, **ONE, **words))
    return nn.Sequential(*layers)


def iaf(dice, **words):
    return sl.IAF(**words)


def lif(dice, **words):
    """A decay on a coarse grid: exp(−1/τ) of single precision is a dyadic number or a neighbour of one."""
    decay = DECAYS[int(torch.randint(len(DECAYS), (), generator=dice))]
    return sl.LIF(tau_mem=-1 / math.log(decay), norm_input=bool(torch.rand((), generator=dice) < 0.5), **words)


def given_decay(dice, **words):
    """The decay itself is the parameter."""
    layer = lif(dice, train_alphas=True, **words)
    layer.alpha_mem.data = torch.tensor(DECAYS[int(torch.randint(len(DECAYS), (), generator=dice))])
    return layer


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("cell", [iaf, lif, given_decay])
def test_every_spike(cell, reset, tmp_path):
    spikes = 0
    for seed in range(NETWORKS):
        dice = torch.Generator().manual_seed(seed)
        module = fully_connected(cell, dice, reset_fn=RESETS[reset])
        inputs = spike_train((12,), dice)
        network = cm.from_torch(module, (BATCH, STEPS, 12))
        own, _ = theirs(module, inputs)
        assert first_difference(own, here(network, inputs, tmp_path, list(own))) is None, seed
        spikes += sum(int(sent.sum()) for sent in own.values())
    assert spikes > 100 * NETWORKS


def test_where_numbers_are_not_dyadic_the_first_spike_to_differ_was_at_its_threshold(tmp_path):
    for seed in range(10):
        dice = torch.Generator().manual_seed(seed)
        module = fully_connected(lambda _, **words: sl.LIF(tau_mem=7.3, **words), dice)
        for part in module[::2]:
            part.weight.data += torch.randn(part.weight.shape, generator=dice) * 0.5
        inputs = spike_train((12,), dice)
        network = cm.from_torch(module, (BATCH, STEPS, 12))
        own, decided = theirs(module, inputs)
        found = first_difference(own, here(network, inputs, tmp_path, list(own)))
        if found is not None:
            name, (t, *place) = found
            threshold = float(module[int(name)].spike_threshold)
            assert abs(float(decided[name].membranes[t][tuple(place)]) - threshold) < 1e-5 * threshold


def test_squeezed_convolutions(tmp_path):
    for seed in range(5):
        dice = torch.Generator().manual_seed(seed)
        module = nn.Sequential(
            *(dyadic(nn.Conv2d(2, 3, 3, bias=False), dice), sl.IAFSqueeze(batch_size=1, spike_fn=sa.SingleSpike), sl.SumPool2d(2)),
            *(nn.Flatten(), dyadic(nn.Linear(12, 5), dice), sl.LIFSqueeze(tau_mem=20.0, batch_size=1, spike_fn=sa.SingleSpike)),
        )
        module[4].weight.data *= 8
        inputs = spike_train((2, 6, 6), dice)[:, :1]
        network = cm.from_torch(module, (STEPS, 2, 6, 6))
        module[1].reset_states()
        module[5].reset_states()
        with torch.no_grad():
            first = module[:2](inputs[:, 0])
            sent = {"1": first.unsqueeze(1), "5": module[2:](first).unsqueeze(1)}
        assert first_difference(sent, here(network, inputs, tmp_path, ["1", "5"])) is None
        assert all(spikes.sum() > 5 for spikes in sent.values())


def test_a_parameter_has_one_place(tmp_path):
    """What the exporter wrote as an array does not stand beside what the layer says: neurons fire."""
    module = nn.Sequential(nn.Linear(12, 10, bias=False), sl.IAFSqueeze(batch_size=1, spike_fn=sa.SingleSpike))
    network = cm.from_torch(module, (7, 12))
    assert network.nodes["1"].r == pytest.approx(1 / network.dt)
    assert all("r" not in own for own in network.arrays.values())
    module = nn.Sequential(nn.Linear(12, 10, bias=False), sl.LIF(tau_mem=torch.linspace(5, 20, 10), spike_fn=sa.SingleSpike))
    network = cm.from_torch(module, (1, 7, 12))
    assert network.arrays["1"]["tau"] == pytest.approx(np.linspace(5e-3, 20e-3, 10))
    assert network.nodes["1"].tau == pytest.approx(12.5e-3)


def decaying(decay):
    """The time constant, in steps."""
    return -1 / math.log(decay)


ONE = {"spike_fn": sa.SingleSpike}
KINDS = {
    "alif": lambda **words: sl.ALIF(decaying(0.75), decaying(0.5), adapt_scale=0.5, **words),
    "alif not normalised": lambda **words: sl.ALIF(decaying(0.5), decaying(0.75), adapt_scale=1.5, norm_input=False, **words),
    "lif with a current": lambda **words: sl.LIF(decaying(0.75), tau_syn=decaying(0.5), **ONE, **words),
    "lif with a current not normalised": lambda **words: sl.LIF(
        decaying(0.75), tau_syn=decaying(0.75), norm_input=False, **ONE, **words
    ),
    "iaf with a current": lambda **words: sl.IAF(tau_syn=decaying(0.5), **ONE, **words),
    "lif bounded": lambda **words: sl.LIF(decaying(0.75), min_v_mem=-0.25, **ONE, **words),
    "iaf bounded": lambda **words: sl.IAF(min_v_mem=-0.5, **ONE, **words),
}


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("kind", KINDS)
def test_currents_bounds_and_adaptation(kind, reset):
    for seed in range(5):
        dice = torch.Generator().manual_seed(seed)
        layers = []
        for sizes in ((12, 10), (10, 6)):
            layers += [dyadic(nn.Linear(*sizes, bias=False), dice, 8.0), KINDS[kind](reset_fn=RESETS[reset])]
        inputs = (torch.rand((8, 40, 12), generator=dice) < 0.35).float()
        sent, ours = spikes_of(nn.Sequential(*layers), inputs, lambda x: x.transpose(0, 1))
        assert len(sent) == 2
        for name, spikes in sent.items():
            assert spikes.sum() > 20, (name, seed)
            assert torch.equal(spikes, ours[name]), (name, seed)


RECURRENT = {
    "lif": lambda back: sl.LIFRecurrent(decaying(0.75), back, **ONE),
    "lif with a current": lambda back: sl.LIFRecurrent(decaying(0.75), back, tau_syn=decaying(0.5), **ONE),
    "iaf": lambda back: sl.IAFRecurrent(back, **ONE),
    "alif": lambda back: sl.ALIFRecurrent(decaying(0.75), decaying(0.5), back, adapt_scale=0.5),
}


@pytest.mark.parametrize("kind", RECURRENT)
def test_recurrence(kind):
    for seed in range(5):
        dice = torch.Generator().manual_seed(seed)
        back = dyadic(nn.Linear(10, 10, bias=False), dice, 1.0)
        module = nn.Sequential(dyadic(nn.Linear(12, 10), dice, 8.0), RECURRENT[kind](back))
        inputs = (torch.rand((8, 40, 12), generator=dice) < 0.35).float()
        sent, ours = spikes_of(module, inputs, lambda x: x.transpose(0, 1))
        assert sent["1"].sum() > 50, seed
        assert torch.equal(sent["1"], ours["1"]), seed


@pytest.mark.parametrize(("cell", "node"), [(lambda: sl.LIF(20.0, spike_fn=None), "li"), (lambda: sl.IAF(spike_fn=None), "i")])
def test_what_does_not_spike_sends_its_membrane(cell, node):
    dice = torch.Generator().manual_seed(0)
    module = nn.Sequential(dyadic(nn.Linear(12, 10), dice), cell())
    inputs = (torch.rand((8, 40, 12), generator=dice) < 0.35).float()
    sent, ours = spikes_of(module, inputs, lambda x: x.transpose(0, 1))
    assert cm.from_torch(module, (1, 7, 12)).nodes["1"].type == node
    assert torch.allclose(sent["1"], ours["1"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (sl.ALIF(20.0, 50.0, tau_syn=5.0), "a tau_syn, behind which nothing spikes or a threshold rises"),
        (sl.ALIF(20.0, 50.0, min_v_mem=-1.0), "a min_v_mem beside a tau_syn, a threshold that rises, or none"),
        (sl.IAF(min_v_mem=0.5, **ONE), "a min_v_mem above 0, where its membrane starts"),
        (sl.LIFRecurrent(20.0, nn.Linear(10, 10), **ONE), "its recurrence has a bias, which is not there in the"),
        (sl.IAFRecurrent(nn.Sequential(nn.Linear(10, 10)), **ONE), "its recurrence is a Sequential that no node is"),
    ],
)
def test_what_lies_beyond_is_refused_by_name(layer, told):
    with pytest.raises(InputError, match=f"network: layer '1': .*{told}"):
        cm.from_torch(nn.Sequential(nn.Linear(12, 10), layer), (1, 7, 12))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"spike_fn": sa.MultiSpike}, "MultiSpike, which sends several spikes in a step; give it spike_fn"),
        ({"spike_fn": sa.MaxSpike(3)}, "MaxSpike, which sends several spikes in a step"),
        ({"min_v_mem": -1.0, "tau_syn": 5.0}, "a min_v_mem beside a tau_syn"),
        ({"reset_fn": sa.MembraneReset(reset_value=0.25)}, "a reset_value, which Sinabs adds at every step"),
        ({"reset_fn": sa.MembraneSubtract(subtract_value=0.5)}, "a subtract_value other than its threshold"),
        ({"reset_fn": lambda spikes, state, threshold: state}, "the reset function, which is not known here"),
    ],
)
def test_what_a_node_would_drop_is_refused_by_name(words, told):
    module = nn.Sequential(nn.Linear(12, 10), sl.IAF(**{"spike_fn": sa.SingleSpike, **words}))
    with pytest.raises(InputError, match="network: layer '1': the layer has " + told.replace("(", r"\(")):
        cm.from_torch(module, (1, 7, 12))
