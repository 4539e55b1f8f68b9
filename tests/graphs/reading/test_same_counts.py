"""One network three ways: exported by snnTorch, exported by Sinabs, and written as a network file."""

import json
from collections.abc import Callable

import nir
import pytest
import sinabs.layers
import sinabs.nir
import snntorch
import snntorch.export_nir
import torch
from torch import nn

import costmodel as cm
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.summary import summarise
from costmodel.graphs.network import Network
from tests.command import costmodel
from tests.networks import FLATTEN, LIF, chain, conv, linear

STEPS = 12


def snntorch_lif(*shape: int) -> nn.Module:
    """With per-neuron parameters, as snnTorch's own exporter needs them."""
    return snntorch.Leaky(beta=torch.full(shape, 0.9), threshold=torch.ones(shape), init_hidden=True)


def snntorch_scalar_lif(*_: int) -> nn.Module:
    """As everybody writes it: our importer broadcasts the numbers."""
    return snntorch.Leaky(beta=0.9, init_hidden=True)


def sinabs_lif(*shape: int) -> nn.Module:
    threshold, tau = torch.ones(shape), torch.full(shape, 10.0)
    once = sinabs.activation.SingleSpike
    return sinabs.layers.LIFSqueeze(tau_mem=tau, spike_threshold=threshold, batch_size=1, norm_input=False, spike_fn=once)


def connected(lif: Callable[..., nn.Module]) -> nn.Module:
    return nn.Sequential(nn.Linear(20, 16), lif(16), nn.Linear(16, 5), lif(5))


def convolutional(lif: Callable[..., nn.Module]) -> nn.Module:
    return nn.Sequential(nn.Conv2d(2, 4, 3, stride=2, padding=1), lif(4, 5, 5), nn.Flatten(), nn.Linear(100, 5), lif(5))


@pytest.mark.parametrize(
    "export",
    [
        lambda: snntorch.export_nir.export_to_nir(connected(snntorch_lif), torch.rand(20)),
        lambda: sinabs.nir.to_nir(connected(sinabs_lif), torch.rand(1, 20)),
    ],
    ids=["snntorch", "sinabs"],
)
def test_estimate_of_an_exported_nir_file_counts_as_the_network_file(export, tmp_path, capsys, monkeypatch):
    nir.write(tmp_path / "exported.nir", export())
    (tmp_path / "net.json").write_text(json.dumps(chain([20], linear(16), LIF, linear(5), LIF, timesteps=STEPS)))
    words = ("--timesteps", str(STEPS), "-d", "loihi", "-d", "cpu-desktop", "--rate", "0.2", "--json")
    exported, written = (
        json.loads(costmodel(capsys, monkeypatch, "estimate", tmp_path / name, *words).out) for name in ("exported.nir", "net.json")
    )
    for key in ("parameters", "neurons", "synapses", "work"):
        assert exported["network"][key] == written["network"][key], key
    assert written["network"]["work"]["dense_synops"] == STEPS * (20 * 16 + 16 * 5)
    assert written["network"]["work"]["acs"] == pytest.approx(0.2 * written["network"]["work"]["dense_synops"])


@pytest.mark.parametrize("lif", [snntorch_lif, snntorch_scalar_lif, sinabs_lif])
def test_an_imported_convolutional_module_counts_as_the_network_file(lif):
    layers = (conv(4, 3, stride=2, padding=1), LIF, FLATTEN, linear(5), LIF)
    written = Network.from_document(chain([2, 10, 10], *layers, timesteps=STEPS))
    imported = cm.from_torch(convolutional(lif), torch.rand(1, 2, 10, 10), "conv").with_timesteps(STEPS)
    ours, theirs = (summarise(net, Activity(net, rates={"*": 0.2})) for net in (written, imported))
    assert theirs == ours
    assert ours.work.dense_synops == STEPS * (14 * 14 * 2 * 4 + 100 * 5)
