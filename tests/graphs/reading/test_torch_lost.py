"""What a torch module computes between and around its layers: carried over as it ran, or refused by name in one line."""

import nir
import numpy as np
import pytest
import snntorch as snn
import torch
from torch import nn

import costmodel as cm
from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.importers import nir as nir_files
from tests.same_spikes import dyadic, spikes_of, steps_of

DICE = torch.Generator().manual_seed(0)


def leaky(**words):
    return snn.Leaky(beta=0.5, init_hidden=True, **words)


def linear(rows, columns, **words):
    return dyadic(nn.Linear(rows, columns, **words), DICE)


class Module(nn.Module):
    """Layers a, b, c between neurons l1 and l2, in whatever order a function calls them."""

    def __init__(self, run, **layers):
        super().__init__()
        for name, layer in {"a": linear(5, 5), "b": linear(5, 5), "l1": leaky(), "l2": leaky(), **layers}.items():
            setattr(self, name, layer)
        self.run = run

    def forward(self, x):
        return self.run(self, x)


def residual(m, x):
    h = m.l1(m.a(x))
    return m.l2(m.b(h) + h)


def residual_of_spikes(m, x):
    h = m.l1(m.a(x))
    return m.c(m.l2(m.b(h)) + h)


STEPWISE = {
    "skip": (residual, {}),
    "skip behind": (residual_of_spikes, {"c": linear(5, 2)}),
    "skip out": (lambda m, x: (h := m.l1(m.a(x))) + m.l2(m.b(h)), {}),
    "the same twice": (lambda m, x: m.l2(m.a(m.l1(m.a(x)))), {}),
    "siamese": (lambda m, x: m.l2(m.b(m.l1(m.a(x)) + m.a(x))), {}),
    "relu": (lambda m, x: m.l2(m.b(torch.relu(m.l1(m.a(x))))), {}),
    "scaled": (lambda m, x: m.l1(m.a(x * 8) / 2 - x), {}),
    "own weights": (lambda m, x: m.l2(nn.functional.linear(m.l1(m.a(x)), m.b.weight)), {}),
    "joined": (lambda m, x: m.l2(m.c(torch.cat([x, m.l1(m.a(x))], dim=1))), {"c": linear(10, 5)}),
    "gated": (lambda m, x: m.l2(m.b(m.l1(m.a(x)) * x)), {}),
    "halved": (lambda m, x: m.l2(m.c(m.l1(m.a(x)).chunk(2, dim=1)[0])), {"c": linear(3, 5)}),
    "every other": (lambda m, x: m.l2(m.c(m.l1(m.a(x))[:, ::2])), {"c": linear(3, 5)}),
    "transposed": (lambda m, x: m.l2(m.l1(m.c(x.view(-1, 1, 5).transpose(1, 2))).sum(2)), {"c": linear(1, 3)}),
    "a weight by itself": (lambda m, x: m.l1(x @ m.b.weight + m.b.bias), {}),
    "a module that is not used": (lambda m, x: m.l1(m.a(x)), {}),
}


@pytest.mark.parametrize("case", STEPWISE)
def test_what_stands_between_layers_is_carried_over(case):
    run, layers = STEPWISE[case]
    module = steps_of(Module(run, **layers))
    inputs = (torch.rand((20, 3, 5), generator=DICE) < 0.4).float()
    theirs, ours = spikes_of(module, inputs)
    assert sum(float(spikes.sum()) for spikes in theirs.values()) > 20, "it spikes"
    for name, spikes in theirs.items():
        assert torch.equal(spikes, ours[name]), name


def by_hand(m, x):
    spikes, out = torch.zeros(x.shape[1], 5), 0
    for now in x:
        spikes = m.l1(m.a(now) + m.b(spikes))
        out = out + m.l2(m.c(spikes))
    return out / len(x)


def from_the_second_on(m, x):
    spikes, out = None, torch.zeros(len(x), x.shape[1], 5)
    for step in range(len(x)):
        current = m.a(x[step])
        if spikes is not None:
            current = current + m.b(spikes)
        spikes = out[step] = m.l1(current)
    return out.sum(0).softmax(-1)


def a_step_late(m, x):
    before, out = torch.zeros(x.shape[1], 5), []
    for now in x:
        spikes = m.l1(m.a(now))
        out.append(m.l2(m.b(before)))
        before = spikes
    return torch.stack(out)


def batch_first(m, x):
    return torch.stack([m.l2(m.b(m.l1(m.a(x[:, t])))) for t in range(x.shape[1])], dim=1)


def whole_between_loops(m, x):
    first = torch.stack([m.l1(m.a(now)) for now in x])
    return torch.stack([m.l2(now) for now in m.b(first)])


def states_by_hand(m, x):
    one, two = m.l1.init_leaky(), m.l2.init_leaky()
    sent, membranes = [], []
    for now in x:
        spikes, one = m.l1(m.a(now), one)
        spikes, two = m.l2(m.b(spikes), two)
        sent.append(spikes)
        membranes.append(two)
    return torch.stack(sent), torch.stack(membranes)


def still(m, x):
    return torch.stack([m.l2(m.b(m.l1(m.a(x[0])))) for _ in range(len(x))])


LOOPS = {
    "recurrence": (by_hand, {"c": linear(5, 5)}, "count"),
    "recurrence without a bias": (by_hand, {"b": linear(5, 5, bias=False), "c": linear(5, 5)}, "count"),
    "recurrence from the second step on": (from_the_second_on, {}, "count"),
    "a step late": (a_step_late, {}, None),
    "all steps between two loops": (whole_between_loops, {}, None),
    "states by hand": (states_by_hand, {"l1": snn.Leaky(beta=0.5), "l2": snn.Leaky(beta=0.5)}, None),
}


@pytest.mark.parametrize("case", LOOPS)
def test_loops_over_time_steps(case):
    run, layers, readout = LOOPS[case]
    module, inputs = Module(run, **layers), (torch.rand((20, 3, 5), generator=DICE) < 0.4).float()
    network = cm.from_torch(module, inputs)
    assert network.timesteps == 20
    assert (network.settings.readout.type if network.settings.readout else None) == readout
    theirs, ours = spikes_of(module, inputs)
    assert sum(float(spikes.sum()) for spikes in theirs.values()) > 20, "it spikes"
    for name, spikes in theirs.items():
        assert torch.equal(spikes, ours[name]), name


def test_time_may_come_second_and_a_sample_may_stand_still():
    inputs = (torch.rand((3, 20, 5), generator=DICE) < 0.4).float()
    module = Module(batch_first)
    theirs, ours = spikes_of(module, inputs, lambda x: x.transpose(0, 1))
    assert all(torch.equal(theirs[name], ours[name]) for name in theirs)
    network = cm.from_torch(Module(lambda m, x: torch.stack([m.l1(m.a(x)) for _ in range(7)]).mean(0)), (3, 5))
    assert (network.timesteps, network.shapes["input"][1], network.settings.readout.type) == (7, (5,), "count")


def membranes_out(m, x):
    _, membrane = m.l1(m.a(x))
    return m.l2(m.b(membrane))


def reset_by_hand(m, x):
    spikes, membrane = m.l1(m.a(x), torch.zeros(1, 5))
    for _ in range(2):
        spikes, membrane = m.l1(m.a(x), membrane * 0.5)
    return m.l2(m.b(spikes))


def last_step(m, x):
    for _ in range(4):
        spikes = m.l1(m.a(x))
    return m.l2(m.b(spikes))


def excited_at_once(m, x):
    back = torch.zeros(1, 5)
    for _ in range(4):
        back = m.l2(m.b(m.l1(m.a(x) + back)))
    return back


def gated_by_itself(m, x):
    gate = torch.zeros(1, 5)
    for _ in range(4):
        gate = torch.sigmoid(m.a(x) + gate)
        out = m.l1(gate)
    return out


def forgetful(m, x):
    for _ in range(3):
        spikes, _ = m.l1(m.a(x), torch.zeros(1, 5))
    return spikes


def head_start(m, x):
    return m.l1(m.a(x), torch.full((1, 5), 0.5))[0]


REFUSED = {
    "a state that is none of its own": (
        forgetful,
        {"l1": snn.Leaky(beta=0.9)},
        "layer 'l1': the state that it is given is computed",
    ),
    "a head start": (head_start, {"l1": snn.Leaky(beta=0.9)}, "layer 'l1': it starts with a state of its own; start it with zeros"),
    "membrane": (membranes_out, {"l1": snn.Leaky(beta=0.9)}, "layer 'l2': it receives the state of 'l1', not what it sends"),
    "state": (reset_by_hand, {"l1": snn.Leaky(beta=0.9)}, "layer 'l1': the state that it is given is computed outside of it"),
    "noise": (
        lambda m, x: m.l1(m.a(torch.zeros(1, 5))),
        {},
        "what it returns does not come|comes from neither the sample nor a layer",
    ),
    "flipped": (lambda m, x: m.l2(m.b(m.l1(m.a(x)).flip(1))), {}, "what 'l1' sends: neurons of shape .5. are put in an order"),
    "sorted": (lambda m, x: m.l2(m.b(m.l1(m.a(x)).sort(1)[0])), {}, "'sort' has no counterpart among the nodes of a network"),
    "a branch": (lambda m, x: m.l1(m.a(x)) if x.sum() > 0 else x, {}, "what it does next depends on a value"),
    "the last step": (last_step, {}, "layer 'l2': it receives what is sent at a later step|called 1 and 4 times"),
    "two layers a step": (excited_at_once, {}, "'l1' excites 'l2' 0 steps later on a way that comes back"),
    "no neurons": (gated_by_itself, {}, "comes back to it through no neurons|it is called on what"),
    "neurons of two places": (lambda m, x: m.l1(m.b(m.l1(m.a(x)))), {}, "layer 'l1': it is called on what"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_no_network_does_is_refused(case):
    run, layers, words = REFUSED[case]
    with pytest.raises(InputError, match=words) as told:
        cm.from_torch(Module(run, **layers), (1, 5))
    assert "\n" not in str(told.value)
    assert "; " in str(told.value), "a mend"


@pytest.mark.parametrize("shape", [lambda x: x.view(len(x), -1), lambda x: torch.flatten(x, 1), lambda x: x.reshape(-1, 108)])
def test_changes_of_shape(shape):
    words = {"a": dyadic(nn.Conv2d(1, 3, 3), DICE), "b": linear(108, 5)}
    module = steps_of(Module(lambda m, x: m.l2(m.b(shape(m.l1(m.a(x))))), **words))
    theirs, ours = spikes_of(module, (torch.rand((9, 2, 1, 8, 8), generator=DICE) < 0.4).float())
    assert all(torch.equal(theirs[name], ours[name]) for name in theirs)


@pytest.mark.parametrize(
    ("neuron", "words"),
    [
        (leaky(inhibition=True), "inhibition lets one neuron of the layer spike; leave inhibition at False"),
        (leaky(graded_spikes_factor=2.0), "graded_spikes_factor scales its spikes; put the factor into the weights"),
        (leaky(state_quant=lambda x: x), "state_quant rounds its membrane; leave state_quant at False"),
        (leaky(threshold=-0.5), "its threshold is below 0"),
        (leaky(spike_grad=lambda x: torch.sigmoid(x)), "spike_grad does not spike where, and only where, the threshold is passed"),
    ],
)
def test_neurons_that_do_more_are_refused_by_name(neuron, words):
    with pytest.raises(InputError, match="layer '1': " + words):
        cm.from_torch(nn.Sequential(nn.Linear(5, 4), neuron), (1, 5))


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (
            [nn.Conv2d(1, 3, 3), nn.AvgPool2d(4, ceil_mode=True)],
            "layer '1': 'avgpool with ceil_mode=True, whose last windows are cut",
        ),
        ([nn.Conv2d(1, 3, 3), nn.Flatten(0)], r"layer '2': it receives shape \[108\]; give a sample from which"),
        (
            [nn.Conv2d(1, 3, 9)],
            r"does not run on \[1, 1, 8, 8\] .*; check the sample's shape; '0', its first layer, takes \(batch, 1, h",
        ),
        (
            [nn.Conv2d(1, 3, 3).double()],
            "its parameters are of type torch.float64, and networks run in torch.float32; give module.float",
        ),
    ],
)
def test_layers_are_taken_whole_or_refused(layers, words):
    with pytest.raises(InputError, match=words) as told:
        cm.from_torch(nn.Sequential(*layers, leaky()), (1, 1, 8, 8))
    assert "\n" not in str(told.value)


def test_an_input_that_nir_made_up_is_refused_in_a_file_too(tmp_path):
    def lif():
        return nir.LIF(*(np.full(3, value) for value in (0.01, 1.0, 0.0, 1.0)))

    nodes = {"input": nir.Input(np.array([3])), "lif1": lif(), "input_lif2": nir.Input(np.array([3])), "lif2": lif()}
    nodes["output"] = nir.Output(np.array([3]))
    edges = [("input", "lif1"), ("input_lif2", "lif2"), ("lif1", "output"), ("lif2", "output")]
    nir.write(tmp_path / "n.nir", nir.NIRGraph(nodes, edges))
    with pytest.raises(
        InputError, match=r"n\.nir: 'input_lif2' is no input of the network: the exporter lost what 'lif2' receives"
    ):
        nir_files.read(tmp_path / "n.nir")


def test_a_recurrent_bias_acts_from_the_first_step_on():
    """Whether or not there is a layer of the same kind before it that could take it."""
    neurons = dyadic(snn.RLeaky(beta=0.5, linear_features=4, init_hidden=True), DICE)
    for before in ([nn.Conv2d(1, 1, 3), nn.Flatten()], [nn.Flatten(), nn.Linear(16, 4)]):
        module = steps_of(nn.Sequential(*(dyadic(layer, DICE) for layer in before), neurons))
        theirs, ours = spikes_of(module, (torch.rand((9, 2, 1, 4, 4), generator=DICE) < 0.6).float())
        assert all(torch.equal(theirs[name], ours[name]) for name in theirs)
