"""snnTorch's Alpha spikes here as there, every neuron and step."""

import pytest
import snntorch
import torch
from torch import nn

import costmodel as cm
from costmodel.graphs.errors import InputError
from tests.same_spikes import dyadic, spikes_of, steps_of

T, BATCH = 40, 8
DECAYS = [(0.75, 0.5), (0.875, 0.25), (1.0, 0.5), (0.5, 0.0), (0.9, 0.8)]
DECAYS += [(torch.linspace(0.7, 0.95, 7), torch.linspace(0.1, 0.6, 7))]


def layers(words, dice):
    parts = []
    for sizes in ((12, 7), (7, 7)):
        parts += [dyadic(nn.Linear(*sizes), dice, 4.0), snntorch.Alpha(threshold=0.5, init_hidden=True, **words)]
    return nn.Sequential(*parts)


@pytest.mark.parametrize("reset", ["zero", "none"])
@pytest.mark.parametrize("decays", DECAYS, ids=str)
def test_alpha(decays, reset):
    """Decays are not dyadic either: the order of operations is the same."""
    dice = torch.Generator().manual_seed(1)
    module = layers({"alpha": decays[0], "beta": decays[1], "reset_mechanism": reset}, dice)
    inputs = (torch.rand((T, BATCH, 12), generator=dice) < 0.4).float()
    theirs, ours = spikes_of(steps_of(module), inputs)
    assert len(theirs) == 2
    for name, spikes in theirs.items():
        assert spikes.any(), name
        assert not spikes.all(), name
        assert torch.equal(spikes, ours[name]), name


def test_a_reset_that_mixes_its_currents_is_refused():
    with pytest.raises(InputError, match="layer '1': an Alpha that subtracts its threshold takes it off one of its currents"):
        cm.from_torch(layers({"alpha": 0.75, "beta": 0.5, "reset_mechanism": "subtract"}, torch.Generator()), (1, 12))


def test_a_cpu_costs_it():
    module = layers({"alpha": 0.75, "beta": 0.5}, torch.Generator())
    assert cm.estimate(cm.from_torch(module, (1, 12)), "cpu-desktop").energy.value > 0
