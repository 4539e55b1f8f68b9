"""NIR files that others publish (`files/README.md`) cost, and simulate as their writers do."""

from collections import OrderedDict
from pathlib import Path

import nir
import numpy as np
import pytest
import sinabs.layers as sl
import snntorch as snn
import torch
from sinabs.activation import SingleSpike
from torch import nn

import costmodel as cm
from costmodel.graphs.errors import InputError
from costmodel.graphs.reading.dialects import dialect
from costmodel.graphs.reading.loading import load
from costmodel.validation.runner.model import NetworkModel
from tests.same_spikes import note

FILES = Path(__file__).parent / "files"
SNNTORCH = {
    "braille_noDelay_bias_zero": "zero",
    "braille_noDelay_noBias_subtract": "subtract-at-once",
    "nirtorch_braille": "zero",
    "spyx_braille_noDelay_bias_zero_subgraph": "zero",
    "spyx_braille_noDelay_noBias_subtract_subgraph": "subtract-at-once",
}
STEPS, BATCH = 40, 8


def test_every_file_costs():
    for path in FILES.glob("*.nir"):
        if path.stem != "braille_noDelay_bias_zero_subgraph":
            assert cm.compare(load(path).with_timesteps(10), ["cpu-desktop", "loihi2"])["feasible"].all(), path.name


def test_a_file_whose_edges_name_no_node_is_refused():
    with pytest.raises(InputError, match=r"names 'lif1\.lif', which is no node"):
        load(FILES / "braille_noDelay_bias_zero_subgraph.nir")


@pytest.mark.parametrize(
    ("writer", "words"),
    [("norse", {"dt": 1e-4, "integrator": "euler", "reset": "zero"}), ("rockpool", {"writer": "rockpool"})],
)
def test_a_neuron_spikes_as_its_writer_recorded(writer, words):
    """The Norse of 2023 wrote time constants in seconds, which 1.1 does not: so its steps are given in words."""
    given, membrane, wanted = np.loadtxt(FILES / f"lif_{writer}.csv", delimiter=",").T
    network = load(FILES / f"lif_{writer}.nir", dialect(**words))
    assert network.dt == 1e-4
    (neurons,) = (name for name, node in network.nodes.items() if node.type == "lif" or node.type == "leaky")
    sent = NetworkModel(network.with_timesteps(len(given)))(torch.tensor(given, dtype=torch.float32)[:, None, None])
    note({neurons: torch.tensor(wanted)[:, None, None]}, sent)
    assert sent[neurons].flatten().tolist() == wanted.tolist()
    assert wanted.sum() == 4
    assert membrane.max() <= 0.1 + 1e-6  # it was recorded after the reset: spikes are all that stands above


def test_equations_solved_by_hand():
    """The first neuron rests above its threshold, and takes τ ln(v_leak / (v_leak − θ)) to it. The second stays below."""
    network = load(FILES / "two_lif_neurons.nir", dialect(dt=1e-4, reset="zero")).with_timesteps(2000)
    with torch.no_grad():
        sent = NetworkModel(network)(torch.zeros(2000, 1, 1))
    period = int(np.ceil(0.01 * np.log(1.2 / (1.2 - 1)) / 1e-4))
    assert np.flatnonzero(sent["lif1"]).tolist() == list(range(period - 1, 2000, period))
    assert sent["lif2"].sum() == 0


class Braille(nn.Module):
    """The file's weights around snnTorch's neurons, whose recurrence stands outside of them, as the notebooks' branch had it."""

    def __init__(self, graph: nir.NIRGraph, reset: str) -> None:
        super().__init__()
        inner = graph.nodes["lif1"].nodes if "lif1" in graph.nodes else None
        recurrent = inner["lin"] if inner else graph.nodes["lif1.w_rec"]
        cells = [inner["lif1"] if inner else graph.nodes["lif1.lif"], graph.nodes["lif2"]]
        self.fc1, self.fc2, self.recurrent = (self._linear(node) for node in (graph.nodes["fc1"], graph.nodes["fc2"], recurrent))
        self.lif1, self.lif2 = (self._neurons(cell, reset) for cell in cells)

    def _linear(self, node) -> nn.Linear:
        layer = nn.Linear(*node.weight.shape[::-1], bias=hasattr(node, "bias"))
        layer.weight.data = torch.tensor(node.weight)
        if hasattr(node, "bias"):
            layer.bias.data = torch.tensor(node.bias)
        return layer

    def _neurons(self, cell: nir.CubaLIF, reset: str) -> snn.Synaptic:
        left = [torch.tensor(1 - 1e-4 / tau, dtype=torch.float32) for tau in (cell.tau_syn, cell.tau_mem)]
        return snn.Synaptic(*left, reset_mechanism="zero" if reset == "zero" else "subtract", reset_delay=False)

    def forward(self, inputs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hidden, sent = [], []
        rest = torch.zeros(inputs.shape[1], self.fc1.out_features)
        out = torch.zeros(inputs.shape[1], self.fc2.out_features)
        one, two = (rest, rest, rest), (out, out, out)
        for now in inputs:
            one = self.lif1(self.fc1(now) + self.recurrent(one[0]), *one[1:])
            two = self.lif2(self.fc2(one[0]), *two[1:])
            hidden.append(one[0])
            sent.append(two[0])
        return torch.stack(hidden), torch.stack(sent)


@pytest.mark.parametrize(("file", "reset"), SNNTORCH.items())
def test_recurrent_networks_spike_as_in_snntorch(file, reset):
    network = load(FILES / f"{file}.nir", dialect("snntorch", reset=reset)).with_timesteps(STEPS)
    dice = torch.Generator().manual_seed(0)
    inputs = (torch.rand((STEPS, BATCH, 12), generator=dice) < 0.1).float()
    with torch.no_grad():
        theirs = Braille(nir.read(FILES / f"{file}.nir"), reset)(inputs)
        ours = NetworkModel(network)(inputs)
    names = [name for name, node in network.nodes.items() if "synaptic" in node.type]
    note(dict(zip(names, theirs, strict=True)), ours)
    for name, spikes in zip(names, theirs, strict=True):
        assert spikes.sum() > 50
        assert torch.equal(spikes, ours[name])


def test_a_convolutional_network_spikes_as_in_sinabs():
    """Sinabs as far as its file goes, which says nothing of the membranes' lowest value nor of several spikes a step."""
    network = load(FILES / "cnn_sinabs.nir", dialect("sinabs")).with_timesteps(STEPS)
    nodes = nir.read(FILES / "cnn_sinabs.nir").nodes
    layers = []
    for name in sorted((name for name in nodes if name.isdigit()), key=int):
        node = nodes[name]
        if isinstance(node, nir.Conv2d):
            layer = nn.Conv2d(*node.weight.shape[1::-1], node.weight.shape[2:], tuple(node.stride), tuple(node.padding))
        elif isinstance(node, nir.Affine):
            layer = nn.Linear(*node.weight.shape[::-1])
        elif isinstance(node, nir.SumPool2d):
            layer = sl.SumPool2d(2)
        elif isinstance(node, nir.Flatten):
            layer = nn.Flatten()
        else:
            layer = sl.IAFSqueeze(batch_size=1, spike_fn=SingleSpike, min_v_mem=None)
        if isinstance(layer, nn.Conv2d | nn.Linear):
            layer.weight.data, layer.bias.data = torch.tensor(node.weight), torch.tensor(node.bias)
        layers.append((f"n{name}", layer))
    module, sent = nn.Sequential(OrderedDict(layers)), {}
    for name, layer in module.named_children():
        if isinstance(layer, sl.IAFSqueeze):
            layer.register_forward_hook(lambda _, __, out, name=name: sent.__setitem__(name, out.detach()))
    inputs = (torch.rand((STEPS, 1, 2, 34, 34), generator=torch.Generator().manual_seed(0)) < 0.2).float()
    with torch.no_grad():
        module(inputs[:, 0])
        ours = NetworkModel(network)(inputs)
    populations = sorted((name for name, node in network.nodes.items() if node.type == "if"), key=int)
    note({name: spikes.unsqueeze(1) for name, spikes in zip(populations, sent.values(), strict=True)}, ours)
    for name, spikes in zip(populations, sent.values(), strict=True):
        assert spikes.sum() > 20
        assert torch.equal(spikes.flatten(1), ours[name].flatten(1))
