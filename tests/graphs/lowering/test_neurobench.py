"""Effective operations from measured spikes, against NeuroBench's own harness on the same snnTorch network and samples."""

import numpy as np
import pytest
import snntorch
import torch
from neurobench.benchmarks import Benchmark
from neurobench.metrics.static import ParameterCount
from neurobench.metrics.workload import SynapticOperations
from neurobench.models import SNNTorchModel
from torch import nn

from costmodel.graphs.lowering.activity import Activity
from costmodel.graphs.lowering.summary import summarise
from costmodel.graphs.network import Network

STEPS, SAMPLES = 6, 5


class Net(nn.Module):
    """Convolutions with padding and stride, so that border taps matter, and some weights pruned to zero."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.conv1 = nn.Conv2d(2, 4, 3, padding=1)
        self.lif1 = snntorch.Leaky(beta=0.9)
        self.pool = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(4, 6, 3, stride=2, padding=1)
        self.lif2 = snntorch.Leaky(beta=0.9)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(6 * 3 * 3, 5)
        self.lif3 = snntorch.Leaky(beta=0.9)
        for layer in (self.conv1, self.conv2, self.fc):
            layer.weight.data *= 4
            layer.weight.data[torch.rand_like(layer.weight) < 0.3] = 0
        self.reset()

    def reset(self):
        self.mem = [lif.reset_mem() for lif in (self.lif1, self.lif2, self.lif3)]

    def forward(self, x):
        self.seen = {"in": x}
        s1, self.mem[0] = self.lif1(self.conv1(x), self.mem[0])
        pooled = self.pool(s1)
        s2, self.mem[1] = self.lif2(self.conv2(pooled), self.mem[1])
        s3, self.mem[2] = self.lif3(self.fc(self.flatten(s2)), self.mem[2])
        self.seen |= {"lif1": s1, "pool": pooled, "lif2": s2, "lif3": s3}
        return s3, self.mem[2]


def ours(net: Net, data: torch.Tensor, encoder: str):
    """The same network as a network file, its spikes counted element by element over the same samples."""
    lif = {"type": "lif", "tau": "10 ms"}
    nodes = [
        {"id": "in", "type": "input", "shape": [2, 10, 10], "encoder": {"type": encoder}},
        {"id": "conv1", "type": "conv2d", "features": 4, "kernel": 3, "padding": 1},
        {"id": "lif1", **lif},
        {"id": "pool", "type": "maxpool2d", "kernel": 2},
        {"id": "conv2", "type": "conv2d", "features": 6, "kernel": 3, "stride": 2, "padding": 1},
        {"id": "lif2", **lif},
        {"id": "flatten", "type": "flatten"},
        {"id": "fc", "type": "linear", "features": 5},
        {"id": "lif3", **lif},
    ]
    arrays = {
        name: {key: array.numpy() for key, array in layer.state_dict().items()}
        for name, layer in (("conv1", net.conv1), ("conv2", net.conv2), ("fc", net.fc))
    }
    network = Network.from_document({"name": "n", "timesteps": STEPS, "nodes": nodes}, arrays)
    counts: dict[str, np.ndarray] = {}
    net.reset()
    with torch.no_grad():
        for t in range(STEPS):
            net(data[:, t])
            for name, spikes in net.seen.items():
                active = (spikes != 0).double().mean(dim=0).numpy() / STEPS
                counts[name] = counts.get(name, 0) + active
    return summarise(network, Activity(network, elements=counts))


@pytest.mark.parametrize("encoder", ["events", "direct"])
def test_synaptic_operations_and_parameters_equal_the_harness(encoder):
    torch.manual_seed(2)
    data = (torch.rand(SAMPLES, STEPS, 2, 10, 10) < 0.3).float()
    if encoder == "direct":
        data = data * torch.rand_like(data)
    net = Net()
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(data, torch.zeros(SAMPLES)), batch_size=SAMPLES)
    harness = Benchmark(SNNTorchModel(net), loader, [], [], [[ParameterCount], [SynapticOperations]])
    theirs = harness.run()
    mine = ours(net, data, encoder)
    assert theirs["SynapticOperations"]["Effective_ACs"] > 1000
    assert mine.work.acs == pytest.approx(theirs["SynapticOperations"]["Effective_ACs"], rel=1e-6)
    assert mine.work.macs == pytest.approx(theirs["SynapticOperations"]["Effective_MACs"], rel=1e-6)
    assert mine.work.dense_synops == theirs["SynapticOperations"]["Dense"]
    assert mine.parameters == theirs["ParameterCount"]
