"""SpikingJelly's neurons and networks spike here as there, every neuron and step (with the overlay that the Makefile installs)."""

import pytest
import torch
from spikingjelly.activation_based import functional, layer, neuron, surrogate
from torch import nn

import costmodel as cm
from costmodel.graphs.errors import InputError
from tests.same_spikes import dyadic, spikes_of, steps_of

DICE = torch.Generator().manual_seed(0)
T, BATCH = 40, 8


def train(*shape):
    return (torch.rand((T, BATCH, *shape), generator=DICE) < 0.4).float()


def equal(module, inputs):
    functional.reset_net(module)
    theirs, ours = spikes_of(module, inputs)
    assert theirs
    for name, spikes in theirs.items():
        assert spikes.any(), f"{name} spikes"
        assert torch.equal(spikes, ours[name]), name


def in_mode(part, step_mode):
    part.step_mode = step_mode
    return part


def sloped(slope, **words):
    part = neuron.KLIFNode(**words)
    part.k.data.fill_(slope)
    return part


NEURONS = {
    "if": lambda **k: neuron.IFNode(**k),
    "if soft": lambda **k: neuron.IFNode(v_reset=None, **k),
    "if from -0.5": lambda **k: neuron.IFNode(v_reset=-0.5, v_threshold=0.75, **k),
    "lif": lambda **k: neuron.LIFNode(tau=2.0, **k),
    "lif soft": lambda **k: neuron.LIFNode(tau=4.0, v_reset=None, **k),
    "lif whole input": lambda **k: neuron.LIFNode(tau=2.0, decay_input=False, **k),
    "lif from 0.25": lambda **k: neuron.LIFNode(tau=2.0, v_reset=0.25, **k),
    "plif": lambda **k: neuron.ParametricLIFNode(init_tau=2.0, **k),
    "plif whole input": lambda **k: neuron.ParametricLIFNode(init_tau=2.0, decay_input=False, v_reset=None, **k),
    "simple lif": lambda **k: neuron.SimpleLIFNode(tau=2.0, decay_input=True, **k),
    "qif": lambda **k: neuron.QIFNode(tau=2.0, v_c=0.5, v_threshold=1.0, v_rest=0.0, v_reset=-0.25, a0=1.0, **k),
    "cubalif": lambda **k: in_mode(neuron.CUBALIFNode(c_decay=0.5, v_decay=0.75), **k),
    "cubalif soft": lambda **k: in_mode(neuron.CUBALIFNode(c_decay=0.5, v_decay=0.5, v_reset=None), **k),
    "klif": lambda **k: sloped(0.75, tau=2.0, **k),
    "klif soft": lambda **k: sloped(1.5, tau=4.0, v_reset=None, **k),
    "klif from 0.25": lambda **k: sloped(1.25, tau=3.0, v_reset=0.25, **k),
    "klif whole input": lambda **k: sloped(0.9, tau=3.0, decay_input=False, v_reset=0.25, **k),
    "klif whole input soft": lambda **k: sloped(0.75, tau=2.0, decay_input=False, v_reset=None, **k),
    "izhikevich": lambda **k: neuron.IzhikevichNode(tau=2.0, v_c=0.5, a0=1.0, tau_w=4.0, a=0.5, b=0.25, **k),
}


@pytest.mark.parametrize("mode", ["s", "m"])
@pytest.mark.parametrize("kind", NEURONS)
def test_neurons(kind, mode):
    one, two = (NEURONS[kind](step_mode=mode) for _ in range(2))
    first, second = (dyadic(layer.Linear(*sizes, step_mode=mode), DICE) for sizes in ((12, 16), (16, 5)))
    module = nn.Sequential(first, one, second, two)
    equal(module if mode == "m" else steps_of(module), train(12))


def test_an_exponential_neuron_up_to_rounding():
    """eˣ differs in its last bit: the first spike to differ lies at its threshold."""
    module = nn.Sequential(dyadic(nn.Linear(12, 16), DICE, 2.0), neuron.EIFNode(tau=2.0, theta_rh=0.5, step_mode="m"))
    theirs, ours = spikes_of(module, train(12))
    assert float((theirs["1"] != ours["1"]).float().mean()) < 1e-3


def test_a_convolutional_network_of_layers_in_several_steps():
    module = nn.Sequential(
        dyadic(layer.Conv2d(2, 6, 3, padding=1, bias=False), DICE),
        neuron.IFNode(surrogate_function=surrogate.ATan()),
        layer.MaxPool2d(2, 2),
        layer.Flatten(),
        layer.Dropout(0.5),
        dyadic(layer.Linear(6 * 16, 10), DICE),
        neuron.LIFNode(tau=2.0),
    )
    functional.set_step_mode(module, "m")
    equal(module, train(2, 8, 8))


def test_containers():
    module = nn.Sequential(
        layer.SeqToANNContainer(dyadic(nn.Conv2d(1, 4, 3), DICE), nn.AvgPool2d(2)),
        layer.MultiStepContainer(neuron.IFNode()),
        nn.Flatten(2),
        layer.SeqToANNContainer(dyadic(nn.Linear(16, 6), DICE)),
        neuron.IFNode(step_mode="m"),
    )
    equal(module, train(1, 6, 6))


def test_a_residual_block_of_spikes():
    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = (dyadic(layer.Conv2d(3, 3, 3, padding=1, step_mode="m"), DICE) for _ in range(2))
            self.one, self.two = (neuron.IFNode(step_mode="m") for _ in range(2))

        def forward(self, x):
            return self.two(self.b(self.one(self.a(x)))) + x

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.last = Block(), Block(), dyadic(nn.Linear(3, 4), DICE)
            self.out = neuron.IFNode(step_mode="m")

        def forward(self, x):
            return self.out(self.last(self.second(self.first(x)).flatten(3).mean(3))).mean(0)

    equal(Net(), train(3, 4, 4))


def test_what_no_node_does_is_refused_by_name():
    module = nn.Sequential(nn.Linear(3, 4), neuron.LIAFNode(torch.relu, False))
    with pytest.raises(InputError, match="layer '1': 'LIAFNode' of spikingjelly has no counterpart here; known are CUBALIF"):
        cm.from_torch(module, (1, 3))
    with pytest.raises(InputError, match="layer '1': its scale_reset divides the membrane by k before the reset"):
        cm.from_torch(nn.Sequential(nn.Linear(3, 4), neuron.KLIFNode(scale_reset=True)), (1, 3))
    soft = surrogate.Sigmoid(spiking=False)
    with pytest.raises(InputError, match="layer '1': its surrogate does not spike where, and only where, the threshold is reached"):
        cm.from_torch(nn.Sequential(nn.Linear(3, 4), neuron.IFNode(surrogate_function=soft)), (1, 3))
