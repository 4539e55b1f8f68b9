"""A neuron that nobody shipped, from one file: it costs, runs, trains, and its lowering is that of its equations."""

import importlib.util
import textwrap

import pytest
import torch

from costmodel.devices.part import part
from costmodel.estimates.estimating import Estimator, Workload
from costmodel.graphs.lowering.operations import operations
from costmodel.graphs.network import Network
from costmodel.validation.learning.teaching import learner
from costmodel.validation.runs.run import run
from tests.networks import chain, linear

FILE = '''
    """Two membranes, one after the other, with a threshold that its own spikes raise."""

    from costmodel.graphs.equations.neuron import I, Neuron, Param, State


    class Dendrite(Neuron):
        """τ_d dd/dt = −d + I;  τ dv/dt = −v + d;  τ_a da/dt = −a;  spike where v ≥ v_threshold + a, which adds b to a."""

        type = "dendrite"
        d, v, a = State("V"), State("V"), State("V")
        tau_d = Param("s", 0.004, low=0)
        tau = Param("s", 0.008, low=0)
        tau_a = Param("s", 0.05, low=0)
        b = Param("V", 0.1, low=0)
        v_threshold = Param("V", 1.0)
        dynamics = {d: (-d + 10 * I) / tau_d, v: (-v + d) / tau, a: -a / tau_a}
        spike = v - v_threshold - a
        reset = {"subtract": {v: v - v_threshold, a: a + b}, "none": {a: a + b}}
'''


@pytest.fixture
def dendrite(tmp_path):
    """The type of a neuron in a file outside the package."""
    path = tmp_path / "dendrite.py"
    path.write_text(textwrap.dedent(FILE))
    spec = importlib.util.spec_from_file_location("dendrite", path)
    assert spec is not None
    assert spec.loader is not None
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    return "dendrite"


def net(kind: str, rule="bptt") -> Network:
    neurons = {"type": kind, "rate": 0.1}
    document = chain([64], linear(40, bias=False), neurons, linear(10, bias=False), neurons, timesteps=12, benchmark="digits")
    document["nodes"][0] |= {"encoder": "direct", "rate": 0.3}
    document["training"] = {"rule": rule, "epochs": 6, "batch": 32, "learning_rate": 0.005}
    return Network.from_document(document)


def test_it_costs(dendrite):
    """Exact: exponentials become constants before the run; v takes three products, d two, a one, as the flow matrix has."""
    estimate = Estimator(Workload(net(dendrite)), part("cpu-desktop")).estimate()
    assert estimate.feasible
    assert 0 < estimate.latency.low < estimate.latency.value < estimate.latency.high
    counted = operations(net(dendrite))
    assert counted["multiply"] == 12 * 50 * 6, "d: d, I; v: v, d, I; a: a"
    assert counted["exponential"] == counted["divide"] == 0


@pytest.mark.parametrize("rule", ["bptt", "slayer"])
def test_it_trains(dendrite, rule):
    done = run(net(dendrite, rule))
    assert done.evaluation.accuracy > 0.7
    assert done.trainer.epochs_done[-1]["loss"] < done.trainer.epochs_done[0]["loss"]


@pytest.mark.parametrize("seed", range(2))
def test_it_trains_in_spike_times(dendrite, seed):
    """Its dynamics are linear and its membrane continuous: EventProp takes it as it is, and learns which of three inputs of 30
    samples comes first; over seeds, 0.3 ± 0.03 of the loss is left."""
    initial = {"initial": {"mean": 0.5, "deviation": 0.3}}
    hidden, out = linear(20, bias=False, **initial), linear(3, bias=False, **initial)
    document = chain([6], hidden, {"type": dendrite}, out, {"type": dendrite, "reset": "none"}, timesteps=40)
    document["nodes"][0]["encoder"] = {"type": "latency", "at_one": "1 ms", "at_zero": "15 ms"}
    network = Network.from_document({**document, "readout": {"type": "first-spike", "softness": "1 ms"}})
    taught, dice = learner(network, "eventprop", seed), torch.Generator().manual_seed(seed)
    values = torch.rand(1, 30, 6, generator=dice)
    targets = values[0, :, :3].argmax(dim=1)
    optimizer, losses = torch.optim.Adam(taught.parameters(), lr=0.005), []  # faster, neurons fall silent
    for _ in range(80):
        scores = taught(taught.encode(values, dice)).scores()
        losses.append(torch.nn.functional.cross_entropy(scores, targets))
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < losses[0] / 2


def test_its_kernel_is_its_twin(dendrite):
    from costmodel.graphs.neurons import neuron
    from costmodel.validation.neurons.layer import NeuronLayer

    results = []
    for backend in ("fused", "torch"):
        layer = NeuronLayer(neuron(dendrite), {}, 1e-3, backend=backend, trained=frozenset({"tau", "b"}))
        x = torch.rand(30, 2, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
        sent, _ = layer.double()(x)
        (sent * torch.arange(5)).sum().backward()
        results.append((sent.detach(), x.grad, layer.parametrizations.tau.original.grad, layer.parametrizations.b.original.grad))
    assert results[0][0].any()
    for one, other in zip(*results, strict=True):
        assert torch.allclose(one, other, rtol=1e-9, atol=1e-12)
