"""snnTorch's Lapicque and Alpha spike here as there, every neuron and step."""

import pytest
import snntorch
import torch
from torch import nn

import costmodel as cm
from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.modules import snntorch as reading
from tests.same_spikes import dyadic, spikes_of, steps_of

T, BATCH = 40, 8
CIRCUITS = [{"R": 2.0, "C": 2.0}, {"R": 1.0, "C": 4.0}, {"R": 4.0, "C": 0.5, "time_step": 0.5}, {"beta": 0.9}]
DECAYS = [(0.75, 0.5), (0.875, 0.25), (1.0, 0.5), (0.5, 0.0), (0.9, 0.8)]
DECAYS += [(torch.linspace(0.7, 0.95, 7), torch.linspace(0.1, 0.6, 7))]


def network(kind, dice, **words):
    """Two layers of a kind."""
    layers = []
    for sizes in ((12, 7), (7, 7)):
        layers += [dyadic(nn.Linear(*sizes), dice, 4.0), kind(threshold=0.5, init_hidden=True, **words)]
    return nn.Sequential(*layers)


def hold(module, dice):
    """Every spike of both layers."""
    inputs = (torch.rand((T, BATCH, 12), generator=dice) < 0.4).float()
    theirs, ours = spikes_of(steps_of(module), inputs)
    assert len(theirs) == 2
    for name, spikes in theirs.items():
        assert spikes.any(), name
        assert not spikes.all(), name
        assert torch.equal(spikes, ours[name]), name


@pytest.mark.parametrize("reset", ["subtract", "zero", "none"])
@pytest.mark.parametrize("circuit", CIRCUITS, ids=str)
def test_lapicque(circuit, reset):
    dice = torch.Generator().manual_seed(0)
    hold(network(snntorch.Lapicque, dice, reset_mechanism=reset, **circuit), dice)


@pytest.mark.parametrize("reset", ["zero", "none"])
@pytest.mark.parametrize("decays", DECAYS, ids=str)
def test_alpha(decays, reset):
    """Decays that are not dyadic too: the order of operations is the same."""
    dice = torch.Generator().manual_seed(1)
    hold(network(snntorch.Alpha, dice, alpha=decays[0], beta=decays[1], reset_mechanism=reset), dice)


def test_a_reset_that_mixes_its_currents_is_refused():
    module = network(snntorch.Alpha, torch.Generator(), alpha=0.75, beta=0.5, reset_mechanism="subtract")
    with pytest.raises(InputError, match="layer '1': an Alpha that subtracts its threshold takes it off one of its currents"):
        cm.from_torch(module, (1, 12))


def test_rounding_is_told_where_it_may_happen():
    told = reading.layer(snntorch.Lapicque(R=3.0, C=5.0), (4,), 1e-3, "here").told
    assert "last bit" in told[0]
    assert reading.layer(snntorch.Lapicque(R=2.0, C=5.0), (4,), 1e-3, "here").told == ()


@pytest.mark.parametrize(("kind", "words"), [(snntorch.Lapicque, {"beta": 0.9}), (snntorch.Alpha, {"alpha": 0.9, "beta": 0.8})])
def test_a_cpu_costs_it(kind, words):
    module = network(kind, torch.Generator(), **words)
    assert cm.estimate(cm.from_torch(module, (1, 12)), "cpu-desktop").energy.value > 0
