"""What a torch module computes and no graph of its layers tells: refused by name, in one line, with a mend."""

from itertools import pairwise

import nir
import numpy as np
import pytest
import snntorch as snn
import torch
from torch import nn

import costmodel as cm
from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.importers import nir as nir_files


def leaky(**words):
    return snn.Leaky(beta=0.9, init_hidden=True, **words)


class Module(nn.Module):
    """Layers a, b, c between neurons l1 and l2, in whatever order a function calls them."""

    def __init__(self, run, **layers):
        super().__init__()
        for name, layer in {"a": nn.Linear(5, 5), "b": nn.Linear(5, 5), "l1": leaky(), "l2": leaky(), **layers}.items():
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


def membranes_out(m, x):
    _, membrane = m.l1(m.a(x))
    return m.l2(m.b(membrane))


def reset_by_hand(m, x):
    spikes, membrane = m.l1(m.a(x), torch.zeros(1, 5))
    for _ in range(2):
        spikes, membrane = m.l1(m.a(x), membrane * 0.5)
    return m.l2(m.b(spikes))


def recurrent_by_hand(m, x):
    spikes = torch.zeros(1, 5)
    for _ in range(3):
        spikes = m.l1(m.a(x) + m.b(spikes))
    return spikes


def a_step_late(m, x):
    now = m.l1(m.a(x))
    for _ in range(2):
        before, now = now, m.l1(m.a(x))
        out = m.l2(m.b(before))
    return out


LOST = {
    "skip": (residual, {}, "layer 'l2': it receives an addition of 'b' and 'l1', outside of any layer"),
    "skip behind": (residual_of_spikes, {"c": nn.Linear(5, 2)}, "layer 'c': it receives an addition of 'l1' and 'l2'"),
    "skip out": (lambda m, x: (h := m.l1(m.a(x))) + m.l2(m.b(h)), {}, "what it returns is an addition of 'l1' and 'l2'"),
    "twice": (
        lambda m, x: m.l2(m.a(m.l1(m.a(x)))),
        {},
        "layer 'a': it is called twice, on what the sample holds and on what 'l1' sends",
    ),
    "siamese": (
        lambda m, x: m.l2(m.b(m.l1(m.a(x)) + m.a(x))),
        {},
        "layer 'l1': it is called once, 'a', from which it receives, twice",
    ),
    "unlike": (
        lambda m, x: (m.l1(m.a(x)), m.l1(m.a(x)), m.a(x)),
        {},
        "layer 'l1': it is called twice, 'a', from which it receives, 3 times",
    ),
    "late": (a_step_late, {}, "layer 'b': it is called twice, 'l1', from which it receives, 3 times"),
    "pool": (
        lambda m, x: m.l2(m.b(m.l1(nn.functional.max_pool1d(m.a(x), 1)))),
        {},
        "layer 'l1': it receives max_pool1d, a function of 'a'",
    ),
    "relu": (lambda m, x: m.l2(m.b(torch.relu(m.l1(m.a(x))))), {}, "layer 'b': it receives relu, a function of 'l1'"),
    "scaled": (lambda m, x: m.l2(m.b(m.l1(m.a(x * 2)))), {}, "layer 'a': it receives a product of the sample"),
    "own weights": (
        lambda m, x: nn.functional.linear(m.l1(m.a(x)), m.b.weight),
        {},
        "what it returns is linear, a function of 'l1'",
    ),
    "noise": (
        lambda m, x: m.l1(m.a(torch.zeros(1, 5))),
        {},
        "layer 'a': it receives something that comes from neither the sample nor",
    ),
    "membrane": (membranes_out, {"l1": snn.Leaky(beta=0.9)}, "layer 'b': 'b' receives the state of 'l1', not what it sends"),
    "state": (reset_by_hand, {"l1": snn.Leaky(beta=0.9)}, "layer 'l1': the state that 'l1' is given is computed outside of it"),
    "recurrence": (recurrent_by_hand, {}, "an addition of 'a' and 'b'|something that comes from neither"),
    "stacked": (lambda m, x: m.b(torch.stack([m.l1(m.a(x)) for _ in range(4)])), {}, "layer 'b': the exporter lost it"),
    "transposed": (lambda m, x: m.l2(m.b(m.l1(m.a(x)).flip(1))), {}, "layer 'b': it receives flip, a function of 'l1'"),
}


@pytest.mark.parametrize("case", LOST)
def test_what_layers_do_not_tell_is_refused(case, capsys):
    run, layers, words = LOST[case]
    with pytest.raises(InputError, match=words) as told:
        cm.from_torch(Module(run, **layers), (1, 5))
    assert "\n" not in str(told.value)
    assert "; " in str(told.value), "a mend"


@pytest.mark.parametrize("shape", [lambda x: x.view(1, -1), lambda x: torch.flatten(x, 1), lambda x: x.reshape(1, 108)])
def test_a_change_of_shape_is_a_layer(shape):
    words = {"a": nn.Conv2d(1, 3, 3), "b": nn.Linear(108, 5)}
    with pytest.raises(
        InputError, match=r"layer 'b': what 'l1' sends, \(3, 6, 6\) per sample, reaches it in shape \(1, 108\); let nn.Fl"
    ):
        cm.from_torch(Module(lambda m, x: m.l2(m.b(shape(m.l1(m.a(x))))), **words), (1, 1, 8, 8))


def over_time(m, x):
    """Sums over steps, detached copies, an input that is computed once: none of it is between layers."""
    current, sent = m.a(x.unsqueeze(0).squeeze(0)), []
    membrane = torch.zeros(1, 5)
    for _ in range(4):
        spikes, membrane = m.l1(current, membrane)
        sent.append(m.l2(m.b(spikes.detach().clone())))
    return torch.stack(sent).sum(0).softmax(1), sent


def last_step(m, x):
    for _ in range(4):
        spikes = m.l1(m.a(x))
    return m.l2(m.b(spikes))


@pytest.mark.parametrize(("run", "layers"), [(over_time, {"l1": snn.Leaky(beta=0.9)}), (last_step, {})])
def test_what_is_harmless_is_taken(run, layers):
    network = cm.from_torch(Module(run, **layers), (1, 5))
    assert list(network.graph.edges) == list(pairwise(["input", "a", "l1", "b", "l2", "output"]))


@pytest.mark.parametrize(
    ("neuron", "words"),
    [
        (leaky(inhibition=True), "inhibition lets one neuron of the layer spike; leave inhibition at False"),
        (leaky(graded_spikes_factor=2.0), "graded_spikes_factor scales its spikes; put the factor into the weights"),
        (leaky(state_quant=lambda x: x), "state_quant rounds its membrane; leave state_quant at False"),
        (leaky(threshold=-0.5), "its threshold is below 0"),
        (leaky(spike_grad=lambda x: torch.sigmoid(x)), "spike_grad does not spike where, and only where, the threshold is passed"),
        (
            snn.Synaptic(alpha=0.5, beta=0.9, init_hidden=True, reset_delay=False),
            "a Synaptic that subtracts its threshold without delay",
        ),
        (snn.Lapicque(beta=0.9, init_hidden=True), "snnTorch's NIR exporter does not take Lapicque"),
        (snn.Alpha(alpha=0.9, beta=0.8, init_hidden=True), "snnTorch's NIR exporter does not take Alpha"),
    ],
)
def test_neurons_that_do_more_are_refused_by_name(neuron, words):
    with pytest.raises(InputError, match="layer '1': " + words):
        cm.from_torch(nn.Sequential(nn.Linear(5, 4), neuron), (1, 5))


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (
            [nn.Conv2d(1, 3, 3, padding=1, padding_mode="circular")],
            "layer '0': snnTorch's NIR exporter drops the Conv2d's padding_mode='circular'",
        ),
        (
            [nn.Conv2d(1, 3, 3), nn.AvgPool2d(2, ceil_mode=True)],
            "layer '1': snnTorch's NIR exporter drops the AvgPool2d's ceil_mode=True",
        ),
        ([nn.Conv2d(1, 3, 3), nn.AvgPool2d(3, 1, padding=1)], "layer '1': snnTorch's NIR exporter drops the AvgPool2d's padding"),
        ([nn.Conv2d(1, 3, 3), nn.Flatten(0)], "layer '1': snnTorch's NIR exporter drops the Flatten's start_dim=0"),
        ([nn.Conv2d(1, 8, (3, 5), stride=(1, 2))], "runs but does not export to NIR .*type mismatch"),
        ([nn.Conv2d(1, 3, 9)], r"does not run on \[1, 1, 8, 8\] .*; check the sample's shape"),
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


def test_a_recurrent_bias_without_a_layer_before_it_is_refused():
    """There is no place from which it would act at the first step too; without the bias nothing is lost."""
    neurons = snn.RLeaky(beta=0.5, linear_features=4, init_hidden=True)
    module = nn.Sequential(nn.Conv2d(1, 1, 3), nn.Flatten(), neurons)
    with pytest.raises(InputError, match="layer '2': its recurrent bias acts from the first step on, here from the second"):
        cm.from_torch(module, (1, 1, 4, 4))
    neurons.recurrent.bias.data.zero_()
    assert cm.from_torch(module, (1, 1, 4, 4)).shapes["2.lif"][1] == (4,)
