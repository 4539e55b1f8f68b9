"""The code of docs/models.md for the frameworks of the overlay, and SpikingJelly's large models."""

import json

import pytest
import torch
from spikingjelly.activation_based import functional, neuron, surrogate

import costmodel as cm
from tests.frameworks import large
from tests.graphs.reading.models_page import ran
from tests.same_spikes import spikes_of


@pytest.mark.parametrize("heading", ["SpikingJelly", "Norse", "Rockpool"])
def test_a_page_of_code(heading):
    printed = ran(heading)
    assert all(name in printed for name in ("loihi", "h100", "cpu-desktop"))


def test_sew_resnet18():
    sew_resnet = large.sew_resnet()

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
    net, images = large.spikformer(2)
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


@pytest.mark.parametrize("name", large.MODELS)
def test_the_shipped_examples_are_these_models(name):
    made, shipped = large.document(name), json.loads((large.EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    assert made["edges"] == shipped["edges"]
    for ours, theirs in zip(made["nodes"], shipped["nodes"], strict=True):
        assert {**ours, "rate": None} == {**theirs, "rate": None}
        assert ours.get("rate", {}).get("mean", 0) == pytest.approx(theirs.get("rate", {}).get("mean", 0), rel=0.05, abs=1e-3)
