"""Throughput of the generated neuron kernels: 784-128-10 LIF, against snnTorch and against the bare matrix products, in one run.

``make performance`` prints the table; docs/performance.md has what was measured. Nothing here asserts a time.
"""

import math

import pytest
import snntorch
import torch
from torch import nn

from graphs.neurons import neuron
from validation.neurons.layer import NeuronLayer

DECAY = {"tau": -1e-3 / math.log(0.9), "r": 10.0}


class Generated(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(784, 128), nn.Linear(128, 10)
        self.lif1, self.lif2 = (NeuronLayer(neuron("lif"), DECAY, 1e-3) for _ in range(2))

    def forward(self, inputs):
        hidden, _ = self.lif1(self.fc1(inputs))
        return self.lif2(self.fc2(hidden))[0]


class SnnTorch(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(784, 128), nn.Linear(128, 10)
        self.lif1, self.lif2 = snntorch.Leaky(beta=0.9), snntorch.Leaky(beta=0.9)

    def forward(self, inputs):
        first, second, out = self.lif1.init_leaky(), self.lif2.init_leaky(), []
        for current in inputs:
            spikes, first = self.lif1(self.fc1(current), first)
            spikes, second = self.lif2(self.fc2(spikes), second)
            out.append(spikes)
        return torch.stack(out)


class Products(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(784, 128), nn.Linear(128, 10)

    def forward(self, inputs):
        return self.fc2(self.fc1(inputs))


@pytest.mark.parametrize("steps", [25, 100])
@pytest.mark.parametrize("way", ["forward", "forward and backward"])
@pytest.mark.parametrize("model", [Generated, SnnTorch, Products])
def test_throughput(benchmark, model, way, steps):
    torch.manual_seed(0)
    torch.set_num_threads(2)
    net, inputs = model(), torch.rand(steps, 128, 784)
    benchmark.group = f"784-128-10, T = {steps}, batch 128, {way}"

    def forward():
        with torch.no_grad():
            net(inputs)

    def both():
        net.zero_grad()
        net(inputs).sum().backward()

    benchmark.pedantic(forward if way == "forward" else both, rounds=15, warmup_rounds=3)
