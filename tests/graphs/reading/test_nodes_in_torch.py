"""Nodes that torch modules need: run as torch runs them, counted connection by connection, their activity as measured."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

import costmodel as cm
from costmodel.graphs.errors import InputError
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.measurement import of_traces
from costmodel.graphs.network import Network
from costmodel.validation.runner.model import NetworkModel
from costmodel.validation.runner.simulate import simulate

DICE = torch.Generator().manual_seed(0)
BATCH = 4


def both(module, shape):
    """What the module gives, and the network that it becomes; (batch, …) each, over one step."""
    inputs = torch.randn((BATCH, *shape), generator=DICE)
    network = cm.from_torch(module.eval(), inputs)
    with torch.no_grad():
        theirs = module(inputs)
        sent = NetworkModel(network)(inputs[None])
    return theirs, sent[network.output][0], network


class Of(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


LAYERS = {
    "conv3d": (nn.Conv3d(2, 4, 3, padding=1, stride=(1, 2, 1)), (2, 4, 5, 6)),
    "transposed 1d": (nn.ConvTranspose1d(2, 3, 4, stride=3, padding=1, output_padding=1), (2, 5)),
    "transposed 2d": (nn.ConvTranspose2d(4, 6, (3, 2), stride=2, dilation=2, groups=2), (4, 5, 4)),
    "circular": (nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode="circular"), (2, 5, 6)),
    "reflected": (nn.Conv1d(2, 3, 5, padding=2, padding_mode="reflect"), (2, 7)),
    "replicated": (nn.Conv2d(2, 3, 3, padding=1, padding_mode="replicate"), (2, 5, 6)),
    "zero pad": (nn.ZeroPad2d((1, 2, 0, 3)), (2, 4, 5)),
    "batch norm, its own eps": (nn.BatchNorm2d(3, eps=0.25), (3, 4, 5)),
    "batch norm without weights": (nn.BatchNorm3d(3, affine=False), (3, 2, 4, 5)),
    "layer norm": (nn.LayerNorm((4, 5), eps=0.01), (3, 4, 5)),
    "layer norm without weights": (nn.LayerNorm(5, elementwise_affine=False), (3, 5)),
    "softmax": (nn.Softmax(dim=2), (3, 4, 5)),
    "max pool 3d": (nn.MaxPool3d(2), (2, 4, 4, 4)),
    "max pool over padding": (nn.MaxPool2d(3, 2, padding=1), (2, 5, 5)),
    "mean pool": (nn.AvgPool1d(3, 2, padding=1), (2, 7)),
    "mean of all": (nn.AdaptiveAvgPool2d(1), (2, 4, 6)),
    "nearest": (nn.Upsample(size=(7, 9)), (2, 3, 4)),
    "bilinear": (nn.Upsample(scale_factor=2, mode="bilinear"), (2, 3, 4)),
    "sigmoid": (nn.Sigmoid(), (5,)),
    "tanh": (nn.Tanh(), (5,)),
    "gelu": (nn.GELU(), (5,)),
    "gelu by tanh": (nn.GELU(approximate="tanh"), (5,)),
    "silu": (nn.SiLU(), (5,)),
    "leaky relu": (nn.LeakyReLU(0.3), (5,)),
    "elu": (nn.ELU(), (5,)),
    "softplus": (nn.Softplus(), (5,)),
    "a position": (Of(lambda x: x + torch.arange(20.0).reshape(4, 5)), (4, 5)),
    "sums": (Of(lambda x: x.sum((1, 3))), (3, 4, 5)),
    "means": (Of(lambda x: x.mean(-1)), (3, 4)),
    "maxima": (Of(lambda x: x.amax(1)), (3, 4)),
    "another order": (Of(lambda x: 2 * x.permute(0, 3, 1, 2)), (3, 4, 5)),
    "heads": (Of(lambda x: 2 * x.reshape(len(x), 4, 2, 3).transpose(1, 2)), (4, 6)),
    "one of three": (Of(lambda x: 2 * x.reshape(len(x), 3, 2, 4).unbind(1)[1]), (6, 4)),
    "some": (Of(lambda x: 2 * x[:, 1::2]), (5, 3)),
    "joined": (Of(lambda x: torch.cat([x, 2 * x], 2)), (3, 4)),
    "a square": (Of(lambda x: x * x), (3, 4)),
    "x times its transpose": (Of(lambda x: x @ x.transpose(1, 2)), (3, 4)),
    "attention": (nn.MultiheadAttention(8, 2, batch_first=True), None),
    "encoder": (nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, activation="gelu"), (5, 8)),
}


@pytest.mark.parametrize("case", [case for case, (_, shape) in LAYERS.items() if shape is not None])
def test_a_layer_computes_what_torch_computes(case):
    module, shape = LAYERS[case]
    theirs, ours, _ = both(module, shape)
    assert ours.shape == theirs.shape
    assert torch.allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_attention_of_several_heads():
    attention = LAYERS["attention"][0]
    theirs, ours, network = both(Of(lambda x: attention(x, x, x)[0]), (5, 8))
    assert torch.allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    assert sum(node.type == "matmul" for node in network.nodes.values()) == 2
    summary = cm.summarise(network)
    assert summary.parameters == sum(p.numel() for p in attention.parameters())
    dense = 4 * 5 * 8 * 8 + 2 * 2 * 5 * 5 * 4  # projections, and of each head Q Kᵀ and its product with V
    assert summary.work.dense_synops == dense


@pytest.mark.parametrize(("kernel", "stride", "dilation", "padding"), itertools.product((1, 2, 3), (1, 2, 3), (1, 2), (0, 1)))
def test_connections_of_a_transposed_convolution(kernel, stride, dilation, padding):
    """Counted on torch's own: which outputs each input changes."""
    layer = nn.ConvTranspose1d(2, 3, kernel, stride, padding, dilation=dilation, bias=False)
    layer.weight.data.fill_(1)
    inputs = torch.eye(8).reshape(8, 2, 4)
    try:
        outputs = layer(inputs).detach()
    except RuntimeError:
        return  # nothing is left of so small an input
    fields = {
        "type": "convtranspose1d",
        "features": 3,
        "kernel": kernel,
        "stride": stride,
        "dilation": dilation,
        "padding": padding,
    }
    network = Network.from_document(
        {"name": "n", "nodes": [{"id": "in", "type": "input", "shape": [2, 4]}, {"id": "c", "bias": False, **fields}]}
    )
    node = network.nodes["c"]
    assert tuple(outputs.shape[1:]) == network.shapes["c"][1]
    assert node.geometry((2, 4)).connections == int((outputs != 0).sum())
    assert np.array_equal(node.reach((2, 4), None).ravel(), (outputs != 0).flatten(1).sum(1).numpy())
    assert node.fan_in((2, 4), None) >= int((outputs != 0).sum(0).max())


def test_what_is_measured_counts_to_the_last_operation():
    """Behind a rectifier, and behind elements that are copied."""
    inputs = (torch.rand((BATCH, 4, 4), generator=DICE) - 0.5).round(decimals=1)
    network = cm.from_torch(Of(lambda x: nn.functional.linear(torch.relu(x), torch.ones(6, 4))), inputs, measure=True)
    active = int((torch.relu(inputs) != 0).sum())
    assert cm.summarise(network).work.effective_synops == pytest.approx(6 * active / BATCH)
    upsampled = nn.Sequential(nn.ReLU(), nn.Upsample(scale_factor=2), nn.Conv2d(1, 2, 1, bias=False))
    network = cm.from_torch(upsampled, inputs[:, None], measure=True)
    assert cm.summarise(network).work.effective_synops == pytest.approx(4 * 2 * active / BATCH)


def test_effective_operations_of_a_product_of_two_activities(tmp_path):
    """Counted pair by pair: where both factors are not 0, which no rates tell."""
    inputs = torch.where(torch.rand((BATCH, 3, 5), generator=DICE) < 0.4, 1.0, -1.0)
    module = Of(lambda x: torch.relu(x) @ torch.relu(x).transpose(1, 2))
    network = cm.from_torch(module, inputs, measure=True)
    active = (inputs > 0).double()
    wanted = float(torch.einsum("bik,bjk->", active, active)) / BATCH
    assert cm.summarise(network).work.effective_synops == pytest.approx(wanted)
    assert cm.summarise(network).work.dense_synops == 3 * 5 * 3
    np.savez(tmp_path / "in.npz", input=inputs[None].numpy())
    simulate(network.with_elements({}), tmp_path / "out.npz", tmp_path / "in.npz")
    again = network.with_elements(of_traces(tmp_path / "out.npz").elements)
    assert cm.summarise(again).work.effective_synops == pytest.approx(wanted)
    assert Activity(again).measured
    with pytest.raises(InputError, match="measure 'matmul' too"):
        Activity(network.with_elements({"relu": network.elements["relu"]}))


def test_matrices_with_one_leading_element_are_multiplied_with_all():
    nodes = [
        {"id": "a", "type": "input", "shape": [1, 3, 4]},
        {"id": "b", "type": "input", "shape": [2, 4, 5]},
        {"id": "m", "type": "matmul", "inputs": ["a", "b"]},
    ]
    network = Network.from_document({"name": "n", "nodes": nodes, "edges": [["a", "m"], ["b", "m"]]})
    assert network.shapes["m"][1] == (2, 3, 5)
    one, other = torch.randn((1, 2, 1, 3, 4), generator=DICE), torch.randn((1, 2, 2, 4, 5), generator=DICE)
    with torch.no_grad():
        assert torch.allclose(NetworkModel(network)({"a": one, "b": other})["m"], one @ other, rtol=1e-5, atol=1e-6)
    assert cm.summarise(network).work.dense_synops == 2 * 3 * 4 * 5


def test_rates_where_only_means_are_known():
    nodes = [
        {"id": "in", "type": "input", "shape": [2, 6], "rate": 0.5},
        {"id": "p", "type": "product", "inputs": ["in", "in"]},
        {"id": "j", "type": "concat", "inputs": ["p", "in"], "axis": 0},
        {"id": "r", "type": "relu", "rate": 0.25},
        {"id": "s", "type": "activation", "function": "sigmoid"},
        {"id": "t", "type": "permute", "order": [1, 0]},
        {"id": "m", "type": "matmul", "inputs": ["in", "t"]},
    ]
    edges = [["in", "p"], ["p", "j"], ["in", "j"], ["in", "r"], ["r", "s"], ["in", "t"], ["in", "m"], ["t", "m"], ["j", "o"]]
    nodes.append({"id": "o", "type": "output"})
    sent = Activity(Network.from_document({"name": "n", "nodes": nodes, "edges": edges})).sent
    assert (sent["p"].rate, sent["p"].binary) == (0.5, True), "a spike times itself is that spike"
    assert (sent["j"].rate, sent["j"].binary) == (0.5, True)
    assert (sent["s"].rate, sent["s"].binary) == (1.0, False)
    assert (sent["m"].rate, sent["m"].binary) == (pytest.approx(1 - 0.75**6), False)


@pytest.mark.parametrize(
    ("nodes", "edges", "words"),
    [
        ([{"id": "m", "type": "matmul", "inputs": ["in", "in"]}], [["in", "m"]], r"cannot multiply matrices \[2, 6\] and \[2, 6\]"),
        ([{"id": "c", "type": "concat", "inputs": ["in", "x"]}], [["in", "c"]], "its inputs are in, x, and edges come from in"),
        ([{"id": "p", "type": "permute", "order": [0, 0]}], [["in", "p"]], "does not name each axis"),
        ([{"id": "s", "type": "select", "axis": 1, "indices": [6]}], [["in", "s"]], "place 6 of axis 1 lies outside"),
        ([{"id": "r", "type": "reshape", "shape": [5]}], [["in", "r"]], r"cannot give \[2, 6\] the shape \[5\]"),
        ([{"id": "r", "type": "reduce", "operation": "sum", "axes": [2]}], [["in", "r"]], "are not those of"),
        ([{"id": "u", "type": "upsample", "size": [3, 3]}], [["in", "u"]], "cannot give"),
    ],
)
def test_nodes_that_do_not_suit_their_input_are_refused(nodes, edges, words):
    document = {"name": "n", "nodes": [{"id": "in", "type": "input", "shape": [2, 6]}, *nodes], "edges": edges}
    with pytest.raises(InputError, match=words) as told:
        Network.from_document(document)
    assert "\n" not in str(told.value)


def test_chips_of_fixed_neurons_refuse_what_they_have_no_element_for():
    network = cm.from_torch(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), (1, 5, 8))
    answers = cm.compare(network)
    assert answers.feasible[["cpu-desktop", "h100", "tpu-v5e"]].all()
    for name in ("loihi", "truenorth", "memfpaa-pcm", "brainscales2", "artix7-100t"):
        assert not answers.feasible[name], name
        assert "matmul" in answers.why_not[name], answers.why_not[name]
