"""NIR graphs of Norse 1.1, Rockpool 3.1 and Sinabs 3.1 in memory spike here as there; and what each makes of our files."""

import nir
import norse.torch as norse
import numpy as np
import pytest
import sinabs.layers as sl
import sinabs.nir
import torch
from norse.torch.functional.lif import LIFParameters
from norse.torch.functional.lif_box import LIFBoxParameters
from rockpool.nn.combinators import Sequential
from rockpool.nn.modules import ExpSynTorch, LIFTorch, LinearTorch
from rockpool.nn.modules.torch.nir import to_nir
from sinabs.activation import SingleSpike

import costmodel as cm
from costmodel.graphs.nodes.population import Population
from costmodel.validation.runner.model import NetworkModel
from tests.graphs.exporting.test_nir_round_trip import whole
from tests.networks import linear
from tests.same_spikes import dyadic, first_difference, spike_train

INPUTS, HIDDEN, OUTPUTS = 6, 12, 4


def cells(kind: str) -> torch.nn.Module:
    """Parameters that are numbers, as Norse has them by default, with dyadic decays."""
    mem, syn = torch.as_tensor(250.0), torch.as_tensor(500.0)
    if kind == "lif":
        return norse.LIFCell(LIFParameters(tau_mem_inv=mem, tau_syn_inv=syn))
    return norse.LIFBoxCell(LIFBoxParameters(tau_mem_inv=mem))


@pytest.mark.parametrize("batch", [1, 7])
@pytest.mark.parametrize("kind", ["lif", "lif box"])
def test_norse_in_memory(kind, batch):
    """The batch that it was exported with is no part of a sample."""
    dice = torch.Generator().manual_seed(0)
    linears = [torch.nn.Linear(INPUTS, HIDDEN), torch.nn.Linear(HIDDEN, OUTPUTS)]
    layers = [dyadic(linears[0], dice, 8.0), cells(kind), dyadic(linears[1], dice, 8.0), cells(kind)]
    graph = norse.to_nir(norse.SequentialState(*layers), torch.zeros(batch, INPUTS))
    inputs, spikes, states = spike_train((INPUTS,), dice), ([], []), [None, None]
    with torch.no_grad():
        for x in inputs:
            for i in range(2):
                x, states[i] = layers[2 * i + 1](layers[2 * i](x), states[i])
                spikes[i].append(x)
    network = cm.from_nir(graph, writer="norse")
    sent, _ = NetworkModel(network).trace(inputs)
    names = [key for key, node in network.nodes.items() if isinstance(node, Population)]
    theirs = dict(zip(names, map(torch.stack, spikes), strict=True))
    assert all(values.sum() > 30 for values in theirs.values())
    assert first_difference(theirs, {key: sent[key].numpy() for key in names}) is None


def test_rockpool_in_memory():
    """With a readout, whose τ is a parameter in training; its step follows from r."""
    once = torch.tensor(1.0)
    layers = [LinearTorch((INPUTS, HIDDEN)), LIFTorch(HIDDEN, tau_mem=0.01, tau_syn=0.005, dt=2e-3, max_spikes_per_dt=once)]
    net = Sequential(*layers, LinearTorch((HIDDEN, OUTPUTS)), ExpSynTorch(OUTPUTS, tau=0.02, dt=2e-3))
    network = cm.from_nir(to_nir(net, torch.zeros(2, 5, INPUTS)), writer="rockpool")
    assert network.dt == 2e-3
    inputs = spike_train((INPUTS,), torch.Generator().manual_seed(0))
    with torch.no_grad():
        theirs = net(inputs.transpose(0, 1))[0].transpose(0, 1)
    sent, _ = NetworkModel(network).trace(inputs)
    (last,) = network.graph.pred[network.output]
    assert theirs.abs().max() > 0.1
    assert sent[last].numpy() == pytest.approx(theirs.numpy(), rel=1e-4, abs=1e-5)


def test_sinabs_in_memory():
    """Layers that are not squeezed write time into the input's shape; an ExpLeak's input is not scaled, a LIF's is."""
    dice = torch.Generator().manual_seed(0)
    linears = [dyadic(torch.nn.Linear(INPUTS, HIDDEN), dice, 8.0), dyadic(torch.nn.Linear(HIDDEN, OUTPUTS), dice)]
    neurons = sl.LIF(tau_mem=5.0, spike_fn=SingleSpike)
    net = torch.nn.Sequential(linears[0], neurons, linears[1], sl.ExpLeak(tau_mem=8.0))
    inputs = spike_train((INPUTS,), dice)
    network = cm.from_nir(sinabs.nir.to_nir(net, torch.zeros(1, 5, INPUTS)), writer="sinabs")
    assert any("(5, 6) read as (6,)" in told for told in network.assumptions)
    neurons.reset_states()
    net[3].reset_states()
    with torch.no_grad():
        spikes = neurons(linears[0](inputs.transpose(0, 1)))
        theirs = net[3](linears[1](spikes)).transpose(0, 1)
    sent, _ = NetworkModel(network).trace(inputs)
    assert spikes.sum() > 50
    assert np.array_equal(sent["1"].numpy(), spikes.transpose(0, 1).numpy())
    assert sent["3"].numpy() == pytest.approx(theirs.numpy(), rel=1e-5, abs=1e-5)


def test_two_steps_in_one_file_are_refused():
    layers = [LinearTorch((INPUTS, HIDDEN)), LIFTorch(HIDDEN, dt=1e-3), LinearTorch((HIDDEN, OUTPUTS)), LIFTorch(OUTPUTS, dt=2e-3)]
    graph = to_nir(Sequential(*layers), torch.zeros(1, 1, INPUTS))
    with pytest.raises(cm.InputError, match=r"its neurons step by 0\.001\d* to 0\.00\d+ s"):
        cm.from_nir(graph, writer="rockpool")
    assert cm.from_nir(graph, writer="rockpool", dt=1e-3).dt == 1e-3


NODES = {
    "if": {"type": "if", "r": 1000.0, "reset": "value"},
    "lif": {"type": "lif", "tau": "4 ms", "r": 4.0, "reset": "value"},
    "li": {"type": "li", "tau": "4 ms"},
    "cubalif": {"type": "cubalif", "tau_mem": "4 ms", "tau_syn": "2 ms", "reset": "value"},
}
MADE = {
    "norse": {"if": "IAFCell", "lif": "LIFBoxCell", "li": None, "cubalif": "CubaLIF"},
    "sinabs": {"if": "IAFSqueeze", "lif": "LIFSqueeze", "li": "ExpLeakSqueeze", "cubalif": None},
}


@pytest.mark.parametrize("kind", NODES)
@pytest.mark.parametrize("reader", MADE)
def test_what_readers_make_of_our_files(reader, kind, tmp_path):
    """Both take the file; a node that one has no neuron for, it leaves out without a word. Neither has the file's dt."""
    cm.export(whole(linear(5), NODES[kind]), tmp_path / "net.nir")
    graph = nir.read(tmp_path / "net.nir")
    made = norse.from_nir(graph, ignore_warnings=True) if reader == "norse" else sinabs.nir.from_nir(graph, batch_size=1)
    kinds = {type(module).__name__ for module in made.modules()}
    assert "Linear" in kinds
    assert (MADE[reader][kind] in kinds) if MADE[reader][kind] else not kinds & {"LIBoxCell", "LIFSqueeze", "IAFSqueeze"}
    if (reader, kind) == ("norse", "lif"):
        (cell,) = [module for module in made.modules() if type(module).__name__ == "LIFBoxCell"]
        assert np.unique(1 / cell.p.tau_mem_inv.numpy()) == pytest.approx(4e-3)
