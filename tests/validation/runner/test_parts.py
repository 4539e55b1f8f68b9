"""The modules that a network is made of: pooling, layouts in memory, drawn weights, shared parameters."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from costmodel.graphs.network import Network
from costmodel.graphs.neurons import neuron
from costmodel.validation.neurons.layer import NeuronLayer
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.pooling import MaxPool
from tests.networks import FLATTEN, LIF, POOL, chain, conv, linear, network


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 5), st.integers(1, 5), st.integers(2, 11), st.integers(2, 11), st.integers(2, 3), st.booleans(), st.booleans()
)
def test_pooling_is_that_of_torch(n, c, h, w, k, double, last):
    """Values and gradients, with rows and columns left over, whatever the layout; without ties the place is the same."""
    if min(h, w) < k:
        return
    dice = torch.Generator().manual_seed(n + 10 * c + 100 * h)
    x = torch.randn(n, c, h, w, generator=dice, dtype=torch.float64 if double else torch.float32)
    x = x.contiguous(memory_format=torch.channels_last if last else torch.contiguous_format)
    ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    out, expected = MaxPool.apply(ours, k), functional.max_pool2d(theirs, k)
    weight = torch.randn(expected.shape, generator=dice, dtype=x.dtype)
    (out * weight).sum().backward()
    (expected * weight).sum().backward()
    assert torch.equal(out, expected)
    assert torch.equal(ours.grad, theirs.grad)


def test_pooled_spikes_that_tie_get_one_gradient_in_all():
    """Of four ones in a window the first gets the gradient, as in torch."""
    x = torch.tensor([[[[1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 1.0]]]], requires_grad=True)
    MaxPool.apply(x, 2).sum().backward()
    assert x.grad.flatten().tolist() == [1, 0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize("per", [1, 3, 3 * 4 * 5])
def test_neurons_behind_a_convolution_have_their_own_parameters_whatever_the_layout(per):
    """Channels last in memory, as convolutions leave it: the same spikes, states and gradients as in order."""
    values = torch.linspace(0.4, 1.6, per) if per > 1 else torch.tensor(0.7)
    x = torch.rand(9, 2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    results = []
    for last in (False, True):
        layer = NeuronLayer(neuron("lif"), {"tau": 5e-3, "r": 6.0, "v_threshold": values}, 1e-3, trained=frozenset({"v_threshold"}))
        given = x.permute(0, 1, 3, 4, 2).contiguous().permute(0, 1, 4, 2, 3) if last else x.clone()
        assert given.is_contiguous() is not last
        given.requires_grad_()
        sent, after = layer(given)
        (sent * x.cos()).sum().backward()
        results.append((sent.detach(), after.detach(), given.grad, layer.v_threshold.grad))
    assert 0.05 < results[0][0].mean() < 0.95
    for one, other in zip(*results, strict=True):
        assert torch.allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("channels", [1, 2])
def test_convolutions_leave_their_channels_last_in_memory(channels):
    """From one input channel as well, whose weights lie the same either way: what follows needs no copy."""
    model = NetworkModel(network([channels, 8, 8], conv(4, 3), POOL, LIF, FLATTEN, linear(2), LIF, timesteps=5))
    sent = model(torch.rand(5, 2, channels, 8, 8))
    for name in ("n0", "n1", "n2"):
        assert sent[name].permute(0, 1, 3, 4, 2).is_contiguous()


@pytest.mark.parametrize(("shared", "count"), [("layer", 1), ("channel", 4), ("neuron", 4 * 6 * 6)])
def test_trained_parameters_are_shared_as_the_file_says(shared, count):
    net = network([1, 8, 8], conv(4, 3), {**LIF, "trained": {"tau": shared}}, FLATTEN, linear(2), LIF, timesteps=5)
    model = NetworkModel(net)
    free = dict(model.named_parameters())["parts.n1.parametrizations.tau.original"]
    assert free.numel() == count
    model(torch.rand(5, 2, 1, 8, 8) * 30)["n1"].sum().backward()
    assert free.grad.abs().sum() > 0
    assert torch.allclose(model.parts["n1"].tau.detach(), torch.tensor(0.01))


@pytest.mark.parametrize("radius", [0.5, 1.2])
@pytest.mark.parametrize("kind", ["sparse", "linear"])
def test_recurrent_weights_have_the_spectral_radius_that_is_set(radius, kind):
    node = {"type": kind, "features": 80, "bias": False, "initial": {"mean": 0.0, "deviation": 1.0, "spectral_radius": radius}}
    node |= {"density": 0.2} if kind == "sparse" else {}
    weight = NetworkModel(network([80], node, LIF), seed=1).parts["n0"].weight.detach().numpy()
    assert np.abs(np.linalg.eigvals(weight)).max() == pytest.approx(radius, rel=1e-5)
    assert np.count_nonzero(weight) == (0.2 if kind == "sparse" else 1) * 80 * 80


def test_training_leaves_missing_connections_missing_and_fixed_weights_alone():
    nodes = [
        {"id": "in", "type": "input", "shape": [6]},
        {"id": "w_in", "type": "linear", "features": 30, "trained": False},
        {"id": "pool", **LIF, "r": 10.0},
        {"id": "w_rec", "type": "sparse", "features": 30, "density": 0.1},
        {"id": "readout", "type": "linear", "features": 2},
    ]
    edges = [["in", "w_in"], ["w_in", "pool"], ["pool", "w_rec"], ["w_rec", "pool"], ["pool", "readout"]]
    model = NetworkModel(Network.from_document({"name": "r", "nodes": nodes, "edges": edges}))
    fixed, before = model.parts["w_in"].weight.clone(), model.parts["w_rec"].weight.detach().clone()
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.01)
    for _ in range(5):
        optimizer.zero_grad()
        (model(torch.rand(20, 4, 6))["readout"] - 1).square().mean().backward()
        optimizer.step()
    after = model.parts["w_rec"].weight.detach()
    assert torch.equal(model.parts["w_in"].weight, fixed)
    assert not torch.equal(after, before)
    assert torch.equal(after != 0, before != 0)


def test_the_same_seed_draws_the_same_weights_and_another_others():
    document = chain([2, 8, 8], conv(3, 3), LIF, POOL, FLATTEN, linear(4), LIF)
    one, same, other = (NetworkModel(Network.from_document(document), seed=seed).state_dict() for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["parts.n4.weight"], other["parts.n4.weight"])
