"""snnTorch's Lapicque spikes here as there, every neuron and step."""

import pytest
import snntorch
import torch
from torch import nn

import costmodel as cm
from costmodel.graphs.reading.modules import snntorch as reading
from tests.same_spikes import dyadic, spikes_of, steps_of

T, BATCH = 40, 8
CIRCUITS = [{"R": 2.0, "C": 2.0}, {"R": 1.0, "C": 4.0}, {"R": 4.0, "C": 0.5, "time_step": 0.5}, {"beta": 0.9}]


@pytest.mark.parametrize("reset", ["subtract", "zero", "none"])
@pytest.mark.parametrize("circuit", CIRCUITS, ids=str)
def test_lapicque(circuit, reset):
    dice = torch.Generator().manual_seed(0)
    layers = []
    for sizes in ((12, 16), (16, 5)):
        layers.append(dyadic(nn.Linear(*sizes), dice, 4.0))
        layers.append(snntorch.Lapicque(threshold=0.5, reset_mechanism=reset, init_hidden=True, **circuit))
    inputs = (torch.rand((T, BATCH, 12), generator=dice) < 0.4).float()
    theirs, ours = spikes_of(steps_of(nn.Sequential(*layers)), inputs)
    assert len(theirs) == 2
    for name, spikes in theirs.items():
        assert spikes.any(), name
        assert not spikes.all(), name
        assert torch.equal(spikes, ours[name]), name


def test_rounding_is_told_where_it_may_happen():
    told = reading.layer(snntorch.Lapicque(R=3.0, C=5.0), (4,), 1e-3, "here").told
    assert "last bit" in told[0]
    assert reading.layer(snntorch.Lapicque(R=2.0, C=5.0), (4,), 1e-3, "here").told == ()


def test_a_cpu_costs_it():
    module = nn.Sequential(nn.Linear(12, 16), snntorch.Lapicque(beta=0.9, init_hidden=True))
    assert cm.estimate(cm.from_torch(module, (1, 12)), "cpu-desktop").energy.value > 0
