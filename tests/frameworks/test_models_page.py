"""The code of docs/models.md for the frameworks of the overlay, and SpikingJelly's large models."""

import sys
import types

import pytest
import torch
from spikingjelly.activation_based import functional, neuron, surrogate

import costmodel as cm
from tests.graphs.reading.models_page import ran
from tests.same_spikes import spikes_of


@pytest.mark.parametrize("heading", ["SpikingJelly", "Norse", "Rockpool"])
def test_a_page_of_code(heading):
    printed = ran(heading)
    assert all(name in printed for name in ("loihi", "h100", "cpu-desktop"))


@pytest.fixture
def without_torchvision(monkeypatch):
    """SpikingJelly's ResNets take from torchvision only how weights are downloaded."""
    stub = types.ModuleType("torchvision.models.utils")
    stub.load_state_dict_from_url = torch.hub.load_state_dict_from_url  # type: ignore[attr-defined]
    for name in ("torchvision", "torchvision.models"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "torchvision.models.utils", stub)


def test_sew_resnet18(without_torchvision):
    from spikingjelly.activation_based.model import sew_resnet

    torch.manual_seed(0)
    net = sew_resnet.sew_resnet18(
        spiking_neuron=neuron.IFNode, surrogate_function=surrogate.ATan(), detach_reset=True, cnf="ADD", num_classes=10
    )
    functional.set_step_mode(net, "m")
    images = 2 * torch.rand(4, 2, 3, 32, 32)
    theirs, ours = spikes_of(net, images)
    assert len(theirs) == 20
    for name, spikes in theirs.items():
        assert torch.equal(spikes, ours[name]), name
    assert sum(float(spikes.sum()) for spikes in theirs.values()) > 10_000
    functional.reset_net(net)
    network = cm.from_torch(net, images, measure=True)
    assert cm.summarise(network).parameters == sum(p.numel() for p in net.parameters())
    assert cm.compare(network, ["h100", "cpu-desktop", "tpu-v5e"]).feasible.all()


def test_spikformer():
    from spikingjelly.activation_based.model import spikformer

    torch.manual_seed(0)
    net, images = spikformer.spikformer_cifar10(num_classes=10), torch.rand(2, 3, 32, 32)
    for part in net.modules():
        if isinstance(part, torch.nn.BatchNorm2d | torch.nn.BatchNorm1d):
            part.weight.data.fill_(3.0)  # untrained, it is silent
            part.momentum = 1.0
    with torch.no_grad():
        net.train()(images)  # which sets means and variances
    functional.reset_net(net.eval())
    network = cm.from_torch(net, images, measure=True)
    assert network.timesteps == 4
    assert sum(node.type == "matmul" for node in network.nodes.values()) == 8
    assert cm.summarise(network).parameters == sum(p.numel() for p in net.parameters())
    functional.reset_net(net)
    theirs, ours = spikes_of(net, images, lambda x: x.expand(4, *x.shape))
    assert len(theirs) == 25
    for name, spikes in theirs.items():
        different = float((spikes != ours[name]).float().mean())
        assert different < 1e-4, (name, different)
    assert sum(float(spikes.sum()) for spikes in theirs.values()) > 10_000
    answers = cm.compare(network)
    assert answers.feasible[["h100", "cpu-desktop", "tpu-v5e"]].all()
    assert "matmul" in answers.why_not["truenorth"]
