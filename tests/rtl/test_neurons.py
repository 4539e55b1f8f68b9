"""Every shipped neuron as hardware: a thousand steps, to the last bit and to the cycle."""

import numpy as np
import pytest

from costmodel.graphs.neurons import all_neurons
from costmodel.rtl.planning import Options
from tests.datapaths import CASES
from tests.hardware import check, drawn, random_inputs
from tests.networks import linear

SHIPPED = sorted(name for name, kind in all_neurons().items() if kind.__module__.startswith("costmodel.graphs.neurons."))
INPUTS, NEURONS, STEPS, RATE = 8, 5, 500, 0.3


def test_all_have_a_case():
    assert set(SHIPPED) == set(CASES)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_thousand_steps(name):
    """Two samples of 500 steps on random spikes. Spiking neurons spike, each now and then; others send many values."""
    parameters, dt, unit, bounds = CASES[name]
    mean, dice = 0.3 * bounds[1] * unit / (INPUTS * RATE), np.random.default_rng(1)
    arrays = {"n1": {"weight": dice.normal(mean, mean, (NEURONS, INPUTS))}}
    source = {"type": "input", "shape": [INPUTS], "rate": {"mean": RATE}}
    nodes = (source, linear(NEURONS, bias=False), {"type": name, **parameters})
    network = drawn(nodes, arrays=arrays, timesteps=STEPS, dt=dt)
    found = check(
        network,
        Options(lanes=4, units=2),
        inputs=random_inputs(network, samples=2, rate=RATE),
        backend="cxxrtl",
        all_send=False,
    )
    sent = found.sent["n2"]
    if all_neurons()[name].spiking():
        rates = (sent != 0).double().mean(dim=(0, 1))
        assert ((rates > 0) & (rates < 0.9)).all()
    else:
        assert min(len(one.unique()) for one in sent.unbind(2)) > 20
