"""Torch modules of snnTorch and Sinabs become network documents with the same nodes, sizes and parameters."""

import numpy as np
import pytest
import sinabs.layers as sl
import snntorch
import torch
from sinabs.activation import SingleSpike
from torch import nn

import costmodel as cm
from costmodel.estimates.request import notes
from costmodel.graphs.errors import InputError
from costmodel.graphs.network import Network
from costmodel.graphs.reading.importers import torch_module
from costmodel.graphs.reading.importers.torch_module import from_torch as traced
from tests.command import costmodel


def from_torch(module, sample, name):
    found = traced(module, sample, name)
    return found.document, found.arrays


def parameters(document, arrays):
    """Weights and biases as the network counts them."""
    network = Network.from_document(document, arrays)
    sizes = [node.geometry(network.shapes[name][0]) for name, node in network.synapse_nodes()]
    return sum(size.weights + size.biases for size in sizes)


def weights(module):
    return sum(value.numel() for name, value in module.named_parameters() if name.endswith(("weight", "bias")))


def types(document):
    return [node["type"] for node in document["nodes"]]


class Unrolled(nn.Module):
    """Runs its time steps inside forward, as snnTorch's tutorials do."""

    def __init__(self):
        super().__init__()
        self.fc1, self.lif1 = nn.Linear(20, 16), snntorch.Leaky(beta=0.9)
        self.fc2, self.lif2 = nn.Linear(16, 3), snntorch.Leaky(beta=0.8, reset_mechanism="zero")

    def forward(self, x):
        first, second = self.lif1.init_leaky(), self.lif2.init_leaky()
        out = []
        for _ in range(3):
            spikes, first = self.lif1(self.fc1(x), first)
            spikes, second = self.lif2(self.fc2(spikes), second)
            out.append(spikes)
        return torch.stack(out)


def test_snntorch_with_scalar_parameters():
    module = Unrolled()
    document, arrays = from_torch(module, (1, 20), "net")
    assert types(document) == ["input", "linear", "leaky", "linear", "leaky", "output"]
    first, second = document["nodes"][2], document["nodes"][4]
    assert document["nodes"][0]["shape"] == [20]
    assert (first["beta"], second["beta"]) == (0.9, 0.8)
    assert (first["v_threshold"], second["v_threshold"]) == (1.0, 1.0)
    assert (first["reset"], second["reset"]) == ("subtract", "zero")
    assert parameters(document, arrays) == weights(module)
    assert module.lif1.beta.ndim == 0, "the module itself must stay as it is"


def test_snntorch_convolutions_dropout_and_hidden_states():
    module = nn.Sequential(
        nn.Conv2d(1, 4, 5, bias=False),
        nn.AvgPool2d(2),
        snntorch.Leaky(beta=0.5, init_hidden=True, learn_beta=True),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(4 * 12 * 12, 10),
        snntorch.Synaptic(alpha=0.8, beta=torch.linspace(0.1, 0.9, 10), init_hidden=True, output=True),
    )
    module(torch.ones(2, 1, 28, 28))
    document, arrays = from_torch(module, torch.zeros(1, 1, 28, 28), "net")
    assert sorted(types(document)) == sorted(["input", "conv2d", "avgpool2d", "leaky", "flatten", "linear", "synaptic", "output"])
    assert parameters(document, arrays) == weights(module)
    assert np.array_equal(arrays["6"]["beta"], np.float32(torch.linspace(0.1, 0.9, 10)))
    assert next(node for node in document["nodes"] if node["id"] == "6")["alpha"] == 0.8


@pytest.mark.parametrize("all_to_all", [True, False])
def test_snntorch_recurrence(all_to_all):
    feedback = {"linear_features": 16} if all_to_all else {"V": torch.linspace(0, 1, 16)}
    rleaky = snntorch.RLeaky(beta=0.9, all_to_all=all_to_all, init_hidden=True, **feedback)
    module = nn.Sequential(nn.Linear(20, 16), rleaky, nn.Linear(16, 3), snntorch.Leaky(beta=0.9, init_hidden=True, output=True))
    document, arrays = from_torch(module, (20,), "net")
    assert types(document) == ["input", "linear", "leaky", "linear" if all_to_all else "scale", "linear", "leaky", "output"]
    assert ["1.w_rec", "1"] in document["edges"]
    assert parameters(document, arrays) == weights(module)


def test_sinabs():
    module = nn.Sequential(
        nn.Conv2d(2, 8, 3, bias=False),
        sl.IAFSqueeze(batch_size=1, spike_fn=SingleSpike),
        sl.SumPool2d(2),
        nn.Flatten(),
        nn.Linear(8 * 16 * 16, 10, bias=False),
        sl.LIFSqueeze(tau_mem=20.0, batch_size=1, spike_fn=SingleSpike),
    )
    document, arrays = from_torch(module, (4, 2, 34, 34), "net")
    nodes = {node["id"]: node for node in document["nodes"]}
    assert [nodes[name]["type"] for name in "01245"] == ["conv2d", "if", "sumpool2d", "linear", "lif"]
    assert nodes["1"]["reset"] == "subtract"
    assert nodes["1"]["r"] * document["dt"] == pytest.approx(1)
    assert nodes["5"]["tau"] == pytest.approx(20 * document["dt"])
    assert parameters(document, arrays) == weights(module)


def test_sinabs_with_a_time_axis():
    neurons = sl.LIF(tau_mem=torch.rand(16) + 5, norm_input=False, spike_fn=SingleSpike)
    module = nn.Sequential(nn.Flatten(2), nn.Linear(20, 16), neurons)
    document, arrays = from_torch(module, (1, 7, 4, 5), "net")
    assert document["nodes"][0]["shape"] == [4, 5]
    assert {"id": "input_flatten", "type": "flatten", "start_dim": 0, "end_dim": -1} in document["nodes"]
    assert document["timesteps"] == 7
    decay = np.exp(-document["dt"] / arrays["2"]["tau"])
    assert np.allclose(arrays["2"]["r"] * (1 - decay), 1, rtol=1e-4)
    assert parameters(document, arrays) == weights(module)


class Foreign(snntorch.SpikingNeuron):
    __module__ = "snntorch._neurons.foreign"

    def forward(self, x):
        return x


@pytest.mark.parametrize(
    ("module", "sample", "words"),
    [
        (nn.Sequential(nn.Linear(3, 4), nn.Hardshrink()), (1, 3), ("layer '1'", "'hardshrink' has no counterpart", "register")),
        (Foreign(), (1, 3), ("'Foreign' of snntorch has no counterpart here", "known are Alpha, Lapicque, Leaky", "register it")),
        (Unrolled(), (1, 21), ("does not run on [1, 21]", "sample's shape", "'fc1', its first layer, takes (batch, 20)")),
        (nn.Sequential(nn.Linear(3, 4), sl.LIF(tau_mem=5.0, tau_syn=5.0)), (1, 2, 3), ("MultiSpike, which sends several",)),
        (object(), (1, 3), ("no torch module",)),
        (nn.Linear(3, 4), "many", ("a sample of type str", "give a tensor")),
        (nn.Linear(3, 4), (1, 0), ("is no shape", "whole numbers of 1 or more")),
        (nn.Linear(3, 4), torch.full((2, 3), torch.nan), ("values that are not finite",)),
        (snntorch.Leaky(beta=0.5, init_hidden=True), (7,), ()),
    ],
)
def test_bad_modules_are_told_in_one_line(module, sample, words, capsys):
    if not words:
        assert from_torch(module, sample, "net")[0]["nodes"][0]["shape"] == [7]
        return
    with pytest.raises(InputError) as told:
        from_torch(module, sample, "net")
    assert "\n" not in str(told.value)
    assert all(word in str(told.value) for word in words), str(told.value)
    assert capsys.readouterr().out == ""


def test_chips_of_fixed_neurons_are_charged_their_own():
    """A Leaky is a LIF to them, a Synaptic a CubaLIF, which not all have; and that is said."""
    layers = [nn.Linear(5, 4), snntorch.Leaky(beta=0.9, init_hidden=True), nn.Linear(4, 3)]
    network = cm.from_torch(nn.Sequential(*layers, snntorch.Leaky(beta=0.9, init_hidden=True)), (1, 5))
    assert all(cm.estimate(network, name).feasible for name in ("loihi", "truenorth", "brainscales2", "odin", "memfpaa-hfox"))
    assert "leaky: a chip of fixed neurons is charged its lif, whose reset is another" in list(notes(network, {}))
    network = cm.from_torch(nn.Sequential(*layers, snntorch.Synaptic(alpha=0.5, beta=0.9, init_hidden=True)), (1, 5))
    assert cm.estimate(network, "loihi").feasible
    assert not cm.estimate(network, "truenorth").feasible


def test_saved_modules(tmp_path):
    module = nn.Sequential(nn.Linear(20, 3), sl.LIFSqueeze(tau_mem=20.0, batch_size=1, spike_fn=SingleSpike))
    torch.save(module, tmp_path / "net.pt")
    with pytest.raises(InputError, match=r"net\.pt: a saved module is a pickle, which runs its writer's code .* --trust"):
        torch_module.saved(tmp_path / "net.pt")
    found = torch_module.saved(tmp_path / "net.pt", trust=True)
    assert found.document["name"] == "net"
    assert parameters(found.document, found.arrays) == weights(module)
    torch.save(module.state_dict(), tmp_path / "state.pt")
    (tmp_path / "text.pt").write_text("no module")
    for name, words in {
        "state.pt": "not a module; give --model",
        "text.pt": "torch cannot read it",
        "none.pt": "no such file",
    }.items():
        with pytest.raises(InputError, match=words) as told:
            torch_module.saved(tmp_path / name, trust=True)
        assert name in str(told.value)


CODE = """
import snntorch
from torch import nn

def make():
    return nn.Sequential(nn.Linear(20, 3), snntorch.Leaky(beta=0.5, init_hidden=True))

def other():
    return nn.Linear(3, 3)
"""


def test_a_state_dict_with_what_makes_its_module(tmp_path, capsys, monkeypatch):
    (tmp_path / "net.py").write_text(CODE)
    module = nn.Sequential(nn.Linear(20, 3), snntorch.Leaky(beta=0.5, init_hidden=True))
    module[0].weight.data.fill_(0.25)
    torch.save(module.state_dict(), tmp_path / "state.pt")
    np.savez(tmp_path / "batch.npz", (np.random.default_rng(0).random((9, 4, 20)) < 0.3).astype(np.float32))
    words = (
        "import",
        tmp_path / "state.pt",
        "--model",
        f"{tmp_path}/net.py:make",
        "--sample",
        tmp_path / "batch.npz",
        "--over-time",
    )
    answer = costmodel(capsys, monkeypatch, *words, "--out", tmp_path / "net.json")
    assert (answer.code, answer.err) == (0, "")
    network = cm.load(tmp_path / "net.json")
    assert (network.timesteps, float(network.arrays["0"]["weight"].mean())) == (9, 0.25)
    assert network.elements["input"].shape == (20,), "the activity of each element came along"
    assert cm.compare(network, ["loihi"]).feasible.all()
    for model, told in {"make": None, "other": "it is no state dict of 'other'", "none": "has no function 'none'"}.items():
        if told is not None:
            with pytest.raises(InputError, match=told):
                torch_module.saved(tmp_path / "state.pt", model=f"{tmp_path}/net.py:{model}")
    with pytest.raises(InputError, match="names no function of a file"):
        torch_module.saved(tmp_path / "state.pt", model="net.py")


def test_weights_that_are_not_finite_are_refused():
    module = nn.Linear(3, 4)
    module.weight.data[1, 2] = torch.inf
    with pytest.raises(InputError, match="net: node 'linear': array 'weight' holds values that are not finite; remove NaN"):
        cm.from_torch(module, (1, 3), "net")
