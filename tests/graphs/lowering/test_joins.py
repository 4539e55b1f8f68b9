"""Spike trains that meet before a synapse: as NeuroBench's own harness counts their sum, and as a chip delivers each of them."""

import numpy as np
import pytest
import snntorch
import torch
from neurobench.benchmarks import Benchmark
from neurobench.metrics.workload import SynapticOperations
from neurobench.models import SNNTorchModel
from torch import nn

from costmodel.devices.part import part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.summary import summarise
from costmodel.graphs.network import Network
from tests.networks import LIF

STEPS, SAMPLES = 6, 8
EDGES = ["in c1", "c1 l1", "l1 c2", "c2 l2", "l1 c3", "l2 c3", "c3 l3", "l3 flat", "l2 flat", "flat fc", "fc l4"]
"""Two residual connections: one into a convolution, one through a node that only renames elements."""

SOURCES = {"c1": ["in"], "c2": ["l1"], "c3": ["l1", "l2"], "fc": ["l2", "l3"]}
JOINED = {"c3": "received.c3", "fc": "received.flat"}


class Residual(nn.Module):
    """Convolutions that keep the shape, so that spikes can be added past them, some weights pruned to zero."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.c1, self.c2, self.c3 = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.fc, self.flat = nn.Linear(4 * 36, 5), nn.Flatten()
        self.l1, self.l2, self.l3, self.l4 = (snntorch.Leaky(beta=0.9) for _ in range(4))
        for layer in (self.c1, self.c2, self.c3, self.fc):
            layer.weight.data *= 4
            layer.weight.data[torch.rand_like(layer.weight) < 0.3] = 0
        self.reset()

    def reset(self) -> None:
        self.mem = [lif.reset_mem() for lif in (self.l1, self.l2, self.l3, self.l4)]

    def forward(self, x):
        l1, self.mem[0] = self.l1(self.c1(x), self.mem[0])
        l2, self.mem[1] = self.l2(self.c2(l1), self.mem[1])
        l3, self.mem[2] = self.l3(self.c3(l1 + l2), self.mem[2])
        out, self.mem[3] = self.l4(self.fc(self.flat(l3 + l2)), self.mem[3])
        self.seen = {"in": x, "l1": l1, "l2": l2, "l3": l3, "received.c3": l1 + l2, "received.flat": l3 + l2, "l4": out}
        return out, self.mem[3]


def ours(net: Residual) -> Network:
    weighted = {name: getattr(net, name) for name in ("c1", "c2", "c3", "fc")}
    nodes = [{"id": "in", "type": "input", "shape": [1, 6, 6]}, {"id": "flat", "type": "flatten"}]
    nodes += [{"id": name, "type": "conv2d", "features": 4, "kernel": 3, "padding": 1} for name in ("c1", "c2", "c3")]
    nodes += [{"id": "fc", "type": "linear", "features": 5}, *({"id": f"l{i}", **LIF} for i in range(1, 5))]
    arrays = {name: {key: value.numpy() for key, value in layer.state_dict().items()} for name, layer in weighted.items()}
    document = {"name": "n", "timesteps": STEPS, "nodes": nodes, "edges": [edge.split() for edge in EDGES]}
    return Network.from_document(document, arrays)


def operations(net: Residual, name: str, received: torch.Tensor) -> float:
    """Weights that are not zero which are reached by elements that are not zero, one by one: the same operation of ones."""
    layer, active = getattr(net, name), (received != 0).float()
    exists = (layer.weight != 0).float()
    same = nn.functional.linear(active.flatten(1), exists) if name == "fc" else nn.functional.conv2d(active, exists, padding=1)
    return float(same.sum())


def delivered_one_by_one(net: Residual) -> float:
    """The same for every spike of every source."""
    return sum(operations(net, name, net.seen[source]) for name, sources in SOURCES.items() for source in sources)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_trains_that_meet_count_as_the_harness_adds_them_and_as_a_chip_delivers_them(seed):
    net = Residual(seed)
    data = (torch.rand(SAMPLES, STEPS, 1, 6, 6, generator=torch.Generator().manual_seed(seed)) < 0.4).float()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(data, torch.zeros(SAMPLES)), batch_size=SAMPLES)
    theirs = Benchmark(SNNTorchModel(net), loader, [], [], [[], [SynapticOperations]]).run()["SynapticOperations"]
    counts, delivered, binary = {}, 0.0, 0.0
    net.reset()
    with torch.no_grad():
        for t in range(STEPS):
            net(data[:, t])
            delivered += delivered_one_by_one(net) / SAMPLES
            binary += sum(operations(net, name, net.seen[key]) for name, key in JOINED.items() if net.seen[key].max() < 2) / SAMPLES
            for name, sent in net.seen.items():
                counts[name] = counts.get(name, 0) + (sent != 0).double().mean(dim=0).numpy() / STEPS
    found = summarise(ours(net), Activity(ours(net), elements=counts))
    work = found.work
    assert theirs["Effective_MACs"] > 500, "sums of spikes are values"
    # The harness takes a batch's step in which no sum happens to be 2 for spikes; by what the network is they are values.
    assert work.macs == pytest.approx(theirs["Effective_MACs"] + binary, rel=1e-6)
    assert work.acs == pytest.approx(theirs["Effective_ACs"] - binary, rel=1e-6)
    assert binary < 0.1 * work.macs
    assert found.delivered_synops == pytest.approx(delivered, rel=1e-6)
    assert found.delivered_synops > work.effective_synops


def two_inputs(**fields) -> Network:
    nodes = [{"id": name, "type": "input", "shape": [100], "rate": 0.5} for name in ("a", "b")]
    nodes += [{"id": "fc", "type": "linear", "features": 10, "bias": False}, {"id": "o", **LIF, "rate": 0.0}]
    return Network.from_document({"name": "n", "nodes": nodes, "edges": [["a", "fc"], ["b", "fc"], ["fc", "o"]], **fields})


def test_a_chip_is_charged_for_the_spikes_of_each_source():
    """100 inputs · (0.5 + 0.5) · 10 weights are 1,000 operations, of which 750 are of sums that are not zero."""
    net = two_inputs()
    found = summarise(net)
    assert (found.delivered_synops, found.work.effective_synops, found.work.macs, found.work.acs) == (1000, 750, 750, 0)
    free = {name: 0.0 for name in part("loihi").constants if name.startswith(("e_", "p_serve")) and name != "e_synop"}
    dynamic = [
        Estimator(Workload(net, rates={"a": 0.5, "b": rate}), part("loihi").override({**free, "e_synop": 1e-12})).estimate().dynamic
        for rate in (0.0, 0.5)
    ]
    assert dynamic[1] == pytest.approx(2 * dynamic[0], rel=1e-9)


def test_trains_measured_apart_are_taken_as_independent_where_their_sum_was_not():
    """No element sends in both trains half of the time each: where one of them always sends, so does the sum."""
    always, never = np.ones(100), np.zeros(100)
    halves = np.concatenate([always[:50], never[50:]])
    for b, sums in ((halves, 50), (1 - halves, 100), (0.5 * always, 75)):
        found = summarise(two_inputs(), Activity(two_inputs(), elements={"a": halves, "b": b}))
        assert found.work.effective_synops == pytest.approx(10 * sums)
        assert found.delivered_synops == pytest.approx(10 * 100)
