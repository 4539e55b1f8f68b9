"""Norse's neurons and networks spike here as there, every neuron and step (with the overlay that the Makefile installs)."""

import norse.torch as norse
import pytest
import torch
from torch import nn

import costmodel as cm
from costmodel.graphs.errors import InputError
from tests.same_spikes import dyadic, spikes_of

DICE = torch.Generator().manual_seed(0)
T, BATCH = 40, 8
LIF = norse.LIFParameters(tau_syn_inv=torch.tensor(250.0), tau_mem_inv=torch.tensor(125.0), v_th=torch.tensor(0.5))
BOX = norse.LIFBoxParameters(tau_mem_inv=torch.tensor(250.0), v_th=torch.tensor(0.5))
LI = norse.LIParameters(tau_syn_inv=torch.tensor(250.0), tau_mem_inv=torch.tensor(125.0))
ADAPTIVE = norse.LSNNParameters(
    tau_syn_inv=torch.tensor(250.0), tau_mem_inv=torch.tensor(125.0), tau_adapt_inv=torch.tensor(62.5), beta=torch.tensor(0.25)
)
DT = 2.0**-10
"""Of which the shares of a step are dyadic."""


def dyadic_rates(p):
    """Rates whose share of a step is a power of two."""
    rates = {name: value for name, value in p._asdict().items() if name.startswith("tau")}
    return p._replace(**{name: 2.0 ** (DT * value).log2().round() / DT for name, value in rates.items()})


REFRACTORY = norse.LIFRefracParameters(dyadic_rates(LIF), torch.tensor(3.0))
EXPONENTIAL = norse.LIFExParameters(
    tau_syn_inv=torch.tensor(250.0), tau_mem_inv=torch.tensor(125.0), v_th=torch.tensor(0.5), delta_T=torch.tensor(0.25)
)
ADEX = norse.LIFAdExParameters(
    adaptation_current=torch.tensor(0.5),
    adaptation_spike=torch.tensor(0.25),
    tau_ada_inv=torch.tensor(62.5),
    **{name: getattr(EXPONENTIAL, name) for name in ("delta_T", "tau_syn_inv", "tau_mem_inv", "v_th")},
)


def train(*shape):
    return (torch.rand((T, BATCH, *shape), generator=DICE) < 0.4).float()


class Stepped(nn.Module):
    """Cells and layers in a loop over time, states handed on."""

    def __init__(self, *layers):
        super().__init__()
        self.net = norse.SequentialState(*layers)

    def forward(self, x):
        state, out = None, []
        for now in x:
            spikes, state = self.net(now, state)
            out.append(spikes)
        return torch.stack(out)


def equal(module, inputs):
    theirs, ours = spikes_of(module, inputs)
    assert theirs
    for name, spikes in theirs.items():
        assert float((spikes != 0).float().mean()) > 0.01, f"{name} spikes"
        assert torch.equal(spikes, ours[name]), name


def linear(rows, columns):
    return dyadic(nn.Linear(rows, columns), DICE, 2.0)


CELLS = {
    "lif": lambda: norse.LIFCell(dyadic_rates(LIF), dt=DT),
    "lif, other potentials": lambda: norse.LIFCell(
        dyadic_rates(LIF)._replace(v_leak=torch.tensor(0.125), v_reset=torch.tensor(-0.25)), dt=DT
    ),
    "lif box": lambda: norse.LIFBoxCell(dyadic_rates(BOX), dt=DT),
    "iaf": lambda: norse.IAFCell(norse.IAFParameters(v_reset=torch.tensor(0.25)), dt=DT),
    "lsnn": lambda: norse.LSNNCell(dyadic_rates(ADAPTIVE), dt=DT),
    "refractory": lambda: norse.LIFRefracCell(REFRACTORY, dt=DT),
    "exponential": lambda: norse.LIFExCell(dyadic_rates(EXPONENTIAL), dt=DT),
    "adaptive exponential": lambda: norse.LIFAdExCell(dyadic_rates(ADEX), dt=DT),
}


@pytest.mark.parametrize("kind", CELLS)
def test_cells(kind):
    equal(
        Stepped(linear(12, 16), CELLS[kind](), linear(16, 5), CELLS[kind](), linear(5, 3), norse.LICell(dyadic_rates(LI), dt=DT)),
        train(12),
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda: norse.LIF(dyadic_rates(LIF), dt=DT),
        lambda: norse.LSNN(dyadic_rates(ADAPTIVE), dt=DT),
        lambda: norse.IAF(norse.IAFParameters(), dt=DT),
        lambda: norse.LIFEx(dyadic_rates(EXPONENTIAL), dt=DT),
        lambda: norse.LIFAdEx(dyadic_rates(ADEX), dt=DT),
    ],
    ids=["lif", "lsnn", "iaf", "exponential", "adaptive exponential"],
)
def test_layers_over_all_steps(make):
    equal(norse.SequentialState(linear(12, 16), make(), linear(16, 5), norse.LI(dyadic_rates(LI), dt=DT)), train(12))


@pytest.mark.parametrize(
    "make",
    [
        lambda: norse.LIFRecurrentCell(12, 9, dyadic_rates(LIF), dt=DT),
        lambda: norse.LSNNRecurrentCell(12, 9, dyadic_rates(ADAPTIVE), dt=DT),
        lambda: norse.LIFRefracRecurrentCell(12, 9, REFRACTORY, dt=DT),
        lambda: norse.LIFExRecurrentCell(12, 9, dyadic_rates(EXPONENTIAL), dt=DT),
        lambda: norse.LIFAdExRecurrentCell(12, 9, dyadic_rates(ADEX), dt=DT),
    ],
    ids=["lif", "lsnn", "refractory", "exponential", "adaptive exponential"],
)
def test_recurrent_cells(make):
    equal(Stepped(dyadic(make(), DICE), linear(9, 4), norse.LIFCell(dyadic_rates(LIF), dt=DT)), train(12))


@pytest.mark.parametrize(
    "make",
    [
        lambda: norse.LIFRefracRecurrent(12, 9, REFRACTORY, dt=DT),
        lambda: norse.LIFExRecurrent(12, 9, dyadic_rates(EXPONENTIAL), dt=DT),
        lambda: norse.LIFAdExRecurrent(12, 9, dyadic_rates(ADEX), dt=DT),
    ],
    ids=["refractory", "exponential", "adaptive exponential"],
)
def test_recurrent_layers_over_all_steps(make):
    equal(norse.SequentialState(dyadic(make(), DICE), linear(9, 4), norse.LIF(dyadic_rates(LIF), dt=DT)), train(12))


def test_a_lifted_convolution():
    network = norse.SequentialState(
        norse.Lift(dyadic(nn.Conv2d(1, 4, 3), DICE)), norse.LIF(dyadic_rates(LIF), dt=DT), nn.Flatten(2), linear(64, 5)
    )
    equal(network, train(1, 6, 6))
    assert cm.from_torch(network, train(1, 6, 6)).dt == DT


def test_what_no_node_does_is_refused_by_name():
    with pytest.raises(InputError, match="'CobaLIFCell' of norse has no counterpart here; known are IAF"):
        cm.from_torch(Stepped(nn.Linear(3, 4), norse.CobaLIFCell(4, 4)), (5, 1, 3))


def test_a_cell_that_is_not_given_its_state_back_is_refused():
    class Forgetful(nn.Module):
        def __init__(self):
            super().__init__()
            self.weights, self.cell = nn.Linear(3, 4), norse.LIFCell()

        def forward(self, x):
            return torch.stack([self.cell(self.weights(now))[0] for now in x])

    with pytest.raises(InputError, match="layer 'cell': it is called again without the state that it returned, and starts anew"):
        cm.from_torch(Forgetful(), (5, 1, 3))
